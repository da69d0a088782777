//! Asks the service again about every asset of a report, and compares.
//!
//! ```text
//! report ──> survey ──> ask (and download) ──> verdict ──> tally, and whoever is told
//! ```
//!
//! Needs no ledger and writes nothing: a report can be checked by whoever has it and the account's
//! key. The report is read twice and never held: memory grows by eight bytes or so an asset, and by
//! what was seen of those assets that stand on more than one row. Knows no terminal.

mod check;
mod content;
mod options;
mod report;
mod sample;
mod scope;
mod sight;
mod tally;
mod verdict;

pub use check::Verification;
pub use content::DOLLARS_PER_GB;
pub use options::VerifyOptions;
pub use report::{Claim, ReadError, ReadFault, Report, Row, Rows};
pub use sample::{Sample, SampleError};
pub use scope::Survey;
pub use tally::{Tally, Verified};
pub use verdict::Verdict;
