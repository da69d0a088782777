//! Files with the same bytes: only those that share their size with another, or with an asset of the
//! ledger, are read.
//!
//! A temporary table of `SQLite` holds them, which spills to disk by itself.

use std::path::Path;

use rusqlite::Connection;

use super::PlanError;
use super::calls::{CallCounts, StartPoint};
use crate::body::hash_file;
use crate::ledger::{Reader, Total, to_path};
use crate::pipeline::Via;

/// Memory for pages, in KiB with the minus sign that says so.
const CACHE_KIB: i64 = -4 * 1024;

/// An asset that may be filled goes before its duplicates, which then share it.
const TABLES: &str = "
CREATE TABLE file (size INTEGER NOT NULL, allotted INTEGER NOT NULL, held INTEGER NOT NULL, path BLOB NOT NULL);
CREATE TABLE met (sha256 BLOB PRIMARY KEY) WITHOUT ROWID;";

const TO_READ: &str = "
SELECT size, allotted, path FROM file
WHERE held = 1 OR size IN (SELECT size FROM file GROUP BY size HAVING count(*) > 1)
ORDER BY size, allotted DESC, rowid";

/// Files with the same bytes, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// Files that share the asset of another.
    pub shared: Total,
    /// Files that were read for it, and that a run reads as well.
    pub read: Total,
}

/// The files among which duplicates are searched.
pub(super) struct DuplicateTable(Connection);

impl DuplicateTable {
    pub(super) fn new() -> Result<Self, PlanError> {
        // No name: a file of its own, which is gone when this is dropped.
        let connection = Connection::open("")?;
        connection.pragma_update(None, "cache_size", CACHE_KIB)?;
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.execute_batch(TABLES)?;
        // One transaction, which is never ended: nothing here is kept.
        connection.execute_batch("BEGIN")?;
        Ok(Self(connection))
    }

    /// Adds a file to upload.
    pub(super) fn add(
        &self,
        path: &Path,
        size: u64,
        begin: StartPoint,
        ledger: Option<&Reader>,
    ) -> Result<(), PlanError> {
        let held = match ledger {
            Some(ledger) => ledger.holds(size, None)?,
            None => false,
        };
        let allotted = matches!(begin, StartPoint::Allotted { .. });
        let sql = "INSERT INTO file (size, allotted, held, path) VALUES (?1, ?2, ?3, ?4)";
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let path = path.as_os_str().as_encoded_bytes();
        self.0
            .prepare_cached(sql)?
            .execute((size, allotted, held, path))?;
        Ok(())
    }

    /// Reads what must be read; returns what was found, and the calls that are saved.
    pub(super) fn find(
        &self,
        ledger: Option<&Reader>,
        via: Via,
        confirms: bool,
    ) -> Result<(Duplicates, CallCounts), PlanError> {
        let (mut duplicates, mut saved) = (Duplicates::default(), CallCounts::default());
        let mut statement = self.0.prepare(TO_READ)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (size, allotted): (i64, bool) = (row.get(0)?, row.get(1)?);
            let size = u64::try_from(size).unwrap_or_default();
            let path = to_path(row.get_ref(2)?);
            // What cannot be read fails in a run, too; preflight reports it.
            let Ok(Some((_, digest))) = hash_file(&path, &|| true) else {
                continue;
            };
            duplicates.read.add(size);
            let first = "INSERT OR IGNORE INTO met (sha256) VALUES (?1)";
            let is_first = self.0.prepare_cached(first)?.execute([digest.0])? == 1;
            let is_held = match ledger {
                Some(ledger) => ledger.holds(size, Some(digest))?,
                None => false,
            };
            if !allotted && (!is_first || is_held) {
                duplicates.shared.add(size);
                saved += StartPoint::New.calls(via, confirms);
            }
        }
        Ok((duplicates, saved))
    }
}
