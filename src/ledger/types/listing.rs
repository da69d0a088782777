//! Input rows on their way in, and facts about their files.

use std::path::PathBuf;

use crate::model::{AssetId, FileVersion, RowFailure};
use crate::source::Candidate;

/// A candidate with what the disk said of it.
#[derive(Debug)]
pub struct Listing {
    /// The input row's number, from 0.
    pub no: u64,
    /// The row.
    pub candidate: Candidate,
    /// Its file, or why it cannot be uploaded.
    pub version: Result<FileVersion, RowFailure>,
}

/// What became of an input row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admitted {
    /// The file needs work.
    Todo {
        /// Bytes to send, as far as is known; 0 when they were sent before.
        bytes: u64,
    },
    /// An earlier run finished it.
    Skipped {
        /// The file.
        path: PathBuf,
        /// Its asset.
        asset_id: AssetId,
        /// When the service confirmed it.
        confirmed_at: String,
    },
    /// The row names the file of an earlier row.
    Duplicate,
    /// The row fails.
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        refusal: RowFailure,
    },
}

/// Whether a fact was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is in the ledger, once the group is committed.
    Done,
    /// The asset id belongs to another file; nothing was written.
    AssetIdTaken,
    /// The asset that was to be shared is not what it was; nothing was written.
    DuplicateGone,
}
