//! How a run is brought to an end before its input is done. Stops nothing itself: what works reads
//! the request.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::api::AccountFault;

/// How long uploads under way may go on when the account or the service ends a run.
const LAST_UPLOADS: Duration = Duration::from_secs(60);

/// How long short calls may go on after an interrupt, so that an id the service has allotted
/// becomes known.
const LAST_CALLS: Duration = Duration::from_secs(10);

/// Why a run stops before its input is done, save for local trouble and signals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopCause {
    /// The account; exit code 3.
    Account(AccountFault),
    /// The service cannot be reached or is not what answers; exit code 4.
    Outage(String),
    /// The configuration, before anything was sent; exit code 2.
    Setup(String),
    /// This machine: the report cannot be written; exit code 5.
    Local(String),
}

impl fmt::Display for StopCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => account.fmt(f),
            Self::Outage(text) | Self::Setup(text) | Self::Local(text) => f.write_str(text),
        }
    }
}

/// A request to stop, shared by everything that works. A clone is the same request.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    draining: CancellationToken,
    abort_uploads: CancellationToken,
    abort_calls: CancellationToken,
    cause: Arc<OnceLock<StopCause>>,
}

impl Shutdown {
    /// Nothing has asked to stop yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A person or the system wants the run to end: nothing new starts, short calls finish, and
    /// uploads under way are broken off, unless they are to be drained.
    ///
    /// Must be called within a tokio runtime.
    pub fn interrupt(&self, drain: bool) {
        self.draining.cancel();
        if !drain {
            self.abort_uploads.cancel();
            Self::cancel_after(&self.abort_calls, LAST_CALLS);
        }
    }

    /// The account or the service ends the run: nothing new starts, uploads under way may end.
    ///
    /// Must be called within a tokio runtime.
    pub(crate) fn fail(&self, cause: StopCause) {
        // The first cause is the one to report.
        let _ = self.cause.set(cause);
        self.draining.cancel();
        Self::cancel_after(&self.abort_uploads, LAST_UPLOADS);
        Self::cancel_after(&self.abort_calls, LAST_UPLOADS);
    }

    /// Local trouble: nothing can be written down any more, so nothing may go on.
    pub(crate) fn abort_now(&self) {
        self.draining.cancel();
        self.abort_uploads.cancel();
        self.abort_calls.cancel();
    }

    fn cancel_after(token: &CancellationToken, pause: Duration) {
        let token = token.clone();
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            token.cancel();
        });
    }

    /// Why the run stops, when the account or the service made it.
    #[must_use]
    pub fn cause(&self) -> Option<&StopCause> {
        self.cause.get()
    }

    /// Fires when nothing new may start.
    #[must_use]
    pub fn draining(&self) -> &CancellationToken {
        &self.draining
    }

    /// Fires when uploads under way are to be broken off.
    pub(crate) fn abort_uploads(&self) -> &CancellationToken {
        &self.abort_uploads
    }

    /// Fires when even short calls under way are to be given up.
    pub(crate) fn abort_calls(&self) -> &CancellationToken {
        &self.abort_calls
    }
}
