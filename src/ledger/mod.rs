//! The truth about a job: every file, every asset id and every input row.
//!
//! One process writes, and in it one task (`recorder`); any process reads. All calls block. `types`
//! is what goes in and out; `sqlite` is where it is stored. Knows neither the service nor the
//! terminal.

mod sqlite;
mod types;

pub(crate) use sqlite::FileTable;
pub use sqlite::{Ledger, Orphans, Reader};
pub(crate) use types::{
    Admission, AdmittedRow, DuplicateCandidates, FileEntry, InProgressDuplicate, KnownFile,
    ScratchError, TimelineChange, Written,
};
pub use types::{
    AssetTotal, Bin, Bucket, Counts, Durability, FailedRow, FailureCause, Identity, JobSurvey,
    LedgerError, Listing, Location, Op, Orphan, OrphanTotal, Overview, Reply, ReportRow, RowFilter,
    RowTotals, RunId, RunRecord, RunTimeline, RunTimes, SlowFile, Status, Total,
};
