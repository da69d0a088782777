//! Deletes the assets that the ledger no longer needs, one paced call at a time.
//!
//! No other part of this program deletes anything, and it never starts by itself. The ledger decides
//! what may go ([`crate::ledger::Orphan`]). That cannot change meanwhile: the ledger's lock is held
//! from before the list is shown. Each deletion is on disk before the next call, so that it can be
//! killed at any moment and run again. Knows no terminal.

#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use crate::api::{Fault, Service, StatusAnswer};
use crate::client::{CallPolicy, ClientStopped, RetryingClient, identify};
use crate::ledger::{
    Identity, Ledger, LedgerError, Location, Orphan, OrphanTotal, Orphans, Reader,
};
use crate::model::{AssetId, RowFailure};
use crate::retry::{RetryPolicy, Tries};
use crate::shutdown::{Shutdown, StopCause};

/// A person waits for this: a throttle answer is waited out, an outage ends it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a clean-up could not start or continue.
#[derive(Debug, thiserror::Error)]
pub enum CleanupError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger was made for another service or account, and only its own may delete.
    #[error(
        "ledger {location}: belongs to {theirs}, not to {ours}: its assets are deleted with the base \
         URL and the account they were uploaded with"
    )]
    NotOurs {
        /// The ledger.
        location: Location,
        /// Whose it is.
        theirs: String,
        /// Who wanted to delete.
        ours: String,
    },
}

/// What became of one orphan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletion {
    /// The service deleted it; committed.
    Deleted,
    /// The service did not know it any more; committed as deleted.
    Unknown,
    /// The service would not; it stays an orphan.
    Failed(RowFailure),
}

/// How a clean-up ended.
#[derive(Debug, Clone, Default)]
pub struct Cleaned {
    /// What is gone, with what it may have cost.
    pub gone: OrphanTotal,
    /// Orphans that the service would not delete.
    pub failed: u64,
    /// The account or the service made it stop.
    pub cause: Option<StopCause>,
    /// It was asked to stop.
    pub interrupted: bool,
}

/// A ledger that is about to lose its orphans, and the service that holds them.
#[derive(Debug)]
pub struct Cleanup<S> {
    ledger: Ledger,
    client: RetryingClient<S>,
    retry: RetryPolicy,
}

impl<S: Service> Cleanup<S> {
    /// Opens a ledger for cleaning up, with its lock, and makes sure that it belongs to the service
    /// and account of `identity`. Makes `rate` calls a second, 0 for no limit. Once `shutdown` fires,
    /// no further call is made.
    ///
    /// # Errors
    /// When the ledger is not there, in use, of another owner, or cannot be used.
    pub async fn open(
        ledger: &Path,
        service: S,
        identity: &Identity,
        rate: f64,
        shutdown: Shutdown,
    ) -> Result<Self, CleanupError> {
        // A ledger that is not there is not to be made.
        drop(Reader::open(ledger)?);
        let mut ledger = Ledger::open(ledger)?;
        let policy = CallPolicy {
            rate,
            retry: RetryPolicy::default(),
            longest_outage: Some(PATIENCE),
        };
        let client = RetryingClient::new(service, identity.base_url.clone(), policy, shutdown);
        // Without an asset to ask about, another key may be of another account, whose service knows
        // none of these assets: all would count as deleted.
        let owned = match ledger.known_asset()? {
            Some(_) => identify(&mut ledger, identity, false, client.service()).await,
            None => ledger.identify(identity, false),
        };
        owned.map_err(not_ours)?;
        Ok(Self {
            ledger,
            client,
            retry: policy.retry,
        })
    }

    /// The ledger, to show what would be deleted.
    #[must_use]
    pub fn ledger(&self) -> &Reader {
        &self.ledger
    }

    /// Deletes every orphan, for good. `on_deletion` receives each one after it was committed.
    ///
    /// # Errors
    /// When the ledger cannot be read or written. What the service would not delete is no error.
    ///
    /// # Cancellation
    /// Dropping the future loses the answer to one call at most; the next clean-up finds out.
    pub async fn delete(
        mut self,
        mut on_deletion: impl FnMut(&Orphan, &Deletion),
    ) -> Result<Cleaned, LedgerError> {
        let mut cleaned = Cleaned::default();
        let mut orphans = Orphans::default();
        loop {
            let page = orphans.next_page(&self.ledger)?;
            if page.is_empty() {
                return Ok(cleaned);
            }
            for orphan in &page {
                let deletion = match self.delete_one(&orphan.asset_id).await {
                    Ok(deletion) => deletion,
                    Err(stopped) => return Ok(cleaned.stopped(stopped)),
                };
                self.commit(orphan, &deletion, &mut cleaned)?;
                on_deletion(orphan, &deletion);
            }
        }
    }

    /// Writes a deletion down. Nothing else runs that its commit could hold up.
    fn commit(
        &mut self,
        orphan: &Orphan,
        deletion: &Deletion,
        cleaned: &mut Cleaned,
    ) -> Result<(), LedgerError> {
        if matches!(deletion, Deletion::Failed(_)) {
            cleaned.failed += 1;
            return Ok(());
        }
        self.ledger.orphan_deleted(orphan)?;
        cleaned.gone.add(orphan);
        Ok(())
    }

    /// Deletes one asset. A deletion whose answer was lost can be asked for again.
    async fn delete_one(&self, asset_id: &AssetId) -> Result<Deletion, ClientStopped> {
        let mut tries = Tries::default();
        loop {
            let deleting = self.client.service().delete(asset_id);
            let Err(fault) = self.client.answer(deleting).await? else {
                return Ok(Deletion::Deleted);
            };
            if may_mean_unknown(&fault) && self.is_unknown(asset_id).await? {
                return Ok(Deletion::Unknown);
            }
            match self.client.retry(&self.retry, &mut tries, &fault).await? {
                None => {}
                // A service that is away for this one is away for the others.
                Some(failure) if is_outage(&fault) => {
                    return Err(ClientStopped::Stopped(StopCause::Outage(failure.text)));
                }
                Some(failure) => return Ok(Deletion::Failed(failure)),
            }
        }
    }

    /// Whether the service has no record of an asset. No answer says nothing.
    async fn is_unknown(&self, asset_id: &AssetId) -> Result<bool, ClientStopped> {
        let polling = self.client.service().status(asset_id);
        match self.client.answer(polling).await? {
            Ok(answer) => Ok(answer == StatusAnswer::Absent),
            Err(Fault::Account(cause)) => Err(ClientStopped::Stopped(StopCause::Account(cause))),
            Err(_) => Ok(false),
        }
    }
}

impl Cleaned {
    fn stopped(mut self, stopped: ClientStopped) -> Self {
        (self.cause, self.interrupted) = stopped.into_parts();
        self
    }
}

/// The documentation does not say how the service refuses to delete what it does not have.
fn may_mean_unknown(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::NotFound(_) | Fault::Rejected(..) | Fault::Api(..) | Fault::Conflict(_)
    )
}

fn is_outage(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Connect(_) | Fault::Proxy(_) | Fault::Broken(_) | Fault::Timeout(_)
    )
}

fn not_ours(error: LedgerError) -> CleanupError {
    match error {
        LedgerError::OtherService {
            location,
            theirs,
            ours,
        } => CleanupError::NotOurs {
            location,
            theirs,
            ours,
        },
        LedgerError::OtherAccount {
            location,
            theirs,
            ours,
        } => CleanupError::NotOurs {
            location,
            theirs: format!("another account (key fingerprint {theirs})"),
            ours: format!("that of this key ({ours})"),
        },
        other => CleanupError::Ledger(other),
    }
}
