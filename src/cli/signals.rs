//! Signals: the first ends the run in order, the second ends the process.

use std::sync::{Arc, OnceLock};

use crate::cli::exit::{CommandError, GO_ON, Signal};
use crate::cli::output::say;
use mavi_upload::shutdown::Shutdown;

/// Signals on their way to this process, none of them lost from the moment this is made.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
    #[cfg(windows)]
    ctrl_c: tokio::signal::windows::CtrlC,
}

impl Signals {
    /// Subscribes to all of them once: what comes between two subscriptions would be lost.
    #[cfg(unix)]
    pub(crate) fn subscribe() -> Result<Self, CommandError> {
        use tokio::signal::unix::{SignalKind, signal};
        let subscribe = |kind| signal(kind).map_err(no_signals);
        // With a listener, a write beyond `ulimit -f` fails and no longer ends the process.
        let too_large = rustix::process::Signal::XFSZ.as_raw();
        drop(subscribe(SignalKind::from_raw(too_large))?);
        Ok(Self {
            interrupt: subscribe(SignalKind::interrupt())?,
            terminate: subscribe(SignalKind::terminate())?,
            hang_up: subscribe(SignalKind::hangup())?,
        })
    }

    /// Subscribes once: what comes between two subscriptions would be lost.
    #[cfg(windows)]
    pub(crate) fn subscribe() -> Result<Self, CommandError> {
        let ctrl_c = tokio::signal::windows::ctrl_c().map_err(no_signals)?;
        Ok(Self { ctrl_c })
    }

    /// Waits for the next signal.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            Some(()) = self.interrupt.recv() => Signal::Interrupt,
            Some(()) = self.terminate.recv() => Signal::Terminate,
            Some(()) = self.hang_up.recv() => Signal::HangUp,
            else => std::future::pending().await,
        }
    }

    /// Waits for the next signal.
    #[cfg(windows)]
    pub(crate) async fn next(&mut self) -> Signal {
        match self.ctrl_c.recv().await {
            Some(()) => Signal::Interrupt,
            None => std::future::pending().await,
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn no_signals(error: std::io::Error) -> CommandError {
    CommandError::Local(format!("signals cannot be listened to: {error}"))
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
