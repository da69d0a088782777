//! Asks the service again about every asset of a report, and compares.
//!
//! ```text
//! report ──> scope ──> status (and download) ──> verdict ──> counts, and the caller
//! ```
//!
//! Needs no ledger and writes nothing: anyone who has a report and the account's key can check it.
//! The report is read twice and never held: memory grows by about eight bytes an asset, and by
//! what was observed of assets that stand on more than one row. Knows no terminal.

mod check;
mod content;
mod counts;
mod observation;
mod options;
mod report;
mod sample;
mod scope;
mod verdict;

pub use check::Verification;
pub use content::DOLLARS_PER_GB;
pub use counts::{VerdictCounts, Verified};
pub use options::VerifyOptions;
pub use report::{ReadError, ReadFault, Report, ReportedAsset, ReportedRow, ReportedRows};
pub use sample::{AssetSample, SampleError};
pub use scope::VerifyScope;
pub use verdict::Verdict;
