//! A row of the report, and how rows stand.

use std::fmt;

use crate::source::Cells;

/// The report's `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The service confirmed the asset, in this run or an earlier one.
    Success,
    /// Given up in this run.
    Failed,
    /// The bytes are up; the service has not confirmed them yet.
    Pending,
    /// The run stopped before this row was done.
    NotStarted,
}

impl Status {
    /// The word in the report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::NotStarted => "not_started",
        }
    }

    /// Reads the word in the report.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Success, Self::Failed, Self::Pending, Self::NotStarted];
        all.into_iter().find(|status| status.word() == word)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One row of the report: the input's own columns, and the nine that are added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// The input's own columns.
    pub cells: Cells,
    /// The asset, where one holds (or held) bytes of this file.
    pub asset_id: Option<String>,
    /// How the row stands.
    pub status: Status,
    /// The file's size in bytes, where it is known.
    pub bytes: Option<u64>,
    /// The digest of the bytes that were sent, lower-case hex.
    pub sha256: Option<String>,
    /// POSTs begun for the file in the run that worked on it.
    pub attempts: u64,
    /// When storage took the last byte, RFC 3339.
    pub uploaded_at: Option<String>,
    /// When the service confirmed the asset, RFC 3339.
    pub confirmed_at: Option<String>,
    /// Why the row failed, or what to know about it.
    pub error_code: Option<String>,
    /// The same in words.
    pub error: Option<String>,
}

/// How many rows of a run stand where. They add up to the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// `success`
    pub success: u64,
    /// `failed`
    pub failed: u64,
    /// `pending`
    pub pending: u64,
    /// `not_started`
    pub not_started: u64,
}

impl Counts {
    /// Counts one row.
    pub fn add(&mut self, status: Status) {
        match status {
            Status::Success => self.success += 1,
            Status::Failed => self.failed += 1,
            Status::Pending => self.pending += 1,
            Status::NotStarted => self.not_started += 1,
        }
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.success + self.failed + self.pending + self.not_started
    }
}

/// Which rows of a run are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFilter {
    /// All of them.
    All,
    /// Those that this run will not come back to: confirmed or failed for good.
    Ended,
}
