//! Signals: the first ends the run in order, the second ends the process.

use std::sync::{Arc, OnceLock};

use super::say;
use crate::pipeline::Stop;

/// A request from outside to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// A polite kill.
    Terminate,
    /// The terminal is gone.
    HangUp,
}

impl Signal {
    /// 128 and the signal's number, as shells have it.
    pub(super) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::HangUp => 129,
        }
    }
}

/// Watches for signals; gives the place where the first one is told.
pub(super) fn watch(stop: Stop, drain: bool) -> Arc<OnceLock<Signal>> {
    let first = Arc::new(OnceLock::new());
    let told = Arc::clone(&first);
    tokio::spawn(async move {
        let signal = next().await;
        let _ = told.set(signal);
        let uploads = if drain {
            "uploads under way finish"
        } else {
            "uploads under way are broken off"
        };
        say(&format!(
            "stopping: nothing new starts, {uploads}; once more to leave at once"
        ));
        stop.interrupt(drain);
        leave(next().await);
    });
    first
}

/// Everything that matters is on disk already: the ledger is written before each step.
#[expect(clippy::exit, reason = "the second signal asks for just this")]
fn leave(signal: Signal) {
    say(super::exit::GO_ON);
    std::process::exit(i32::from(signal.exit_code()));
}

/// Waits for the next signal.
#[cfg(unix)]
pub(super) async fn next() -> Signal {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hang_up)] = kinds.map(signal) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => Signal::Interrupt,
        _ = terminate.recv() => Signal::Terminate,
        _ = hang_up.recv() => Signal::HangUp,
    }
}

/// Waits for the next signal.
#[cfg(not(unix))]
pub(super) async fn next() -> Signal {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Signal::Interrupt,
        Err(_) => std::future::pending().await,
    }
}
