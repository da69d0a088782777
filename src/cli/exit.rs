//! Exit codes, and the one place that chooses them. What led to them is decided elsewhere.

use std::fmt;
use std::io::ErrorKind;
use std::process::ExitCode;

use crate::cli::output::say;
use mavi_upload::ledger::LedgerError;
use mavi_upload::orphans::{Cleaned, CleanupError};
use mavi_upload::plan::PlanError;
use mavi_upload::report::ReportError;
use mavi_upload::run::{RunError, Summary};
use mavi_upload::shutdown::StopCause;
use mavi_upload::verify::Verified;

/// Every row ended well.
pub(crate) const DONE: u8 = 0;
/// Finished; some rows failed or are pending.
pub(crate) const ROWS_FAILED: u8 = 1;
/// Usage, configuration or manifest error, found before anything was sent.
pub(crate) const USAGE: u8 = 2;
/// Stopped by the account.
pub(crate) const ACCOUNT: u8 = 3;
/// Stopped by an outage.
pub(crate) const OUTAGE: u8 = 4;
/// A local problem: disk, ledger, report.
pub(crate) const LOCAL: u8 = 5;

/// How to continue, in the same words everywhere.
pub(crate) const GO_ON: &str = "run the same command again to go on";

/// A request from outside to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// A polite kill.
    Terminate,
    /// The terminal is gone.
    HangUp,
}

impl Signal {
    /// 128 and the signal's number, as shells have it.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::HangUp => 129,
        }
    }
}

/// Why a command has no result.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// What was typed or configured; nothing was sent.
    Usage(String),
    /// This machine.
    Local(String),
    /// The run could not start or continue.
    Run(RunError),
}

impl From<CleanupError> for CommandError {
    fn from(error: CleanupError) -> Self {
        match error {
            CleanupError::Ledger(error) => Self::Run(error.into()),
            CleanupError::NotOurs { .. } => Self::Usage(error.to_string()),
        }
    }
}

impl From<PlanError> for CommandError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Ledger(error) => Self::Run(error.into()),
            PlanError::Table(_) => Self::Local(error.to_string()),
        }
    }
}

impl From<RunError> for CommandError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

/// Reports why there is no result, and returns the code for it.
pub(crate) fn report_error(error: &CommandError) -> ExitCode {
    let (code, text) = match error {
        CommandError::Usage(text) => (USAGE, text.clone()),
        CommandError::Local(text) => (LOCAL, text.clone()),
        CommandError::Run(error) => (run_error(error), error.to_string()),
    };
    say(&format!("error: {text}"));
    if code == LOCAL {
        say(GO_ON);
    }
    ExitCode::from(code)
}

/// Reports what stopped a command that came to an end with this code, and how to continue.
pub(crate) fn report_stop(cause: Option<impl fmt::Display>, code: u8) {
    if let Some(cause) = cause {
        say(&format!("stopped: {cause}"));
    }
    if code >= ACCOUNT {
        say(GO_ON);
    }
}

fn run_error(error: &RunError) -> u8 {
    match error {
        RunError::Ledger(error) | RunError::Report(ReportError::Ledger(error)) => {
            ledger_error(error)
        }
        RunError::Report(ReportError::Io {
            kind: ErrorKind::StorageFull,
            ..
        })
        | RunError::Record(_) => LOCAL,
        RunError::Http(_) | RunError::Report(_) => USAGE,
    }
}

fn ledger_error(error: &LedgerError) -> u8 {
    if error.is_setup() { USAGE } else { LOCAL }
}

/// The code of a clean-up that came to an end.
pub(crate) fn cleanup_code(cleaned: &Cleaned, signal: Option<Signal>) -> u8 {
    let signal = signal.filter(|_| cleaned.interrupted);
    end_code(cleaned.cause.as_ref(), signal, cleaned.failed == 0)
}

/// The code of a check that came to an end.
pub(crate) fn verify_code(verified: &Verified, signal: Option<Signal>) -> u8 {
    let signal = signal.filter(|_| verified.interrupted);
    end_code(verified.cause.as_ref(), signal, verified.counts.is_well())
}

/// The code of a run that came to an end.
pub(crate) fn code(summary: &Summary, signal: Option<Signal>) -> u8 {
    let signal = signal.filter(|_| summary.interrupted);
    let is_well = summary.counts.success == summary.counts.rows();
    end_code(summary.cause.as_ref(), signal, is_well)
}

fn end_code(cause: Option<&StopCause>, signal: Option<Signal>, is_well: bool) -> u8 {
    match (cause, signal) {
        (Some(cause), _) => cause_code(cause),
        (None, Some(signal)) => signal.exit_code(),
        (None, None) if is_well => DONE,
        (None, None) => ROWS_FAILED,
    }
}

/// The code of what made a run stop.
pub(crate) fn cause_code(cause: &StopCause) -> u8 {
    match cause {
        StopCause::Account(_) => ACCOUNT,
        StopCause::Outage(_) => OUTAGE,
        StopCause::Setup(_) => USAGE,
        StopCause::Local(_) => LOCAL,
    }
}
