//! Why a body ends before its last chunk: our side broke it off.
//!
//! Holds the words for the report; decides nothing.

use std::fmt;

use crate::model::{ErrorCode, RowFailure, Sha256};

/// Why our side broke a body off before its last chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyFault {
    /// The file is not the one that was opened any more (size, times, or another file at its path).
    Changed(String),
    /// The bytes hash to something else than the manifest expects.
    Sha256Mismatch {
        /// What the manifest says.
        expected: Sha256,
        /// What the bytes hash to.
        actual: Sha256,
    },
    /// The disk failed; the system's words.
    Io(String),
    /// The disk gave no byte for a minute.
    Stalled,
}

impl BodyFault {
    /// The words for the report.
    #[must_use]
    pub fn refusal(&self) -> RowFailure {
        match self {
            Self::Changed(what) => RowFailure::new(
                ErrorCode::Changed,
                format!(
                    "the file changed while it was read ({what}): upload it when it is complete"
                ),
            ),
            Self::Sha256Mismatch { expected, actual } => RowFailure::new(
                ErrorCode::Sha256Mismatch,
                format!("the manifest expects sha256 {expected}, the bytes hash to {actual}"),
            ),
            Self::Io(text) => RowFailure::new(ErrorCode::Io, format!("reading failed: {text}")),
            Self::Stalled => RowFailure::new(
                ErrorCode::ReadStall,
                "the disk gave no byte for a minute: see whether its file system answers",
            ),
        }
    }
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal().fmt(f)
    }
}

impl std::error::Error for BodyFault {}
