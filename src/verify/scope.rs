//! What a report has to ask about, counted before the first call. Asks the service nothing.

use std::collections::HashSet;

use super::{AssetSample, ReadError, Report, ReportedAsset, ReportedRow};
use crate::ledger::Status;

/// What a report has to ask about.
#[derive(Debug, Clone, Default)]
pub struct VerifyScope {
    /// Rows of status `success` or `pending`.
    pub rows: u64,
    /// Their assets.
    pub assets: u64,
    /// Those rows whose assets are in the sample.
    pub sampled_rows: u64,
    /// The assets in the sample.
    pub sampled_assets: u64,
    /// The bytes of the assets in the sample, where the report has them.
    pub bytes: u64,
    /// Rows of status `failed`.
    pub failed_rows: u64,
    /// Rows of status `not_started`.
    pub not_started_rows: u64,
    /// Assets in the sample that stand on more than one row.
    repeated: HashSet<u64>,
}

impl VerifyScope {
    /// Reads a whole report, checks the form of each row, and counts what is in the sample.
    /// Blocking.
    ///
    /// # Errors
    /// When the report cannot be read, or a row is none of a report's.
    pub fn of(report: &Report, sample: AssetSample) -> Result<Self, ReadError> {
        let (mut scope, mut seen) = (Self::default(), HashSet::new());
        for row in report.rows()? {
            match row? {
                ReportedRow::Asset(asset) => scope.add(&asset, sample, &mut seen),
                ReportedRow::Other(Status::Failed) => scope.failed_rows += 1,
                ReportedRow::Other(_) => scope.not_started_rows += 1,
            }
        }
        scope.assets = seen.len() as u64;
        Ok(scope)
    }

    fn add(&mut self, asset: &ReportedAsset, sample: AssetSample, seen: &mut HashSet<u64>) {
        let key = asset.key();
        let is_new = seen.insert(key);
        self.rows += 1;
        if !sample.takes(key) {
            return;
        }
        self.sampled_rows += 1;
        if is_new {
            self.sampled_assets += 1;
            self.bytes = self.bytes.saturating_add(asset.bytes.unwrap_or_default());
        } else {
            self.repeated.insert(key);
        }
    }

    /// Whether the asset with this key stands on more than one row.
    pub(super) fn is_repeated(&self, key: u64) -> bool {
        self.repeated.contains(&key)
    }
}
