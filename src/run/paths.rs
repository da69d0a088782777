//! Where a run's report and ledger are. Opens neither.

use std::path::{Path, PathBuf, absolute};

use crate::ledger::Ledger;

/// The paths of the report and the ledger, both absolute.
#[derive(Debug)]
pub struct Paths {
    /// Where the report goes.
    pub report: PathBuf,
    /// Where the ledger is.
    pub ledger: PathBuf,
}

impl Paths {
    /// The ledger is beside the report, unless it is given.
    #[must_use]
    pub fn new(report: &Path, ledger: Option<&Path>) -> Self {
        let report = absolute_path(report);
        let beside = || report.with_file_name("mavi-ledger.db");
        let ledger = ledger.map_or_else(beside, absolute_path);
        Self { report, ledger }
    }
}

/// A path as the ledger knows it: absolute. Whether it exists shows when it is opened.
#[must_use]
pub fn absolute_path(path: &Path) -> PathBuf {
    absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The files that a run with this report and this ledger writes: never to be uploaded.
#[must_use]
pub fn own_files(report: &Path, ledger: &Path) -> Vec<PathBuf> {
    let mut files = Ledger::own_files(ledger);
    files.push(report.to_owned());
    files
}
