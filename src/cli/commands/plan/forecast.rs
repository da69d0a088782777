//! What a plan found out, before it is shown.

use std::path::PathBuf;

use mavi_upload::plan::{Estimate, PlanOptions, Workload};

pub(crate) struct Plan {
    pub(crate) ledger: PathBuf,
    /// There is one.
    pub(crate) ledger_exists: bool,
    pub(crate) options: PlanOptions,
    /// The time zone of the bandwidth's times of day, where there are any.
    pub(crate) zone: Option<String>,
    pub(crate) workload: Workload,
    pub(crate) estimate: Estimate,
}
