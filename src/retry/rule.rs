//! The one table that says what a fault leads to. Counts no attempts; see [`super::Tries`].

use std::time::Duration;

use crate::api::Fault;
use crate::model::{ErrorCode, RowFailure};
use crate::shutdown::StopCause;

/// How often one call, or one file, may meet the limit text that some validation errors share, at
/// the lowest rate, before it counts as a refusal.
pub(crate) const AMBIGUOUS_TRIES: u32 = 8;

/// What follows a fault: so many attempts in all, at least so far apart, and then an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RetryRule {
    /// Attempts in all under the default policy; 1 means no retry.
    pub(crate) tries: u32,
    /// The shortest pause between two attempts, at a retry delay of 1 s.
    pub(crate) gap: Duration,
    /// What happens when the attempts are used up.
    pub(crate) then: OnExhausted,
}

impl RetryRule {
    /// Whether another attempt may meet with success: the fault may pass by itself.
    pub(crate) fn is_passing(&self) -> bool {
        self.tries > 1
    }
}

/// The end of a row or of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OnExhausted {
    /// The row ends as failed and the run goes on.
    FailRow(RowFailure),
    /// The run stops.
    StopRun(StopCause),
}

/// Looks a fault up in the table.
pub(crate) fn rule(fault: &Fault) -> RetryRule {
    let ending = |tries, then| RetryRule {
        tries,
        gap: Duration::ZERO,
        then,
    };
    let row = |tries, code| {
        let failure = RowFailure::new(code, fault.to_string());
        ending(tries, OnExhausted::FailRow(failure))
    };
    let stop = |tries, cause| ending(tries, OnExhausted::StopRun(cause));
    match fault {
        Fault::Server(..) | Fault::NotFound(_) => row(8, ErrorCode::ServerError),
        Fault::Connect(_)
        | Fault::Proxy(_)
        | Fault::Descriptors(_)
        | Fault::Broken(_)
        | Fault::Timeout(_)
        | Fault::Probe(_) => row(8, ErrorCode::Network),
        Fault::Conflict(_) => RetryRule {
            gap: Duration::from_secs(2),
            ..row(3, ErrorCode::Conflict)
        },
        Fault::Protocol(_) => row(3, ErrorCode::Protocol),
        Fault::Redirect(_) => row(3, ErrorCode::Redirect),
        Fault::UnsupportedMedia(_) => row(1, ErrorCode::UnsupportedMedia),
        Fault::Rejected(..) | Fault::Throttled { .. } => row(1, ErrorCode::BadRequest),
        Fault::Api(code, _) => row(1, ErrorCode::Api(code.clone())),
        Fault::InsecureUrl(_) => row(1, ErrorCode::InsecureUrl),
        Fault::Account(account) => stop(1, StopCause::Account(*account)),
        Fault::NotJson(_) => stop(3, StopCause::Outage(fault.to_string())),
        Fault::Tls(_) | Fault::Away(_) | Fault::Cancelled => {
            stop(1, StopCause::Outage(fault.to_string()))
        }
        Fault::Setup(_) => stop(1, StopCause::Setup(fault.to_string())),
    }
}
