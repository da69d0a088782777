//! What is known of a file's asset, and the work that follows from it.
//!
//! Plain data; how the work goes on is the pipeline's.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{AssetId, FileId, FileVersion, Sha256, SignedUrl};

/// An asset that was allotted to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its id.
    pub asset_id: AssetId,
    /// Where its bytes go, while that is of use.
    pub url: Option<SignedUrl>,
    /// When `url` stops being of use.
    pub url_expires_at: Timestamp,
    /// The file as it was when the asset was allotted.
    pub version: FileVersion,
    /// The digest of the bytes that were sent, once they were.
    pub sha256: Option<Sha256>,
    /// When storage took the last byte.
    pub sent_at: Option<Timestamp>,
    /// Other files with the same bytes use it too.
    pub shared: bool,
}

impl Asset {
    /// Whether bytes can still be sent to it.
    #[must_use]
    pub fn can_be_filled(&self, now: Timestamp) -> bool {
        self.url.is_some() && self.url_expires_at > now
    }
}

/// What the ledger knows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredState {
    /// No asset that is of use.
    New,
    /// An asset that may or may not have been sent to.
    Allotted(Asset),
    /// An asset whose bytes are up.
    Sent(Asset),
    /// An asset that the service confirmed.
    Confirmed(Asset),
}

/// Which of a run's two passes over its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Over all files that need work.
    First,
    /// Over those that failed for reasons that may have passed since.
    Second,
}

/// One file's work: everything its worker needs to know.
#[derive(Debug, Clone)]
pub struct Job {
    /// Which pass this is.
    pub pass: Pass,
    /// POSTs begun for the file so far in this run.
    pub attempts: u32,
    /// Assets allotted to the file so far in this run.
    pub assets: u32,
    /// The file.
    pub file: FileId,
    /// Its absolute path.
    pub path: PathBuf,
    /// The name to send, where the manifest has one.
    pub name: Option<String>,
    /// What the manifest says the bytes hash to.
    pub expected_sha256: Option<Sha256>,
    /// The file as the plan saw it; `None` when it is gone (and only needs to be confirmed).
    pub version: Option<FileVersion>,
    /// Where its work begins.
    pub stored_state: StoredState,
}
