//! Everything that a ledger knows, counted.

use std::path::PathBuf;

use serde::Serialize;

use super::{Identity, OrphanTotal, Status};

/// What `mavi status` shows.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Whose ledger it is; `None` before its first run.
    pub identity: Option<Identity>,
    /// Runs that were begun.
    pub runs: u64,
    /// The latest of them.
    pub last_run: Option<RunTimes>,
    /// The run whose rows the report has: the latest whose input was read to its end.
    pub rows_of_run: Option<i64>,
    /// The report's rows, by status.
    pub rows: RowTotals,
    /// Files that were ever named.
    pub files: u64,
    /// Those of them that the report's run did not name: history.
    pub earlier_files: u64,
    /// Every asset id that was ever allotted, by state and reason.
    pub assets: Vec<AssetTotal>,
    /// When the latest confirmed asset was confirmed, RFC 3339. The service is not asked again about
    /// confirmed assets: this is what it said then.
    pub last_confirmed_at: Option<String>,
    /// The assets that nothing uses.
    pub orphans: OrphanTotal,
}

/// When a run began and ended, and what it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTimes {
    /// Its number, from 1.
    pub number: i64,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// When it ended; `None` while it goes on, and for ever when it was killed.
    pub ended_at: Option<String>,
    /// Its input was read to its end, so that the report has its rows.
    pub listed: bool,
    /// Its report.
    pub report: PathBuf,
}

/// A number of rows or assets, and the bytes of their files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// How many.
    pub count: u64,
    /// The sum of their sizes, as far as these are known.
    pub bytes: u64,
}

/// The rows of the report, counted as the report has them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RowTotals {
    /// `success`
    pub success: Total,
    /// `failed`
    pub failed: Total,
    /// `pending`
    pub pending: Total,
    /// `not_started`
    pub not_started: Total,
}

/// The assets in one state, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssetTotal {
    /// `allotted`, `sent`, `confirmed`, `abandoned` or `deleted`.
    pub state: String,
    /// Why they were abandoned or deleted; `null` in other states.
    pub reason: Option<String>,
    /// How many, with the sizes of the files that went or were to go to them.
    #[serde(flatten)]
    pub total: Total,
}

impl Total {
    pub(crate) fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

impl RowTotals {
    /// All rows.
    #[must_use]
    pub fn all(&self) -> Total {
        let all = [self.success, self.failed, self.pending, self.not_started];
        Total {
            count: all.iter().map(|total| total.count).sum(),
            bytes: all.iter().map(|total| total.bytes).sum(),
        }
    }

    pub(in crate::ledger) fn of(&mut self, status: Status) -> &mut Total {
        match status {
            Status::Success => &mut self.success,
            Status::Failed => &mut self.failed,
            Status::Pending => &mut self.pending,
            Status::NotStarted => &mut self.not_started,
        }
    }
}
