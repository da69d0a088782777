//! Input rows in: what becomes of each, by what the ledger knows of its file.

use std::path::Path;
use std::sync::LazyLock;

use rusqlite::{OptionalExtension, Row};

use super::convert::{self, signed};
use super::queue::{ASSET_COLUMNS, stored_state};
use super::{Ledger, Reader};
use crate::decision::{Decision, decide};
use crate::ledger::types::{Admitted, LedgerError, Listing, RunId};
use crate::model::{RowFailure, StoredState};

/// Where a row stands from the start.
enum Place<'a> {
    Todo,
    Done,
    DuplicateOf(i64),
    Refused(&'a RowFailure),
}

/// What is known of a file before its row is admitted.
pub(super) struct Known {
    id: i64,
    row: i64,
    size: Option<i64>,
    mtime_ns: Option<i64>,
    pub(super) stored_state: StoredState,
    confirmed_at: Option<String>,
}

/// What is known of a file, by its path.
static KNOWN: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT f.id, f.row, f.size, f.mtime_ns, a.confirmed_at, {ASSET_COLUMNS} \
         FROM file f LEFT JOIN asset a ON a.id = f.asset WHERE f.path = ?1"
    )
});

impl Ledger {
    /// Takes one input row in and decides on it.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn admit(&mut self, run: RunId, listing: &Listing) -> Result<Admitted, LedgerError> {
        self.admit_row(run, listing)
            .map_err(|error| self.failed(&error))
    }

    fn admit_row(&mut self, run: RunId, listing: &Listing) -> rusqlite::Result<Admitted> {
        let Listing {
            no,
            candidate,
            version,
        } = listing;
        let no = signed(*no);
        let path = candidate.path.clone();
        if path.as_os_str().is_empty() {
            let refusal = version.clone().err().unwrap_or_else(no_path);
            self.insert_row(run, no, None, listing, &Place::Refused(&refusal))?;
            return Ok(Admitted::Refused { path, refusal });
        }
        let known = self.known(&path)?;
        if let Some(known) = &known
            && self.is_named(run, no, known)?
        {
            let place = Place::DuplicateOf(known.row);
            self.insert_row(run, no, Some(known.id), listing, &place)?;
            return Ok(Admitted::Duplicate);
        }
        let stored_state = known
            .as_ref()
            .map_or(&StoredState::New, |known| &known.stored_state);
        let decision = decide(version, stored_state, candidate.expected_sha256);
        let file = self.upsert(run, no, listing, known.as_ref(), &decision)?;
        let place = match &decision {
            Decision::Refuse(refusal) => Place::Refused(refusal),
            Decision::Skip => Place::Done,
            Decision::Work => Place::Todo,
        };
        self.insert_row(run, no, Some(file), listing, &place)?;
        Ok(
            match (
                decision,
                known.map(|known| (known.stored_state, known.confirmed_at)),
            ) {
                (Decision::Refuse(refusal), _) => Admitted::Refused { path, refusal },
                (Decision::Skip, Some((StoredState::Confirmed(asset), Some(confirmed_at)))) => {
                    Admitted::Skipped {
                        path,
                        asset_id: asset.asset_id,
                        confirmed_at,
                    }
                }
                (_, Some((StoredState::Sent(_) | StoredState::Confirmed(_), _))) => {
                    Admitted::Todo { bytes: 0 }
                }
                _ => Admitted::Todo {
                    bytes: version.as_ref().map_or(0, |version| version.size),
                },
            },
        )
    }

    /// Whether a row before `no` named the file in this run: then its row names it in turn. One that
    /// has its row from an earlier run may stand at `no` again, or behind it, and costs no look.
    fn is_named(&self, run: RunId, no: i64, known: &Known) -> rusqlite::Result<bool> {
        if known.row >= no {
            return Ok(false);
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM row WHERE run = ?1 AND no = ?2 AND file = ?3)";
        self.connection
            .prepare_cached(sql)?
            .query_row((run.0, known.row, known.id), |row| row.get(0))
    }

    /// Writes the file's line: what the disk says of it now, and its row in this run.
    fn upsert(
        &self,
        run: RunId,
        no: i64,
        listing: &Listing,
        known: Option<&Known>,
        decision: &Decision,
    ) -> rusqlite::Result<i64> {
        let version = listing.version.as_ref().ok();
        let (size, mtime_ns) = (version.map(|s| signed(s.size)), version.map(|s| s.mtime_ns));
        let Some(known) = known else {
            let sql =
                "INSERT INTO file (path, size, mtime_ns, run, row) VALUES (?1, ?2, ?3, ?4, ?5)";
            let path = convert::path(&listing.candidate.path);
            self.connection
                .prepare_cached(sql)?
                .execute((path, size, mtime_ns, run.0, no))?;
            return Ok(self.connection.last_insert_rowid());
        };
        // Work begins with a clean slate; what is skipped keeps its history, and a million files that
        // are what they were are not written.
        let is_as_it_was = known.row == no
            && size.is_none_or(|size| known.size == Some(size))
            && mtime_ns.is_none_or(|mtime_ns| known.mtime_ns == Some(mtime_ns));
        let sql = match decision {
            Decision::Work => {
                "UPDATE file SET run = ?2, row = ?3, size = coalesce(?4, size), \
                 mtime_ns = coalesce(?5, mtime_ns), attempts = 0, assets = 0, \
                 error_code = NULL, error = NULL, passing = 0 WHERE id = ?1"
            }
            _ if is_as_it_was => return Ok(known.id),
            _ => {
                "UPDATE file SET run = ?2, row = ?3, size = coalesce(?4, size), \
                 mtime_ns = coalesce(?5, mtime_ns) WHERE id = ?1"
            }
        };
        self.connection
            .prepare_cached(sql)?
            .execute((known.id, run.0, no, size, mtime_ns))?;
        Ok(known.id)
    }

    fn insert_row(
        &self,
        run: RunId,
        no: i64,
        file: Option<i64>,
        listing: &Listing,
        place: &Place<'_>,
    ) -> rusqlite::Result<()> {
        let candidate = &listing.candidate;
        let refusal = if let Place::Refused(refusal) = place {
            Some(refusal)
        } else {
            None
        };
        let duplicate_of = if let Place::DuplicateOf(row) = place {
            Some(row)
        } else {
            None
        };
        // A duplicate is refused as the first row was; to look for that one costs more than to write.
        let sql = if duplicate_of.is_some() {
            "INSERT INTO row (run, no, file, cells, name, sha256, duplicate_of, error_code, error, todo) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, \
             coalesce(?8, (SELECT error_code FROM row WHERE run = ?1 AND no = ?7)), \
             coalesce(?9, (SELECT error FROM row WHERE run = ?1 AND no = ?7)), ?10)"
        } else {
            "INSERT INTO row (run, no, file, cells, name, sha256, duplicate_of, error_code, error, todo) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        };
        self.connection.prepare_cached(sql)?.execute((
            run.0,
            no,
            file,
            convert::cells(&candidate.cells),
            &candidate.name,
            candidate.expected_sha256.map(|digest| digest.to_string()),
            duplicate_of,
            refusal.map(|refusal| refusal.code.word()),
            refusal.map(|refusal| &refusal.text),
            matches!(place, Place::Todo),
        ))?;
        Ok(())
    }
}

impl Reader {
    pub(super) fn known(&self, path: &Path) -> rusqlite::Result<Option<Known>> {
        let mut statement = self.connection.prepare_cached(&KNOWN)?;
        let known = |row: &Row<'_>| {
            Ok(Known {
                id: row.get(0)?,
                row: row.get(1)?,
                size: row.get(2)?,
                mtime_ns: row.get(3)?,
                confirmed_at: row.get(4)?,
                stored_state: stored_state(row, 5)?,
            })
        };
        statement.query_row([convert::path(path)], known).optional()
    }
}

fn no_path() -> RowFailure {
    RowFailure::new(crate::model::ErrorCode::Manifest, "the row names no file")
}
