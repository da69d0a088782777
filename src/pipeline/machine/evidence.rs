//! What the answers to the polls of one asset are worth together: the one place that says when a
//! status is believed. Pure; does not know what follows from it.
//!
//! A single answer can be wrong: it may come from a stale replica, a proxy or a service that is being
//! deployed. What costs money to be wrong about is therefore believed only when a second answer, a
//! pause later, agrees.
//!
//! | answer | believed |
//! |---|---|
//! | SUCCESS with an equal size, or without one | at once |
//! | UPLOADING, WAITING, FAILED, SUCCESS with another size | the second time in a row |
//! | another word, an empty or missing one | never; it ends the row of what was said before |
//! | an error, or no record of the asset | never; it changes nothing |

use crate::api::StatusAnswer;
use crate::model::UploadStatus;

/// Answers in a row that settle what one alone does not.
const AGREEING: u32 = 2;

/// What the service says of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// No bytes have arrived.
    Empty,
    /// The bytes arrived and are being processed.
    Arrived,
    /// It is usable, and holds the file.
    Whole {
        /// The size was named, and is equal.
        size_checked: bool,
    },
    /// It is usable, and holds so many bytes instead.
    WrongSize(u64),
    /// The service gave up on it.
    Failed,
}

/// What was said of an asset so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    last: Option<Settled>,
    in_a_row: u32,
    hinted: bool,
}

impl Evidence {
    /// Adds an answer about an asset that `size` bytes were sent to. Returns what is settled now.
    pub(super) fn weigh(&mut self, answer: &StatusAnswer, size: u64) -> Option<Settled> {
        let StatusAnswer::Found { status, file_size } = answer else {
            return None;
        };
        let said = said(status, *file_size, size);
        self.hinted |= matches!(said, None | Some(Settled::Arrived));
        self.in_a_row = if said == self.last {
            self.in_a_row + 1
        } else {
            1
        };
        self.last = said;
        let enough = match said? {
            Settled::Whole { .. } => 1,
            _ => AGREEING,
        };
        said.filter(|_| self.in_a_row >= enough)
    }

    /// What was said last, settled or not.
    pub(super) fn last(&self) -> Option<Settled> {
        self.last
    }

    /// Whether a word was met that an asset without bytes does not have.
    pub(super) fn hinted_at_bytes(&self) -> bool {
        self.hinted
    }
}

fn said(status: &UploadStatus, held: Option<u64>, size: u64) -> Option<Settled> {
    Some(match (status, held) {
        (UploadStatus::Waiting, _) => Settled::Empty,
        (UploadStatus::Uploading, _) => Settled::Arrived,
        (UploadStatus::Success, Some(held)) if held != size => Settled::WrongSize(held),
        (UploadStatus::Success, held) => Settled::Whole {
            size_checked: held.is_some(),
        },
        (UploadStatus::Failed, _) => Settled::Failed,
        (UploadStatus::Unknown(_), _) => return None,
    })
}

#[cfg(test)]
mod tests;
