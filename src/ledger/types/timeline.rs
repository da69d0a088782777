//! How a run went: its buckets of time and its slowest files.

use std::path::PathBuf;

use super::Status;

/// What happened in one bucket of a run's time. All buckets of a run are equally long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Bytes of files that left, those of uploads that broke included.
    pub bytes: u64,
    /// The time, summed over files, that they were signed or waited for a permit or a pause.
    pub waiting_ms: u64,
    /// The time, summed over files, from their first byte until storage answered.
    pub sending_ms: u64,
    /// The time, summed over files, that they waited for the service's SUCCESS.
    pub confirming_ms: u64,
    /// The time that a host of the service was down.
    pub down_ms: u64,
    /// Files whose bytes were up.
    pub sent: u64,
    /// Files that the service confirmed.
    pub confirmed: u64,
    /// Files that failed.
    pub failed: u64,
    /// Polls of assets.
    pub polls: u64,
    /// Tries after the first.
    pub retries: u64,
    /// Throttle answers to *sign*, *send* and *status* calls.
    pub throttles: [u64; 3],
}

/// One of the files that took longest; times are milliseconds of the run's own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlowFile {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub size: u64,
    /// Work on it began.
    pub begun_ms: u64,
    /// The first byte of its last upload left.
    pub sending_ms: u64,
    /// Storage took the last one.
    pub sent_ms: u64,
    /// It ended.
    pub ended_ms: u64,
    /// How: `success`, `failed`, or `pending` where the service took longer than the limit.
    pub status: Status,
}

/// What is new about how a run goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineChange {
    /// How long the run has gone on.
    pub took_ms: u64,
    /// How long each bucket is.
    pub bucket_ms: u64,
    /// The number of the first bucket that changed: all from there on follow.
    pub from: u64,
    /// These buckets.
    pub buckets: Vec<Bucket>,
    /// The slowest files, where they changed: all of them.
    pub slowest: Option<Vec<SlowFile>>,
}

impl Bucket {
    /// Adds what happened in another bucket.
    pub fn add(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.waiting_ms += other.waiting_ms;
        self.sending_ms += other.sending_ms;
        self.confirming_ms += other.confirming_ms;
        self.down_ms += other.down_ms;
        self.sent += other.sent;
        self.confirmed += other.confirmed;
        self.failed += other.failed;
        self.polls += other.polls;
        self.retries += other.retries;
        for (ours, theirs) in self.throttles.iter_mut().zip(other.throttles) {
            *ours += theirs;
        }
    }
}
