//! What a plan found out, before it is shown.

use std::path::PathBuf;

use mavi_upload::plan::{Outlook, Survey, Terms};

pub(crate) struct Plan {
    pub(crate) ledger: PathBuf,
    /// There is one.
    pub(crate) ledger_exists: bool,
    pub(crate) terms: Terms,
    pub(crate) survey: Survey,
    pub(crate) outlook: Outlook,
}
