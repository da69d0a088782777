//! What a plan found out, before it is shown.

use std::path::PathBuf;

use mavi_upload::plan::{Estimate, PlanOptions, Workload};

pub(crate) struct Plan {
    pub(crate) ledger: PathBuf,
    /// There is one.
    pub(crate) ledger_exists: bool,
    pub(crate) options: PlanOptions,
    pub(crate) workload: Workload,
    pub(crate) estimate: Estimate,
}
