//! The truth about a job: every file, every asset id and every input row.
//!
//! Written by one process and one task (`recorder`); read by any process. Knows neither the service
//! nor the terminal. All calls block. `sqlite` is the place where it is stored.

mod sqlite;

pub(crate) use sqlite::to_path;
pub use sqlite::{
    Admitted, AssetTotal, Bin, Bucket, Cause, Counts, DuplicateCandidates, FailedRow, Identity,
    InProgressDuplicate, Ledger, LedgerError, Listing, Orphan, OrphanTotal, Orphans, Outcome,
    Overview, Reader, ReportRow, RowTotals, Rows, RunId, RunRecord, RunTimeline, RunTimes,
    SlowFile, Status, Survey, TimelineChange, Total, Written,
};
