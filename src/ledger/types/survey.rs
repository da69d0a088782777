//! What a page about a job shows: totals, causes, distributions, timelines, the first failures.

use std::path::PathBuf;

use super::{AssetTotal, Bucket, Identity, RowTotals, RunTimes, SlowFile, Total};

/// What a page about a job shows, aggregated.
#[derive(Debug, Clone, Default)]
pub struct JobSurvey {
    /// Whose ledger it is; `None` before its first run.
    pub identity: Option<Identity>,
    /// Runs that were begun.
    pub runs: u64,
    /// The run whose rows these are: the latest whose input was read to its end.
    pub rows_of_run: Option<i64>,
    /// The rows, by status.
    pub rows: RowTotals,
    /// Why rows failed, the most frequent first.
    pub causes: Vec<FailureCause>,
    /// The first rows that failed, in input order.
    pub failures: Vec<FailedRow>,
    /// The sizes of the files in bytes.
    pub sizes: Vec<Bin>,
    /// The time from a file's last byte until the service confirmed it, in milliseconds.
    pub delays: Vec<Bin>,
    /// Files that were confirmed before they were sent, by a clock that was set back meanwhile.
    pub backwards: u64,
    /// Every asset id that was ever allotted, by state and reason.
    pub assets: Vec<AssetTotal>,
    /// How the runs went, in their order; those of which the ledger knows it.
    pub timelines: Vec<RunTimeline>,
}

/// The rows that failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureCause {
    /// The report's `error_code`.
    pub code: String,
    /// How many, and the bytes of their files.
    pub total: Total,
    /// The first of them.
    pub example: PathBuf,
    /// What was said of that one.
    pub error: String,
}

/// A row that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRow {
    /// Its number, from 0.
    pub no: u64,
    /// Its file, or its own columns where it names none.
    pub path: PathBuf,
    /// The file's size, where it is known.
    pub bytes: Option<u64>,
    /// POSTs begun for the file.
    pub attempts: u64,
    /// The report's `error_code`.
    pub code: String,
    /// The same in words.
    pub error: String,
}

/// How many numbers have so many decimal digits and begin with this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// Digits, from 1.
    pub digits: u32,
    /// The first of them.
    pub lead: u32,
    /// How many.
    pub count: u64,
}

/// How one run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTimeline {
    /// When it began and ended.
    pub times: RunTimes,
    /// How long it went on, by a clock that does not jump; of a killed run, as last written down.
    pub took_ms: u64,
    /// How long each bucket is.
    pub bucket_ms: u64,
    /// What happened in each.
    pub buckets: Vec<Bucket>,
    /// Its slowest files, the slowest first.
    pub slowest: Vec<SlowFile>,
}
