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
    let row = |tries, code, text: &str| RetryRule {
        tries,
        gap: Duration::ZERO,
        then: OnExhausted::FailRow(RowFailure::new(code, text)),
    };
    let stop = |tries, cause| RetryRule {
        tries,
        gap: Duration::ZERO,
        then: OnExhausted::StopRun(cause),
    };
    match fault {
        Fault::Server(status, text) => row(
            8,
            ErrorCode::ServerError,
            &format!("the service failed ({status}): {text}"),
        ),
        Fault::NotFound(text) => row(8, ErrorCode::ServerError, text),
        Fault::Connect(text)
        | Fault::Proxy(text)
        | Fault::Descriptors(text)
        | Fault::Broken(text)
        | Fault::Timeout(text)
        | Fault::Probe(text) => row(8, ErrorCode::Network, text),
        Fault::Conflict(text) => RetryRule {
            gap: Duration::from_secs(2),
            ..row(3, ErrorCode::Conflict, text)
        },
        Fault::Protocol(text) => row(3, ErrorCode::Protocol, text),
        Fault::Redirect(host) => row(
            3,
            ErrorCode::Redirect,
            &format!("redirected to {host}, which is not followed"),
        ),
        Fault::UnsupportedMedia(text) => row(1, ErrorCode::UnsupportedMedia, text),
        Fault::Rejected(_, text) => row(1, ErrorCode::BadRequest, text),
        Fault::Api(code, text) => row(1, ErrorCode::Api(code.clone()), text),
        Fault::InsecureUrl(text) => row(1, ErrorCode::InsecureUrl, text),
        Fault::Throttled { .. } => row(1, ErrorCode::BadRequest, "Request has exceeded the limit."),
        Fault::Account(account) => stop(1, StopCause::Account(*account)),
        Fault::NotJson(what) => stop(
            3,
            StopCause::Outage(format!("the service's answer is not JSON ({what})")),
        ),
        Fault::Tls(text) | Fault::Away(text) => stop(1, StopCause::Outage(text.clone())),
        Fault::Setup(text) => stop(1, StopCause::Setup(text.clone())),
        Fault::Cancelled => stop(1, StopCause::Outage("the run is stopping".to_owned())),
    }
}
