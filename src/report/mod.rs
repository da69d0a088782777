//! The report: which row became which asset. A projection of the ledger, as CSV, JSON
//! lines, or a page for people.
//!
//! During a run, finished rows are appended in the order in which they finish (`tail`). At
//! its end the whole report is written anew (`write`), in input order, beside the old one, and
//! takes its place (`place`).

mod error;
pub mod html;
mod line;
mod place;
mod tail;
mod write;

pub use error::ReportError;
pub(crate) use line::COLUMNS;
pub use line::Format;
pub(crate) use place::{apart, folder, version};
pub use place::{claim, is_ours, is_same};
pub use tail::Tail;
pub use write::{rewrite, write, write_to};
