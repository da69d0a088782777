//! A temporary table of files that may have the same bytes. It spills to disk by itself, and is no
//! ledger's.

use std::path::Path;

use rusqlite::Connection;

use super::convert::{signed, to_path, unsigned};
use crate::ledger::types::ScratchError;
use crate::model::Sha256;

/// Memory for pages, in KiB with the minus sign that says so.
const CACHE_KIB: i64 = -4 * 1024;

const TABLES: &str = "
CREATE TABLE file (size INTEGER NOT NULL, allotted INTEGER NOT NULL, held INTEGER NOT NULL, path BLOB NOT NULL);
CREATE TABLE met (sha256 BLOB PRIMARY KEY) WITHOUT ROWID;";

/// An asset that may be filled goes before its duplicates, which then share it.
const TO_READ: &str = "
SELECT size, allotted, path FROM file
WHERE held = 1 OR size IN (SELECT size FROM file GROUP BY size HAVING count(*) > 1)
ORDER BY size, allotted DESC, rowid";

/// Files among which those with the same bytes are looked for.
#[derive(Debug)]
pub(crate) struct FileTable(Connection);

impl FileTable {
    /// An empty table.
    pub(crate) fn new() -> Result<Self, ScratchError> {
        // No name: a file of its own, which is gone when this is dropped.
        let connection = Connection::open("")?;
        connection.pragma_update(None, "cache_size", CACHE_KIB)?;
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.execute_batch(TABLES)?;
        // One transaction, which is never ended: nothing here is kept.
        connection.execute_batch("BEGIN")?;
        Ok(Self(connection))
    }

    /// Takes in a file: `allotted` when it has an asset to fill, `held` when an asset of its size has
    /// its bytes already.
    pub(crate) fn add(
        &self,
        path: &Path,
        size: u64,
        allotted: bool,
        held: bool,
    ) -> Result<(), ScratchError> {
        let sql = "INSERT INTO file (size, allotted, held, path) VALUES (?1, ?2, ?3, ?4)";
        let path = path.as_os_str().as_encoded_bytes();
        self.0
            .prepare_cached(sql)?
            .execute((signed(size), allotted, held, path))?;
        Ok(())
    }

    /// Hands path, size and `allotted` to `take` of each file that has to be read: one that is held,
    /// or shares its size with another.
    pub(crate) fn each_to_read<E: From<ScratchError>>(
        &self,
        mut take: impl FnMut(&Path, u64, bool) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error: rusqlite::Error| E::from(ScratchError::from(error));
        let mut statement = self.0.prepare(TO_READ).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let size = row.get(0).map(unsigned).map_err(failed)?;
            let allotted = row.get(1).map_err(failed)?;
            let path = row.get_ref(2).map(to_path).map_err(failed)?;
            take(&path, size, allotted)?;
        }
        Ok(())
    }

    /// Whether this digest is met for the first time.
    pub(crate) fn is_first(&self, digest: Sha256) -> Result<bool, ScratchError> {
        let sql = "INSERT OR IGNORE INTO met (sha256) VALUES (?1)";
        Ok(self.0.prepare_cached(sql)?.execute([digest.0])? == 1)
    }
}
