//! The truth about a job: every file, every asset id and every input row.
//!
//! One process writes, and in it one task (`recorder`); any process reads. All calls block. `types`
//! is what goes in and out; `sqlite` is where it is stored. Knows neither the service nor the
//! terminal.

mod sqlite;
mod types;

pub use sqlite::{FileTable, Ledger, Orphans, Reader};
pub use types::*;
