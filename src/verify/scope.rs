//! What a report has to ask about, counted before anything is asked.

use std::collections::HashSet;

use super::{Claim, ReadError, Report, Row, Sample};
use crate::ledger::Status;

/// What a report has to ask about.
#[derive(Debug, Clone, Default)]
pub struct Survey {
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
    again: HashSet<u64>,
}

impl Survey {
    fn add(&mut self, claim: &Claim, sample: Sample, seen: &mut HashSet<u64>) {
        let key = claim.key();
        let (is_new, is_taken) = (seen.insert(key), sample.takes(key));
        self.rows += 1;
        if !is_taken {
            return;
        }
        self.sampled_rows += 1;
        if is_new {
            self.sampled_assets += 1;
            self.bytes = self.bytes.saturating_add(claim.bytes.unwrap_or_default());
        } else {
            self.again.insert(key);
        }
    }

    /// Whether the asset with this key stands on more than one row.
    pub(super) fn stands_again(&self, key: u64) -> bool {
        self.again.contains(&key)
    }
}

impl Report {
    /// Counts what there is to ask about, and makes sure of every row. Blocking.
    ///
    /// # Errors
    /// When a row is none of a report's.
    pub fn survey(&self, sample: Sample) -> Result<Survey, ReadError> {
        let (mut survey, mut seen) = (Survey::default(), HashSet::new());
        for row in self.rows()? {
            match row? {
                Row::Claim(claim) => survey.add(&claim, sample, &mut seen),
                Row::Other(Status::Failed) => survey.failed_rows += 1,
                Row::Other(_) => survey.not_started_rows += 1,
            }
        }
        survey.assets = seen.len() as u64;
        Ok(survey)
    }
}
