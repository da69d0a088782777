//! Why there is no plan. Rows that would fail are no error.

use crate::ledger::{LedgerError, ScratchError};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The table in which files with the same bytes are found.
    #[error("the temporary table for --dedupe: {0}; make room there or set SQLITE_TMPDIR")]
    Table(#[from] ScratchError),
}
