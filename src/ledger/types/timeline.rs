//! How a run went: its buckets of time and its slowest files.

use std::path::PathBuf;

/// What happened in one slot of a run's time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Bytes of files that left, those of uploads that broke included.
    pub bytes: u64,
    /// The time, summed over files, that they were signed or waited for a turn or a pause.
    pub waiting_ms: u64,
    /// The time, summed over files, from their first byte until storage answered.
    pub sending_ms: u64,
    /// The time, summed over files, that they waited for the service's SUCCESS.
    pub confirming_ms: u64,
    /// The time that a side of the service did not answer.
    pub away_ms: u64,
    /// Files whose bytes were up.
    pub sent: u64,
    /// Files that the service confirmed.
    pub confirmed: u64,
    /// Files that failed.
    pub failed: u64,
    /// Looks at assets.
    pub polls: u64,
    /// Tries after the first.
    pub retries: u64,
    /// Throttle answers to *sign*, *send* and *status* calls.
    pub throttles: [u64; 3],
}

/// How a file's way ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The service confirmed it.
    Confirmed,
    /// It failed.
    Failed,
    /// The service took longer than the limit.
    Pending,
}

/// One of the files that took longest; times are milliseconds of the run's own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlowFile {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub size: u64,
    /// Its turn came.
    pub begun_ms: u64,
    /// The first byte of its last upload left.
    pub sending_ms: u64,
    /// Storage took the last one.
    pub sent_ms: u64,
    /// It ended.
    pub ended_ms: u64,
    /// How.
    pub outcome: Outcome,
}

/// What is new about the course of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineChange {
    /// How long the run has gone on.
    pub took_ms: u64,
    /// How long each slot is.
    pub bucket_ms: u64,
    /// The number of the first slot that changed: all from there on follow.
    pub from: u64,
    /// These slots.
    pub buckets: Vec<Bucket>,
    /// The slowest files, where they changed: all of them.
    pub slowest: Option<Vec<SlowFile>>,
}

impl Bucket {
    /// Takes another slot's doings in.
    pub fn add(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.waiting_ms += other.waiting_ms;
        self.sending_ms += other.sending_ms;
        self.confirming_ms += other.confirming_ms;
        self.away_ms += other.away_ms;
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

impl Outcome {
    /// The ledger's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Pending => "pending",
        }
    }

    pub(in crate::ledger) fn parse(word: &str) -> Self {
        match word {
            "failed" => Self::Failed,
            "pending" => Self::Pending,
            _ => Self::Confirmed,
        }
    }
}
