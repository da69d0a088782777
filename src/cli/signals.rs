//! Signals: the first ends the run in order, the second ends the process. What a run does to stop is
//! not decided here.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use crate::cli::exit::{self, CommandError, GO_ON, Signal};
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

    /// Watches for signals. `stopping` is what becomes of the work under way, and `show` shows it.
    pub(crate) fn watch(
        mut self,
        shutdown: Shutdown,
        drain: bool,
        stopping: &'static str,
        show: impl FnOnce(String) + Send + 'static,
    ) -> FirstSignal {
        let first = FirstSignal(Arc::default());
        let stored = Arc::clone(&first.0);
        tokio::spawn(async move {
            let signal = self.next().await;
            let _ = stored.set(signal);
            // Before the message: a stopped terminal must not hold the stop up.
            shutdown.interrupt(drain);
            show(format!(
                "stopping: {stopping}; press Ctrl-C again to quit now"
            ));
            quit(self.next().await);
        });
        first
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn no_signals(error: std::io::Error) -> CommandError {
    CommandError::Local(format!("cannot listen for signals: {error}"))
}

/// The first signal, once it has come.
#[derive(Debug, Clone)]
pub(crate) struct FirstSignal(Arc<OnceLock<Signal>>);

impl FirstSignal {
    pub(crate) fn get(&self) -> Option<Signal> {
        self.0.get().copied()
    }

    /// The code of a command that a signal or a no ended before it began.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.get().map_or(exit::DONE, Signal::exit_code))
    }
}

/// Watches for signals while a command without a display runs. `stopping` is what becomes of its work.
pub(crate) fn watch(
    shutdown: &Shutdown,
    stopping: &'static str,
) -> Result<FirstSignal, CommandError> {
    let show = |line: String| say(&line);
    Ok(Signals::subscribe()?.watch(shutdown.clone(), false, stopping, show))
}

/// Everything that matters is on disk already: the ledger is written before each step.
#[expect(clippy::exit, reason = "the second signal asks for just this")]
fn quit(signal: Signal) {
    say(GO_ON);
    std::process::exit(i32::from(signal.exit_code()));
}
