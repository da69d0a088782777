//! Writes input rows, each with its file's line.

use std::sync::LazyLock;

use super::convert::{self, signed};
use super::report_row::{ROWS, STATUS};
use super::{Ledger, RunId};
use crate::ledger::types::{Admission, AdmittedRow, FileEntry, Listing};

const INSERT: &str = "INSERT INTO row (run, no, file, cells, name, sha256, error_code, error, todo) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// A duplicate is refused as the first row was.
const INSERT_DUPLICATE: &str = "INSERT INTO row (run, no, file, cells, name, sha256, duplicate_of, \
     error_code, error, todo) \
     SELECT ?1, ?2, file, ?4, ?5, ?6, ?3, error_code, error, 0 FROM row WHERE run = ?1 AND no = ?3";

static HAS_ENDED: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {STATUS} IN ('success', 'failed') {ROWS} WHERE r.run = ?1 AND r.no = ?2")
});

impl Ledger {
    /// Writes rows; returns the numbers of those that have ended.
    pub(super) fn admit(&self, run: RunId, rows: &[AdmittedRow]) -> rusqlite::Result<Vec<u64>> {
        let mut ended = Vec::new();
        for row in rows {
            let no = row.listing.no;
            let has_ended = match &row.admission {
                Admission::DuplicateOf(first) => {
                    self.insert_duplicate(run, *first, &row.listing)?;
                    self.has_ended(run, no)?
                }
                admission => {
                    self.insert_row(run, row)?;
                    !matches!(admission, Admission::Todo { .. })
                }
            };
            if has_ended {
                ended.push(no);
            }
        }
        Ok(ended)
    }

    fn insert_row(&self, run: RunId, row: &AdmittedRow) -> rusqlite::Result<()> {
        let (no, candidate) = (signed(row.listing.no), &row.listing.candidate);
        let file = self.write_file(run, row.file, &row.listing)?;
        let failure = match &row.admission {
            Admission::Refused(failure) => Some(failure),
            _ => None,
        };
        self.connection.prepare_cached(INSERT)?.execute((
            run.0,
            no,
            file,
            convert::cells(&candidate.cells),
            &candidate.name,
            candidate.expected_sha256.map(|digest| digest.to_string()),
            failure.map(|failure| failure.code.word()),
            failure.map(|failure| &failure.text),
            matches!(row.admission, Admission::Todo { .. }),
        ))?;
        Ok(())
    }

    fn insert_duplicate(&self, run: RunId, first: u64, row: &Listing) -> rusqlite::Result<()> {
        let candidate = &row.candidate;
        self.connection.prepare_cached(INSERT_DUPLICATE)?.execute((
            run.0,
            signed(row.no),
            signed(first),
            convert::cells(&candidate.cells),
            &candidate.name,
            candidate.expected_sha256.map(|digest| digest.to_string()),
        ))?;
        Ok(())
    }

    fn has_ended(&self, run: RunId, no: u64) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(&HAS_ENDED)?
            .query_row((run.0, signed(no)), |row| row.get(0))
    }

    /// Writes the file's line: its row in this run, and its size and time where they are known.
    fn write_file(
        &self,
        run: RunId,
        file: FileEntry,
        listing: &Listing,
    ) -> rusqlite::Result<Option<i64>> {
        let (id, sql) = match file {
            FileEntry::None => return Ok(None),
            FileEntry::Unchanged(file) => return Ok(Some(file.0)),
            FileEntry::New => (
                None,
                "INSERT INTO file (path, run, row, size, mtime_ns) VALUES (?1, ?2, ?3, ?4, ?5)",
            ),
            FileEntry::Changed(file) => (
                Some(file.0),
                "UPDATE file SET run = ?2, row = ?3, size = coalesce(?4, size), \
                 mtime_ns = coalesce(?5, mtime_ns) WHERE id = ?1",
            ),
            FileEntry::Restarted(file) => (
                Some(file.0),
                "UPDATE file SET run = ?2, row = ?3, size = coalesce(?4, size), \
                 mtime_ns = coalesce(?5, mtime_ns), attempts = 0, assets = 0, \
                 error_code = NULL, error = NULL, passing = 0 WHERE id = ?1",
            ),
        };
        let key = id.map_or_else(|| convert::path(&listing.candidate.path), Into::into);
        let version = listing.version.as_ref().ok();
        let size = version.map(|version| signed(version.size));
        let mtime_ns = version.map(|version| version.mtime_ns);
        self.connection.prepare_cached(sql)?.execute((
            key,
            run.0,
            signed(listing.no),
            size,
            mtime_ns,
        ))?;
        Ok(Some(
            id.unwrap_or_else(|| self.connection.last_insert_rowid()),
        ))
    }
}
