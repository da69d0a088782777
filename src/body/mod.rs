//! From a file to a request body: opened, checked, streamed in chunks through SHA-256.
//!
//! One blocking thread a transfer reads and hashes and hands chunks over a short queue; their buffers
//! go round, so that memory is the chunks under way, whatever the file's size. The last chunk leaves
//! only when the whole file has been read, is the file that was announced, and hashes to what was
//! expected: a body that arrives whole is right.
//! Knows neither the service nor the ledger.

mod bandwidth;
mod buffers;
mod fault;
mod file_body;
mod form;
mod open;
mod progress;
mod read;
mod timetable;

pub(crate) use bandwidth::Bandwidth;
pub use fault::BodyFault;
pub use file_body::{FileBody, FileBodyOptions};
#[cfg(test)]
pub(crate) use form::head;
pub(crate) use form::sent_name;
pub use open::LocalFile;
pub use progress::BodyProgress;
pub(crate) use read::hash_file;
pub use timetable::{ParseTimetableError, Timetable};
