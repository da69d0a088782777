//! What went wrong with a call, by what happens next.

use std::time::Duration;

/// A trouble that concerns the account, not the file: the run stops (exit 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountFault {
    /// 401 / `0401`: the key is not known.
    BadKey,
    /// 402 / `0402`: nothing left to pay with.
    OutOfCredits,
    /// 403 / `0403`: the account is disabled.
    Disabled,
    /// `9009`: the key may not do this.
    NoPermission,
}

/// Why a call did not give what it was asked for. The doc of each kind says what happens next.
/// Texts are escaped, at most 300 characters, and hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Too fast. The endpoint is held for everybody; not an attempt.
    Throttled {
        /// What `Retry-After` asked for, capped at 300 s.
        retry_after: Option<Duration>,
        /// HTTP 400 with the limit text, which some validation errors share: bounded. From a paced
        /// service it says so only where the call had left at the lowest rate.
        ambiguous: bool,
    },
    /// The run stops.
    Account(AccountFault),
    /// 409 / `0409`: a few tries with gaps, then the row fails.
    Conflict(String),
    /// 415: the row fails at once.
    UnsupportedMedia(String),
    /// Another 400, `0001`, `0003`, 413 …: the row fails at once. HTTP status and text.
    Rejected(u16, String),
    /// A code this program does not know: the row fails at once. Code and text.
    Api(String, String),
    /// 404 where no asset is named: no MAVI API lives there. Retried when the API was met before.
    NotFound(String),
    /// 5xx, in whatever shape: retried.
    Server(u16, String),
    /// A redirect, never followed. The host it points to.
    Redirect(String),
    /// An answer that is not what the documentation promises: retried a little.
    Protocol(String),
    /// The answer was not JSON (a captive portal, for one): retried a little. The content type.
    NotJson(String),
    /// No connection: nothing was sent. Retried. Says the host and why.
    Connect(String),
    /// No connection, because a proxy cannot be reached, lets nobody through or does not connect to
    /// the API: nothing was sent. The service counts as away; not an attempt. Says the proxy's host and
    /// why.
    Proxy(String),
    /// No connection, because this machine has no more open files to give: nothing was sent. Tried
    /// again with fewer uploads at once; not an attempt.
    Descriptors(String),
    /// The certificate cannot be trusted: the run stops. Says the host and why.
    Tls(String),
    /// The connection broke after the request may have been received: retried; an upload is looked
    /// at first.
    Broken(String),
    /// No answer in time: as [`Fault::Broken`].
    Timeout(String),
    /// The signed URL points to where no file may be sent: the row fails. Why.
    InsecureUrl(String),
    /// The run is stopping; the call was not made.
    Cancelled,
    /// The service is away and this upload was to find out whether it is back: not an attempt. Why.
    Probe(String),
    /// The service has been away for too long: the run stops. What it said last.
    Away(String),
    /// What was configured cannot be right: the run stops before anything was sent. What to check.
    Setup(String),
}

impl Fault {
    /// Whether the service may have done what was asked although no answer says so.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::Timeout(_) | Self::Conflict(_))
    }

    /// Whether the service had a say: a call that was lost tells nothing of its limits.
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

/// How an upload failed. What was accepted of the body is read from the parcel's transit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendFault {
    /// Storage (or, for a direct upload, the API) refused or broke off, see [`Fault`].
    Refused(Fault),
    /// 403, or 400 whose text speaks of expiry. The flag: the text says *expired*.
    Denied {
        /// The text says that the URL expired.
        expired: bool,
        /// Storage's words, escaped.
        text: String,
    },
    /// 409 or 412: storage says that it has an object by this name already.
    Exists(String),
    /// Storage answered 2xx before it had been given the whole body.
    Early,
    /// Our side broke the body off; the reason is in the parcel's transit.
    Aborted,
}
