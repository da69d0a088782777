//! Where a run's report and ledger are.

use std::path::{Path, PathBuf, absolute};

use crate::ledger::Ledger;

/// The report's place and the ledger's, both absolute.
#[derive(Debug)]
pub struct Paths {
    /// Where the report goes.
    pub report: PathBuf,
    /// Where the ledger is.
    pub ledger: PathBuf,
}

impl Paths {
    /// The ledger stands beside the report, unless told otherwise.
    #[must_use]
    pub fn new(report: &Path, ledger: Option<&Path>) -> Self {
        let report = place(report);
        let beside = || report.with_file_name("mavi-ledger.db");
        let ledger = ledger.map_or_else(beside, place);
        Self { report, ledger }
    }
}

/// A path as the ledger knows it: absolute. That its folder is gone is told by whoever goes there.
#[must_use]
pub fn place(path: &Path) -> PathBuf {
    absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The files that a run with this report and this ledger writes: never to be uploaded.
#[must_use]
pub fn own_files(report: &Path, ledger: &Path) -> Vec<PathBuf> {
    let mut files = Ledger::own_files(ledger);
    files.push(report.to_owned());
    files
}
