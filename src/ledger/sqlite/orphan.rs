//! Orphans: asset ids that were allotted and that nothing in the ledger uses any more.
//!
//! An asset is in use while any file points to it and it is allotted, sent or confirmed. So one that
//! was allotted to a file which then failed is none: the next run fills it. What was abandoned is
//! one, whatever points to it; so is whatever no file points to any more.

use rusqlite::Row;

use super::convert::{self, unsigned};
use super::{Ledger, Reader};
use crate::ledger::types::{LedgerError, Orphan};
use crate::model::AssetId;

/// Which assets are orphans, for `asset a`. The first subquery about files reads one row and settles
/// nearly all; only where it does not, the second one reads all files, once.
pub(super) const IS_ORPHAN: &str = "(a.state = 'abandoned' \
     OR (a.state IN ('allotted', 'sent', 'confirmed') \
         AND (SELECT asset FROM file WHERE id = a.file) IS NOT a.id \
         AND a.id NOT IN (SELECT asset FROM file WHERE asset IS NOT NULL)))";

/// Whether an asset may hold bytes, and so cost money. It does not where it was given up after the
/// service had said that nothing arrived.
pub(super) const MAY_HOLD_BYTES: &str = "(a.state <> 'abandoned' OR coalesce(a.reason, '') \
     NOT IN ('url_expired', 'url_refused', 'never_arrived'))";

/// Goes through all orphans in the order of their allotting, a page at a time, so that the
/// caller may change them on the way.
#[derive(Debug, Default)]
pub struct Orphans {
    after: i64,
}

impl Orphans {
    /// Orphans read at a time.
    const PAGE: u32 = 1000;

    /// The next page; empty at the end.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn next_page(&mut self, ledger: &Reader) -> Result<Vec<Orphan>, LedgerError> {
        let page = ledger.orphans_after(self.after, Self::PAGE)?;
        if let Some(last) = page.last() {
            self.after = last.key;
        }
        Ok(page)
    }
}

impl Reader {
    /// Hands each orphan to `take`, in the order of their allotting.
    ///
    /// # Errors
    /// When the ledger cannot be read, and those of `take`.
    pub fn each_orphan<E: From<LedgerError>>(
        &self,
        mut take: impl FnMut(&Orphan) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error: rusqlite::Error| E::from(self.failed(&error));
        let mut statement = self.connection.prepare_cached(&select()).map_err(failed)?;
        // From the first on, without a limit.
        let mut rows = statement.query((0, -1)).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(&orphan(row).map_err(failed)?)?;
        }
        Ok(())
    }

    fn orphans_after(&self, after: i64, limit: u32) -> Result<Vec<Orphan>, LedgerError> {
        let page = self
            .connection
            .prepare_cached(&select())
            .and_then(|mut statement| {
                statement
                    .query_map((after, limit), orphan)?
                    .collect::<rusqlite::Result<Vec<_>>>()
            });
        page.map_err(|error| self.failed(&error))
    }
}

fn select() -> String {
    format!(
        "SELECT a.id, a.asset_id, f.path, a.state, a.reason, a.size, {MAY_HOLD_BYTES} \
         FROM asset a JOIN file f ON f.id = a.file \
         WHERE a.id > ?1 AND {IS_ORPHAN} ORDER BY a.id LIMIT ?2"
    )
}

fn orphan(row: &Row<'_>) -> rusqlite::Result<Orphan> {
    let state: String = row.get(3)?;
    // The reason of any other state is a note about it, not why it is an orphan.
    let reason = if state == "abandoned" {
        row.get::<_, Option<String>>(4)?
            .unwrap_or_else(|| "unknown".to_owned())
    } else {
        "replaced".to_owned()
    };
    Ok(Orphan {
        key: row.get(0)?,
        asset_id: AssetId::parse(&row.get::<_, String>(1)?).ok_or(rusqlite::Error::InvalidQuery)?,
        path: convert::to_path(row.get_ref(2)?),
        state,
        reason,
        size: unsigned(row.get(5)?),
        may_hold_bytes: row.get(6)?,
    })
}

impl Ledger {
    /// Writes down that the service holds an orphan no more. An asset in use stays as it is.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn orphan_deleted(&mut self, orphan: &Orphan) -> Result<(), LedgerError> {
        let sql = format!(
            "UPDATE asset AS a SET state = 'deleted', reason = ?2, signed_url = NULL \
             WHERE a.id = ?1 AND {IS_ORPHAN}"
        );
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.execute((orphan.key, &orphan.reason)))
            .map(drop)
            .map_err(|error| self.failed(&error))
    }
}
