//! All that the search knows of the uploads: data that the sampler fills in.

use std::time::Duration;

/// What the uploads did since the sample before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) span: Duration,
    /// Bytes that the connections accepted.
    pub(super) bytes: u64,
    /// Slots in use.
    pub(super) taken: usize,
    pub(super) waiting: WaitCounts,
    /// Uploads that have not moved for a while, though nothing of ours holds them.
    pub(super) stalled: usize,
}

/// How many uploads wait for something else than the line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct WaitCounts {
    /// For the account's limits.
    pub(super) rate_limited: usize,
    /// For `--bandwidth`.
    pub(super) held: usize,
    /// For the disk.
    pub(super) starved: usize,
}
