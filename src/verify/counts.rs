//! What a check found, counted. Judges nothing.

use super::observation::{Observation, Observed};
use super::{ReportedAsset, Verdict};
use crate::shutdown::StopCause;

/// Rows by what was found. They add up to the rows that were to be checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct VerdictCounts {
    /// `success` in the report, and still so.
    pub ok: u64,
    /// `pending` in the report, confirmed by now.
    pub confirmed: u64,
    /// The service has no record of the asset.
    pub missing: u64,
    /// The service calls the asset FAILED.
    pub failed: u64,
    /// The service holds another number of bytes.
    pub wrong_size: u64,
    /// The service holds other bytes.
    pub wrong_bytes: u64,
    /// Not usable yet.
    pub processing: u64,
    /// The service would not say.
    pub not_asked: u64,
    /// The check stopped before them.
    pub not_reached: u64,
}

impl VerdictCounts {
    fn add(&mut self, verdict: &Verdict) {
        *match verdict {
            Verdict::Ok => &mut self.ok,
            Verdict::Confirmed => &mut self.confirmed,
            Verdict::Missing => &mut self.missing,
            Verdict::Failed => &mut self.failed,
            Verdict::WrongSize { .. } | Verdict::TooLong { .. } => &mut self.wrong_size,
            Verdict::WrongBytes { .. } => &mut self.wrong_bytes,
            Verdict::Processing(_) => &mut self.processing,
            Verdict::NotAsked(_) => &mut self.not_asked,
        } += 1;
    }

    /// Rows that have a verdict.
    #[must_use]
    pub fn checked(&self) -> u64 {
        let differ = self.missing + self.failed + self.wrong_size + self.wrong_bytes;
        self.ok + self.confirmed + differ + self.processing + self.not_asked
    }

    /// Whether every row is as the report says, or better.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.checked() == self.ok + self.confirmed && self.not_reached == 0
    }
}

/// How a check ended.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// The rows.
    pub counts: VerdictCounts,
    /// Rows found well whose size neither the report nor the service could vouch for.
    pub without_size: u64,
    /// Bytes that were downloaded, those of broken downloads included.
    pub downloaded: u64,
    /// The account or the service made it stop.
    pub cause: Option<StopCause>,
    /// It was asked to stop.
    pub interrupted: bool,
}

impl Verified {
    pub(super) fn add(&mut self, asset: &ReportedAsset, observed: &Observed, verdict: &Verdict) {
        self.counts.add(verdict);
        let lacks_size = |seen: &Observation| asset.bytes.is_none() || seen.size().is_none();
        let lacks_size = verdict.is_well() && observed.as_ref().is_ok_and(lacks_size);
        self.without_size += u64::from(lacks_size);
    }
}
