//! Signals: the first ends the run in order, the second ends the process.

use std::sync::{Arc, OnceLock};

use crate::cli::exit::{Failure, GO_ON, Signal};
use crate::cli::output::say;
use mavi_upload::shutdown::Shutdown;

/// Signals on their way to this process, none of them lost from the moment this is made.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Subscribes to all of them, once: what comes between two subscriptions would be lost.
    pub(crate) fn subscribe() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let subscribe = |kind| signal(kind).map_err(not_heard);
        // Once somebody listens, a write beyond `ulimit -f` fails and no longer ends the process.
        let too_large = rustix::process::Signal::XFSZ.as_raw();
        drop(subscribe(SignalKind::from_raw(too_large))?);
        Ok(Self {
            interrupt: subscribe(SignalKind::interrupt())?,
            terminate: subscribe(SignalKind::terminate())?,
            hang_up: subscribe(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            Some(()) = self.interrupt.recv() => Signal::Interrupt,
            Some(()) = self.terminate.recv() => Signal::Terminate,
            Some(()) = self.hang_up.recv() => Signal::HangUp,
            else => std::future::pending().await,
        }
    }
}

/// Signals on their way to this process, none of them lost from the moment this is made.
#[cfg(windows)]
#[derive(Debug)]
pub(crate) struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    /// Subscribes, once: what comes between two subscriptions would be lost.
    pub(crate) fn subscribe() -> Result<Self, Failure> {
        tokio::signal::windows::ctrl_c()
            .map(Self)
            .map_err(not_heard)
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) -> Signal {
        match self.0.recv().await {
            Some(()) => Signal::Interrupt,
            None => std::future::pending().await,
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn not_heard(error: std::io::Error) -> Failure {
    Failure::Local(format!("signals cannot be listened to: {error}"))
}

/// Watches for signals; gives the place where the first one is told. `stopping` says what becomes of
/// the work under way, and `tell` says so to the person.
pub(crate) fn watch(
    mut signals: Signals,
    shutdown: Shutdown,
    drain: bool,
    stopping: &'static str,
    tell: impl FnOnce(String) + Send + 'static,
) -> Arc<OnceLock<Signal>> {
    let first = Arc::new(OnceLock::new());
    let told = Arc::clone(&first);
    tokio::spawn(async move {
        let signal = signals.next().await;
        let _ = told.set(signal);
        // Before the words: a terminal that is stopped must not hold the stop up.
        shutdown.interrupt(drain);
        tell(format!("stopping: {stopping}; once more to leave at once"));
        leave(signals.next().await);
    });
    first
}

/// Everything that matters is on disk already: the ledger is written before each step.
#[expect(clippy::exit, reason = "the second signal asks for just this")]
fn leave(signal: Signal) {
    say(GO_ON);
    std::process::exit(i32::from(signal.exit_code()));
}
