//! The events themselves. Plain data; `channel` carries them.

use std::path::PathBuf;
use std::time::Duration;

use super::concurrency::ConcurrencyChange;
use crate::body::BodyProgress;
use crate::model::{AssetId, Endpoint, Rates, RowFailure, Sha256};

/// Something happened. Paths are as they are on disk and must be escaped before they are shown.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// The run begins.
    Started {
        /// Where the ledger is.
        ledger: PathBuf,
        /// The ledger was made by this run: nothing is known of earlier ones.
        ledger_is_new: bool,
        /// Calls a second, as they were set.
        rates: Rates,
    },
    /// Input rows were read and decided on.
    Listed(Listed),
    /// A file or folder of the system was met, and no row made for it.
    SystemFile {
        /// Where.
        path: PathBuf,
    },
    /// So many of them were met in all; comes once, when the input was read to its end.
    LeftOut {
        /// How many.
        count: u64,
    },
    /// The input has been read to its end; totals are final.
    ListingEnded,
    /// A file needs nothing: it was confirmed by an earlier run.
    Skipped {
        /// The file.
        path: PathBuf,
        /// Its asset.
        asset_id: AssetId,
        /// When the service confirmed it, RFC 3339.
        confirmed_at: String,
    },
    /// An asset is asked for, for a file.
    Signing {
        /// The file.
        path: PathBuf,
    },
    /// A file's bytes are on their way.
    Sending {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// The asset they go to; a direct upload learns it with the answer.
        asset_id: Option<AssetId>,
        /// The body under way: how much of it has left can be read from it at any moment.
        progress: BodyProgress,
    },
    /// Its bytes are up and the service is processing them; committed.
    Sent {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// The asset.
        asset_id: AssetId,
        /// The digest of the bytes sent.
        sha256: Sha256,
    },
    /// The service was asked about an asset.
    Polled {
        /// The asset.
        asset_id: AssetId,
    },
    /// The service said SUCCESS; committed.
    Confirmed {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// The asset.
        asset_id: AssetId,
    },
    /// A file is read before it is sent, to find out whether others of its size have the same bytes.
    ReadingAhead {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
    },
    /// Another file's asset holds the same bytes, and is this file's too; committed.
    Shared {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// The asset.
        asset_id: AssetId,
        /// The service has confirmed it; else the file waits for that.
        confirmed: bool,
    },
    /// An asset was abandoned and the file starts again; committed.
    Abandoned {
        /// The file.
        path: PathBuf,
        /// The asset.
        asset_id: AssetId,
        /// Why, in words.
        reason: String,
    },
    /// An asset id came when the ledger could not be written any more: it is known nowhere else.
    Unwritten {
        /// The file.
        path: PathBuf,
        /// The asset.
        asset_id: AssetId,
    },
    /// A row ended as failed; committed.
    Failed {
        /// The file.
        path: PathBuf,
        /// Why.
        failure: RowFailure,
    },
    /// A file was given up for now, for a reason that may pass: it is tried once more before the run
    /// ends; committed.
    Deferred {
        /// The file.
        path: PathBuf,
        /// Why.
        failure: RowFailure,
    },
    /// The answer to a *sign* call was lost: an id may have been allotted that no one knows.
    AnswerLost {
        /// The file.
        path: PathBuf,
    },
    /// Waiting for the service took longer than the limit; the asset stays known.
    Pending {
        /// The file.
        path: PathBuf,
        /// The asset.
        asset_id: AssetId,
    },
    /// The file's task ended before the file did, since the run is stopping.
    Suspended {
        /// The file.
        path: PathBuf,
    },
    /// The service asked for fewer calls.
    Throttled {
        /// Which limit.
        endpoint: Endpoint,
        /// How long the endpoint is held, from now.
        pause: Duration,
        /// Calls a second from now on.
        rate: f64,
    },
    /// An endpoint has been calm for a while and is called faster again.
    RateRaised {
        /// Which limit.
        endpoint: Endpoint,
        /// Calls a second from now on.
        rate: f64,
    },
    /// How many uploads are under way at once from now on, where the number is found.
    Concurrency(ConcurrencyChange),
    /// A side of the service does not answer any more. It is probed once a minute; what needs it
    /// waits, and no row fails for it.
    ServiceDown {
        /// The API's host, or `storage`.
        host: String,
    },
    /// It answers again.
    ServiceUp {
        /// As in [`Event::ServiceDown`].
        host: String,
    },
    /// A passing trouble that will be tried again.
    Retrying {
        /// The file.
        path: PathBuf,
        /// Which attempt failed, from 1.
        attempt: u32,
        /// The pause before the next one.
        pause: Duration,
    },
    /// Something a person should know.
    Warning(String),
}

/// What became of a batch of input rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Listed {
    /// Rows read.
    pub rows: u64,
    /// Rows that need work.
    pub todo: u64,
    /// Bytes of the rows that need to be sent.
    pub bytes: u64,
    /// Rows that an earlier run finished.
    pub skipped: u64,
    /// Rows that name a file of an earlier row.
    pub duplicates: u64,
    /// Rows refused before any call.
    pub refused: u64,
}
