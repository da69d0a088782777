//! Orphans: asset ids that were allotted and that nothing in the ledger uses any more.

use std::path::PathBuf;

use crate::model::AssetId;

/// An asset that nothing uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// The service's id.
    pub asset_id: AssetId,
    /// The file it was allotted for; as it is on disk, to be escaped before it is shown.
    pub path: PathBuf,
    /// `allotted`, `sent`, `confirmed` or `abandoned`.
    pub state: String,
    /// Why nothing uses it: the word it was abandoned for, or `replaced` when the file has another.
    pub reason: String,
    /// The size in bytes of the file that went or was to go to it.
    pub size: u64,
    /// Whether the service may hold bytes for it.
    pub may_hold_bytes: bool,
    /// The ledger's own number for it.
    pub(in crate::ledger) key: i64,
}

/// How many orphans there are, and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrphanTotal {
    /// All orphans.
    pub assets: u64,
    /// Those that may hold bytes.
    pub may_hold_bytes: u64,
    /// The sizes of the latter, in bytes.
    pub bytes: u64,
}

impl OrphanTotal {
    /// Counts one orphan.
    pub fn add(&mut self, orphan: &Orphan) {
        self.assets += 1;
        if orphan.may_hold_bytes {
            self.may_hold_bytes += 1;
            self.bytes += orphan.size;
        }
    }

    /// What they cost a day at most, in dollars.
    #[must_use]
    pub fn dollars_a_day(&self) -> f64 {
        crate::model::dollars_a_day(self.bytes)
    }
}
