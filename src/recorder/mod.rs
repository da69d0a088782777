//! The one writer: everything that is to be remembered goes through here, and is on disk when its
//! sender receives the answer.
//!
//! All messages that wait are written as one batch with one commit, so that no sender waits for two
//! disk syncs. Input rows are written with no sync of their own: a power loss may take those that no
//! fact followed, and the next run lists them anew. Rows that ended are appended to the report after
//! their commit. Knows the ledger and the report; neither the service nor the terminal.

mod admission;
mod batch;
mod handle;
mod message;
mod writer;

pub use admission::admissions;
pub use handle::Recorder;
pub(crate) use handle::{PendingRows, RecorderStopped, WeakRecorder, internal_error};
pub(crate) use message::ListingState;
pub(crate) use writer::RecordError;
pub use writer::recorder;
