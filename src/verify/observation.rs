//! What became known of one asset. Does not judge it.

use super::content::Content;
use crate::api::StatusAnswer;
use crate::model::RowFailure;

/// What became known of one asset, or why nothing did.
pub(super) type Observed = Result<Observation, RowFailure>;

#[derive(Debug, Clone)]
pub(super) struct Observation {
    pub(super) answer: StatusAnswer,
    /// What was downloaded, where that was asked for and the answer gave no reason not to.
    pub(super) content: Option<Content>,
}

impl Observation {
    /// How many bytes the service holds, as far as it can be known.
    pub(super) fn size(&self) -> Option<u64> {
        let stated = match &self.answer {
            StatusAnswer::Found { file_size, .. } => *file_size,
            StatusAnswer::Absent => None,
        };
        let counted = self.content.as_ref();
        counted.map(|content| content.bytes).or(stated)
    }
}
