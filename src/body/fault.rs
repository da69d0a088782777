//! Why a body ends before its last chunk: our side broke it off.
//!
//! Holds the words for the report; decides nothing.

use crate::model::{ErrorCode, RowFailure, Sha256};

/// Why our side broke a body off before its last chunk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// The file is not the one that was opened any more (size, times, or another file at its path).
    #[error("the file changed while it was read ({0}): upload it when it is complete")]
    Changed(String),
    /// The bytes hash to something else than the manifest expects.
    #[error("the manifest expects sha256 {expected}, the bytes hash to {actual}")]
    Sha256Mismatch {
        /// What the manifest says.
        expected: Sha256,
        /// What the bytes hash to.
        actual: Sha256,
    },
    /// The disk failed; the system's words.
    #[error("reading failed: {0}")]
    Io(String),
    /// The disk returned no byte for a minute.
    #[error("the disk gave no byte for a minute: see whether its file system answers")]
    Stalled,
}

impl BodyFault {
    /// What the report says of it.
    #[must_use]
    pub fn row_failure(&self) -> RowFailure {
        let code = match self {
            Self::Changed(_) => ErrorCode::Changed,
            Self::Sha256Mismatch { .. } => ErrorCode::Sha256Mismatch,
            Self::Io(_) => ErrorCode::Io,
            Self::Stalled => ErrorCode::ReadStall,
        };
        RowFailure::new(code, self.to_string())
    }
}
