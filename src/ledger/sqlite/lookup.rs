//! What is known of a file by its path, and of bytes by their size and digest.

use std::path::Path;
use std::sync::LazyLock;

use rusqlite::{OptionalExtension, Row};

use super::convert::{self, signed, unsigned};
use super::queue::{ASSET_COLUMNS, stored_state};
use super::{Reader, RunId};
use crate::ledger::types::{KnownFile, LedgerError, Listing};
use crate::model::{FileId, FileVersion, Sha256, StoredState};

static BY_PATH: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT f.id, f.row, f.size, f.mtime_ns, a.confirmed_at, {ASSET_COLUMNS} \
         FROM file f LEFT JOIN asset a ON a.id = f.asset WHERE f.path = ?1"
    )
});

/// A file's line.
struct Line {
    id: i64,
    row: i64,
    size: Option<i64>,
    mtime_ns: Option<i64>,
    confirmed_at: Option<String>,
    stored_state: StoredState,
}

impl Line {
    /// Whether admitting a row changes nothing, as long as no work on the file begins. Where nothing
    /// is known of the file on disk, its line stays as it is.
    fn says(&self, no: i64, version: Option<&FileVersion>) -> bool {
        let is = |version: &FileVersion| {
            self.size == Some(signed(version.size)) && self.mtime_ns == Some(version.mtime_ns)
        };
        self.row == no && version.is_none_or(is)
    }
}

impl Reader {
    /// What is known of the files that these rows of a run name, in their order; `None` where that
    /// is nothing. Rows of the run that are not written yet are not known.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn look_up(
        &self,
        run: RunId,
        rows: &[Listing],
    ) -> Result<Vec<Option<KnownFile>>, LedgerError> {
        let known = || {
            // One lock for all of them.
            let _snapshot = self.connection.unchecked_transaction()?;
            rows.iter()
                .map(|row| self.known_file(run, row))
                .collect::<rusqlite::Result<_>>()
        };
        known().map_err(|error| self.failed(&error))
    }

    /// Where the file at an absolute path stands.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn stored_state_of(&self, path: &Path) -> Result<StoredState, LedgerError> {
        let line = self.line(path).map_err(|error| self.failed(&error))?;
        Ok(line.map_or(StoredState::New, |line| line.stored_state))
    }

    /// Whether an asset in use holds bytes of this size, and of this digest where one is given: a
    /// file with the same bytes would share it.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn holds(&self, size: u64, digest: Option<Sha256>) -> Result<bool, LedgerError> {
        // `+` leads SQLite to the digest, which says more than the size, where there is one.
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

    fn known_file(&self, run: RunId, row: &Listing) -> rusqlite::Result<Option<KnownFile>> {
        let path = &row.candidate.path;
        if path.as_os_str().is_empty() {
            return Ok(None);
        }
        let Some(line) = self.line(path)? else {
            return Ok(None);
        };
        let no = signed(row.no);
        Ok(Some(KnownFile {
            file: FileId(line.id),
            first_row: self.first_row(run, no, &line)?,
            is_unchanged: line.says(no, row.version.as_ref().ok()),
            stored_state: line.stored_state,
            confirmed_at: line.confirmed_at,
        }))
    }

    /// The row before `no` that named the file in this run, which names it in turn. A file that has
    /// its row from an earlier run may stand at `no` again, or behind it, and costs no query.
    fn first_row(&self, run: RunId, no: i64, line: &Line) -> rusqlite::Result<Option<u64>> {
        if line.row >= no {
            return Ok(None);
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM row WHERE run = ?1 AND no = ?2 AND file = ?3)";
        let is_named = self
            .connection
            .prepare_cached(sql)?
            .query_row((run.0, line.row, line.id), |row| row.get(0))?;
        Ok(if is_named {
            Some(unsigned(line.row))
        } else {
            None
        })
    }

    fn line(&self, path: &Path) -> rusqlite::Result<Option<Line>> {
        let mut statement = self.connection.prepare_cached(&BY_PATH)?;
        let line = |row: &Row<'_>| {
            Ok(Line {
                id: row.get(0)?,
                row: row.get(1)?,
                size: row.get(2)?,
                mtime_ns: row.get(3)?,
                confirmed_at: row.get(4)?,
                stored_state: stored_state(row, 5)?,
            })
        };
        statement.query_row([convert::path(path)], line).optional()
    }
}
