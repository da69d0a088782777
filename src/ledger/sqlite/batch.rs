//! A batch as one transaction.

use super::Ledger;
use crate::crash;
use crate::ledger::types::{Durability, LedgerError, Op, Reply};
use crate::model::{FileId, StoredState};

impl Ledger {
    /// Performs a batch and commits it: all of it is written when this returns, or, with an error,
    /// none of it. The replies are in the order of `ops`.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub fn commit(
        &mut self,
        durability: Durability,
        ops: &[Op],
    ) -> Result<Vec<Reply>, LedgerError> {
        self.transact(durability, || {
            let replies = ops.iter().map(|op| self.perform(op));
            let replies = replies.collect::<rusqlite::Result<_>>()?;
            crash::point("group committing");
            Ok(replies)
        })
    }

    /// Runs `work` as one transaction.
    pub(super) fn transact<T>(
        &self,
        durability: Durability,
        work: impl FnOnce() -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        let execute = |sql: &str| self.connection.execute_batch(sql);
        let transaction = || {
            execute(match durability {
                Durability::Synced => "PRAGMA synchronous=FULL; BEGIN IMMEDIATE",
                Durability::Unsynced => "PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE",
            })?;
            let done = work().and_then(|value| execute("COMMIT").map(|()| value));
            if done.is_err() {
                // The first error is the one to report; SQLite rolls back by itself where this
                // fails.
                let _ = execute("ROLLBACK");
            }
            if durability == Durability::Unsynced {
                execute("PRAGMA synchronous=FULL")?;
            }
            done
        };
        transaction().map_err(|error| self.failed(&error))
    }

    fn perform(&self, op: &Op) -> rusqlite::Result<Reply> {
        Ok(match op {
            Op::Admit { run, rows } => Reply::Rows(self.admit(*run, rows)?),
            Op::EndListing(run) => {
                self.end_listing(*run)?;
                Reply::Done
            }
            Op::Apply { file, fact } => Reply::Written(self.apply(*file, fact)?),
            Op::RowsOf {
                run,
                file,
                if_confirmed,
            } => Reply::Rows(if !if_confirmed || self.is_confirmed(*file)? {
                self.rows_of(*run, *file)?
            } else {
                Vec::new()
            }),
            Op::Jobs {
                run,
                pass,
                after,
                limit,
            } => Reply::Jobs(self.jobs(*run, *pass, *after, *limit)?),
            Op::StoredState(file) => Reply::StoredState(self.stored_state(*file)?),
            Op::DuplicateCandidates { file, size, digest } => {
                Reply::DuplicateCandidates(self.duplicate_candidates(*file, *size, *digest)?)
            }
            Op::Timeline { run, change } => {
                self.write_timeline(*run, change)?;
                Reply::Done
            }
            Op::EndRun { run, report } => {
                self.end_run(*run, *report)?;
                Reply::Done
            }
        })
    }

    fn is_confirmed(&self, file: FileId) -> rusqlite::Result<bool> {
        let stored_state = self.stored_state(file)?;
        Ok(matches!(stored_state, StoredState::Confirmed(_)))
    }
}
