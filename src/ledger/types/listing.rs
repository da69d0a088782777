//! Input rows on their way in: listed, looked up, admitted.

use crate::model::{AssetId, FileId, FileVersion, RowFailure, StoredState};
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

#[cfg(test)]
impl Listing {
    /// A row that names this file alone, as the disk has it.
    pub(crate) fn of(no: u64, path: &str, version: FileVersion) -> Self {
        let candidate = Candidate {
            path: path.into(),
            name: None,
            expected_sha256: None,
            cells: crate::source::Cells::encode([path.as_bytes()]),
            failure: None,
        };
        Self {
            no,
            candidate,
            version: Ok(version),
        }
    }
}

/// What a ledger knows of the file that an input row names.
#[derive(Debug)]
pub struct KnownFile {
    /// Its number.
    pub file: FileId,
    /// The earlier row of the same run that named it first.
    pub first_row: Option<u64>,
    /// Its line says already what the listing would make it say: the same row, size and time.
    pub is_unchanged: bool,
    /// Where it stands.
    pub stored_state: StoredState,
    /// When its asset was confirmed, RFC 3339.
    pub confirmed_at: Option<String>,
}

/// An input row with what was decided on it.
#[derive(Debug)]
pub struct AdmittedRow {
    /// The row.
    pub listing: Listing,
    /// What to write about its file.
    pub file: FileEntry,
    /// What becomes of the row.
    pub admission: Admission,
}

/// What to write about the file that an input row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileEntry {
    /// Nothing: the row names none, or the one of an earlier row.
    None,
    /// All of it: it is new.
    New,
    /// Nothing: its line says it all.
    Unchanged(FileId),
    /// Its row, size and time.
    Changed(FileId),
    /// The same, and no attempt or failure of an earlier run: work on it begins.
    Restarted(FileId),
}

/// What becomes of an input row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The file needs work.
    Todo {
        /// Bytes to send, as far as is known; 0 when they were sent before.
        bytes: u64,
    },
    /// An earlier run finished it.
    Skipped {
        /// Its asset.
        asset_id: AssetId,
        /// When the service confirmed it.
        confirmed_at: String,
    },
    /// The row names the file of this earlier row, and ends as that does.
    DuplicateOf(u64),
    /// The row fails.
    Refused(RowFailure),
}
