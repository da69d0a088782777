//! What goes into a ledger and comes out of it. Knows no storage.

mod batch;
mod duplicates;
mod error;
mod listing;
mod orphan;
mod overview;
mod report_row;
mod run;
mod survey;
mod timeline;

pub use batch::{Durability, Op, Reply, Written};
pub use duplicates::{DuplicateCandidates, InProgressDuplicate};
pub use error::{LedgerError, Location, ScratchError};
pub use listing::{Admission, AdmittedRow, FileEntry, KnownFile, Listing};
pub use orphan::{Orphan, OrphanTotal};
pub use overview::{AssetTotal, Overview, RowTotals, RunTimes, Total};
pub use report_row::{Counts, ReportRow, RowFilter, Status};
pub use run::{Identity, RunId, RunRecord};
pub use survey::{Bin, FailedRow, FailureCause, JobSurvey, RunTimeline};
pub use timeline::{Bucket, SlowFile, TimelineChange};
