//! Whose ledger it is, and the runs that wrote to it.

use std::path::PathBuf;

use crate::model::FileVersion;
use crate::source::Cells;

/// The service and the account that a ledger's asset ids belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The service's base URL.
    pub base_url: String,
    /// [`crate::model::ApiKey::fingerprint`] of the key.
    pub account: String,
}

/// One command's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub(in crate::ledger) i64);

/// What the ledger knows of a run.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// Its number.
    pub id: RunId,
    /// The header of the input's own columns.
    pub columns: Cells,
    /// Where its report is.
    pub report: PathBuf,
    /// Its input was read to its end: it has all its rows.
    pub listed: bool,
    /// Its whole report, as the run left it at its end.
    pub whole: Option<FileVersion>,
}
