//! What became known of one asset. Does not judge it.

use super::content::Content;
use crate::api::StatusAnswer;
use crate::model::RowFailure;

/// What became known of one asset, or why nothing did.
pub(super) type Observed = Result<Sight, RowFailure>;

/// What became known of one asset.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub(super) look: StatusAnswer,
    /// What was downloaded, where that was asked for and the look gave no reason not to.
    pub(super) content: Option<Content>,
}

impl Sight {
    /// How many bytes the service holds, as far as it can be known.
    pub(super) fn size(&self) -> Option<u64> {
        let told = match &self.look {
            StatusAnswer::Found { file_size, .. } => *file_size,
            StatusAnswer::Absent => None,
        };
        let counted = self.content.as_ref();
        counted.map(|content| content.bytes).or(told)
    }
}
