//! What a run would find in the ledger, for whoever looks ahead of it.

use std::path::Path;

use super::Reader;
use super::convert::signed;
use crate::ledger::types::LedgerError;
use crate::model::{Sha256, StoredState};

impl Reader {
    /// Where the file at an absolute path stands.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn stored_state_of(&self, path: &Path) -> Result<StoredState, LedgerError> {
        let known = self.known(path).map_err(|error| self.failed(&error))?;
        Ok(known.map_or(StoredState::New, |known| known.stored_state))
    }

    /// Whether an asset in use holds bytes of this size, and of this digest where one is given: a
    /// file with the same bytes would share it.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn holds(&self, size: u64, digest: Option<Sha256>) -> Result<bool, LedgerError> {
        // `+` leads SQLite to the digest, which tells more than the size, where there is one.
        let same = match digest {
            Some(_) => "+a.size = ?1 AND a.sha256 = ?2",
            None => "a.size = ?1 AND ?2 IS NULL",
        };
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM asset a WHERE {same} AND a.state IN ('sent', 'confirmed') \
             AND EXISTS (SELECT 1 FROM file u WHERE u.asset = a.id))"
        );
        let values = (signed(size), digest.map(|digest| digest.to_string()));
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row(values, |row| row.get(0)))
            .map_err(|error| self.failed(&error))
    }
}
