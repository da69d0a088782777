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

pub(crate) use batch::Written;
pub use batch::{Durability, Op, Reply};
pub(crate) use duplicates::{DuplicateCandidates, InProgressDuplicate};
pub(crate) use error::ScratchError;
pub use error::{LedgerError, Location};
pub use listing::Listing;
pub(crate) use listing::{Admission, AdmittedRow, FileEntry, KnownFile};
pub use orphan::{Orphan, OrphanTotal};
pub use overview::{AssetTotal, Overview, RowTotals, RunTimes, Total};
pub use report_row::{Counts, ReportRow, RowFilter, Status};
pub use run::{Identity, RunId, RunRecord};
pub use survey::{Bin, FailedRow, FailureCause, JobSurvey, RunTimeline};
pub(crate) use timeline::TimelineChange;
pub use timeline::{Bucket, SlowFile};
