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
pub(crate) use duplicates::DuplicateCandidates;
pub(crate) use duplicates::InProgressDuplicate;
pub(crate) use error::ScratchError;
pub use error::{LedgerError, Location};
pub(crate) use listing::Admission;
pub(crate) use listing::AdmittedRow;
pub(crate) use listing::FileEntry;
pub(crate) use listing::KnownFile;
pub use listing::Listing;
pub use orphan::{Orphan, OrphanTotal};
pub use overview::{AssetTotal, Overview, RowTotals, RunTimes, Total};
pub use report_row::{Counts, ReportRow, RowFilter, Status};
pub use run::{Identity, RunId, RunRecord};
pub use survey::{Bin, FailedRow, FailureCause, JobSurvey, RunTimeline};
pub(crate) use timeline::TimelineChange;
pub use timeline::{Bucket, SlowFile};
