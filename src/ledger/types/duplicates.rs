//! What other files have that may be the same bytes.

use std::path::PathBuf;

use crate::model::{FileId, StoredState};

/// The assets of other files that may hold the bytes of a file.
#[derive(Debug, Default)]
pub struct DuplicateCandidates {
    /// An asset in use whose bytes are up.
    pub stored: Option<StoredState>,
    /// Files of the same size with an asset that may or may not hold bytes.
    pub begun: Vec<InProgressDuplicate>,
}

/// A file whose asset may or may not hold its bytes.
#[derive(Debug)]
pub struct InProgressDuplicate {
    /// The file.
    pub file: FileId,
    /// Its absolute path.
    pub path: PathBuf,
    /// Its asset, as [`StoredState::Allotted`].
    pub stored_state: StoredState,
}
