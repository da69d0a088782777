//! What went wrong with a call, by what happens next.
//!
//! Faults are data: they are cloned, compared, counted by kind and written down. Their texts name the
//! root cause, and no error is kept behind them: one of the HTTP client would bring its URL along.

use std::time::Duration;

/// A trouble that concerns the account, not the file: the run stops (exit 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountFault {
    /// 401 / `0401`: the key is not known.
    #[error("the service does not know this API key (401)")]
    BadKey,
    /// 402 / `0402`: nothing left to pay with.
    #[error("the account is out of credits (402)")]
    OutOfCredits,
    /// 403 / `0403`: the account is disabled.
    #[error("the account is disabled (403)")]
    Disabled,
    /// `9009`: the key may not do this.
    #[error("the API key lacks permission (9009)")]
    NoPermission,
}

/// Why a call failed. The doc of each kind says what happens next. Texts are escaped, at most 300
/// characters, and hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too fast. All callers of the endpoint are held back; not an attempt.
    #[error("Request has exceeded the limit.")]
    Throttled {
        /// What `Retry-After` asked for, capped at 300 s.
        retry_after: Option<Duration>,
        /// HTTP 400 with the limit text, which some validation errors share: bounded. A rate-limited
        /// service says so only of calls that had left at the lowest rate.
        ambiguous: bool,
    },
    /// The run stops.
    #[error(transparent)]
    Account(#[from] AccountFault),
    /// 409 / `0409`: a few tries with gaps, then the row fails.
    #[error("{0}")]
    Conflict(String),
    /// 415: the row fails at once.
    #[error("{0}")]
    UnsupportedMedia(String),
    /// Another 400, `0001`, `0003`, 413 …: the row fails at once. HTTP status and text.
    #[error("{1}")]
    Rejected(u16, String),
    /// A code this program does not know: the row fails at once. Code and text.
    #[error("{1}")]
    Api(String, String),
    /// 404 where no asset is named: no MAVI API lives there. Retried when the API was met before.
    #[error("{0}")]
    NotFound(String),
    /// 5xx, in whatever shape: retried.
    #[error("the service failed ({0}): {1}")]
    Server(u16, String),
    /// A redirect, never followed. The host it points to.
    #[error("redirected to {0}, which is not followed")]
    Redirect(String),
    /// An answer that is not what the documentation promises: retried a little.
    #[error("{0}")]
    Protocol(String),
    /// The answer was not JSON (a captive portal, for one): retried a little. The content type.
    #[error("the service's answer is not JSON ({0})")]
    NotJson(String),
    /// No connection: nothing was sent. Retried. Names the host and the cause.
    #[error("{0}")]
    Connect(String),
    /// No connection, because a proxy cannot be reached, lets no one through or does not connect to
    /// the API: nothing was sent. The service counts as down; not an attempt. Names the proxy's host
    /// and the cause.
    #[error("{0}")]
    Proxy(String),
    /// No connection, because this machine has no more open files: nothing was sent. Tried again with
    /// fewer uploads at once; not an attempt.
    #[error("{0}")]
    Descriptors(String),
    /// The certificate cannot be trusted: the run stops. Names the host and the cause.
    #[error("{0}")]
    Tls(String),
    /// The connection broke after the request may have been received: retried; for an upload, the
    /// asset is asked about first.
    #[error("{0}")]
    Broken(String),
    /// No answer in time: as [`Fault::Broken`].
    #[error("{0}")]
    Timeout(String),
    /// The signed URL points to where no file may be sent: the row fails. Why.
    #[error("{0}")]
    InsecureUrl(String),
    /// The run is stopping; the call was not made.
    #[error("the run is stopping")]
    Cancelled,
    /// The service is down and this upload was to find out whether it is up again: not an attempt. Why.
    #[error("{0}")]
    Probe(String),
    /// The service has been down for too long: the run stops. What it said last.
    #[error("{0}")]
    Away(String),
    /// What was configured cannot be right: the run stops before anything was sent. What to check.
    #[error("{0}")]
    Setup(String),
}

impl Fault {
    /// Whether the service may have done what was asked although no answer says so.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::Timeout(_) | Self::Conflict(_))
    }

    /// Whether the service answered: a call that was lost says nothing of its limits.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        !matches!(
            self,
            Self::Connect(_)
                | Self::Proxy(_)
                | Self::Descriptors(_)
                | Self::Tls(_)
                | Self::Broken(_)
                | Self::Timeout(_)
                | Self::Cancelled
        )
    }

    /// Whether it may be a limit, or a refusal for good.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(
            self,
            Self::Throttled {
                ambiguous: true,
                ..
            }
        )
    }
}

/// How an upload failed. What was accepted of the body is read from its progress.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// Storage (or, for a direct upload, the API) refused or broke off, see [`Fault`].
    #[error(transparent)]
    Refused(#[from] Fault),
    /// 403, or 400 whose text speaks of expiry.
    #[error("{text}")]
    Denied {
        /// The text says that the URL expired.
        expired: bool,
        /// Storage's words, escaped.
        text: String,
    },
    /// 409 or 412: storage says that it has an object by this name already.
    #[error("{0}")]
    Exists(String),
    /// Storage answered 2xx before the whole body had been sent.
    #[error("storage answered before it had been given the whole file")]
    Early,
    /// Our side broke the body off; the reason is in its progress.
    #[error("the upload was broken off")]
    Aborted,
}

#[cfg(test)]
mod tests;
