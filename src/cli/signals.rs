//! Signals: the first ends the run in order, the second ends the process. A signal that was ignored
//! when the process began (`nohup`, a background job of a script) stays ignored, where the system
//! says so (Linux). What a run does to stop is not decided here.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use crate::cli::exit::{self, CommandError, GO_ON, Signal};
use crate::cli::output::say;
use mavi_upload::shutdown::Shutdown;

/// Signals on their way to this process, none of them lost from the moment this is made.
#[derive(Debug)]
pub(crate) struct Signals {
    /// Each kind is `None` where it stays ignored.
    #[cfg(unix)]
    interrupt: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    hang_up: Option<tokio::signal::unix::Signal>,
    #[cfg(windows)]
    ctrl_c: tokio::signal::windows::CtrlC,
}

impl Signals {
    /// Subscribes to all of them once: what comes between two subscriptions would be lost.
    #[cfg(unix)]
    pub(crate) fn subscribe() -> Result<Self, CommandError> {
        use tokio::signal::unix::{SignalKind, signal};
        // Before the first subscription: each one replaces what the process began with.
        let ignored = ignored_at_start();
        let subscribe = |kind| signal(kind).map_err(no_signals);
        let unless_ignored = |kind: SignalKind| {
            let is_ignored = ignored & mask(kind.as_raw_value()) != 0;
            (!is_ignored).then(|| subscribe(kind)).transpose()
        };
        // With a listener, a write beyond `ulimit -f` fails and no longer ends the process.
        let too_large = rustix::process::Signal::XFSZ.as_raw();
        drop(subscribe(SignalKind::from_raw(too_large))?);
        Ok(Self {
            interrupt: unless_ignored(SignalKind::interrupt())?,
            terminate: unless_ignored(SignalKind::terminate())?,
            hang_up: unless_ignored(SignalKind::hangup())?,
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
            () = received(&mut self.interrupt) => Signal::Interrupt,
            () = received(&mut self.terminate) => Signal::Terminate,
            () = received(&mut self.hang_up) => Signal::HangUp,
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

/// Waits for a signal of one kind; for ever, where that stays ignored.
#[cfg(unix)]
async fn received(kind: &mut Option<tokio::signal::unix::Signal>) {
    if let Some(signals) = kind
        && signals.recv().await.is_some()
    {
        return;
    }
    std::future::pending::<()>().await;
}

/// The signals that the process ignores, as a mask. Only Linux says so without a call that is unsafe.
#[cfg(unix)]
fn ignored_at_start() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored_in(&status)
}

/// The mask of ignored signals in the text of `/proc/self/status`; 0 where it is not there.
#[cfg(unix)]
fn ignored_in(status: &str) -> u64 {
    let digits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    digits.map_or(0, |digits| {
        u64::from_str_radix(digits.trim(), 16).unwrap_or(0)
    })
}

/// A signal's bit in such a mask.
#[cfg(unix)]
fn mask(signal: i32) -> u64 {
    let bit = u32::try_from(signal - 1).ok();
    bit.and_then(|bit| 1_u64.checked_shl(bit)).unwrap_or(0)
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

#[cfg(all(test, unix))]
mod tests;
