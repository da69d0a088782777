//! Assets that several files use: found by their bytes, linked, and left again.

use rusqlite::OptionalExtension;

use super::convert::{self, signed};
use super::queue::{ASSET_COLUMNS, stored_state};
use super::{Ledger, Reader};
use crate::ledger::types::{DuplicateCandidates, InProgressDuplicate, Written};
use crate::model::{AssetId, FileId, FileVersion, Sha256, StoredState};

impl Reader {
    /// Where a file stands.
    pub(super) fn stored_state(&self, file: FileId) -> rusqlite::Result<StoredState> {
        let sql = format!(
            "SELECT {ASSET_COLUMNS} FROM file f LEFT JOIN asset a ON a.id = f.asset WHERE f.id = ?1"
        );
        self.connection
            .prepare_cached(&sql)?
            .query_row([file.0], |row| stored_state(row, 0))
    }

    /// The assets of other files than this one that may hold the same bytes: of this size, and of
    /// this digest where one is given.
    pub(super) fn duplicate_candidates(
        &self,
        file: FileId,
        size: u64,
        digest: Option<Sha256>,
    ) -> rusqlite::Result<DuplicateCandidates> {
        Ok(DuplicateCandidates {
            stored: self.stored(file, size, digest)?,
            begun: self.begun(file, size)?,
        })
    }

    fn stored(
        &self,
        file: FileId,
        size: u64,
        digest: Option<Sha256>,
    ) -> rusqlite::Result<Option<StoredState>> {
        // Without statistics SQLite may well read all assets of the size: `+` hides that
        // index from it where the digest finds the few that matter.
        let (same, order) = match digest {
            Some(_) => (
                "+a.size = ?2 AND a.sha256 = ?3",
                "ORDER BY a.state = 'confirmed' DESC, a.id",
            ),
            None => ("a.size = ?2 AND ?3 IS NULL", ""),
        };
        let sql = format!(
            "SELECT {ASSET_COLUMNS} FROM asset a JOIN file f ON f.id = ?1 \
             WHERE {same} AND a.state IN ('sent', 'confirmed') AND f.asset IS NOT a.id \
             AND EXISTS (SELECT 1 FROM file u WHERE u.asset = a.id) {order} LIMIT 1"
        );
        let values = (
            file.0,
            signed(size),
            digest.map(|digest| digest.to_string()),
        );
        self.connection
            .prepare_cached(&sql)?
            .query_row(values, |row| stored_state(row, 0))
            .optional()
    }

    fn begun(&self, file: FileId, size: u64) -> rusqlite::Result<Vec<InProgressDuplicate>> {
        let sql = format!(
            "SELECT f.id, f.path, {ASSET_COLUMNS} FROM asset a JOIN file f ON f.asset = a.id \
             WHERE a.size = ?2 AND a.state = 'allotted' AND f.id <> ?1"
        );
        let begun = |row: &rusqlite::Row<'_>| {
            Ok(InProgressDuplicate {
                file: FileId(row.get(0)?),
                path: convert::to_path(row.get_ref(1)?),
                stored_state: stored_state(row, 2)?,
            })
        };
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement
            .query_map((file.0, signed(size)), begun)?
            .collect()
    }
}

impl Ledger {
    /// Makes a file use the asset of another, as long as that is in this state still.
    pub(super) fn share(
        &self,
        file: FileId,
        asset: &AssetId,
        state: &str,
        version: FileVersion,
        posts: u32,
    ) -> rusqlite::Result<Written> {
        let sql = "UPDATE file SET asset = a.id, size = ?2, mtime_ns = ?3, shared_mtime_ns = ?3, \
                   attempts = ?4 FROM asset a WHERE file.id = ?1 AND a.asset_id = ?5 AND a.state = ?6 \
                   AND EXISTS (SELECT 1 FROM file u WHERE u.asset = a.id)";
        let linked = self.connection.prepare_cached(sql)?.execute((
            file.0,
            signed(version.size),
            version.mtime_ns,
            posts,
            asset.as_str(),
            state,
        ))?;
        Ok(if linked == 1 {
            Written::Done
        } else {
            Written::DuplicateGone
        })
    }

    /// Makes the asset of another file this one's, as long as it has not been sent to for good.
    pub(super) fn take_over(
        &self,
        file: FileId,
        id: &AssetId,
        version: FileVersion,
    ) -> rusqlite::Result<Written> {
        let prepare = |sql| self.connection.prepare_cached(sql);
        let sql =
            "UPDATE asset SET file = ?1, mtime_ns = ?3 WHERE asset_id = ?2 AND state = 'allotted'";
        let taken = prepare(sql)?.execute((file.0, id.as_str(), version.mtime_ns))?;
        if taken == 0 {
            return Ok(Written::DuplicateGone);
        }
        let sql = "UPDATE file SET asset = iif(file.id = ?1, a.id, NULL), shared_mtime_ns = NULL FROM asset a \
                   WHERE a.asset_id = ?2 AND (file.id = ?1 OR file.asset = a.id)";
        prepare(sql)?.execute((file.0, id.as_str()))?;
        Ok(Written::Done)
    }

    pub(super) fn used_by_others(&self, file: FileId, id: &AssetId) -> rusqlite::Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM file f JOIN asset a ON a.id = f.asset \
                   WHERE a.asset_id = ?2 AND f.id <> ?1)";
        self.connection
            .prepare_cached(sql)?
            .query_row((file.0, id.as_str()), |row| row.get(0))
    }

    /// Takes a file off an asset that stays with the others.
    pub(super) fn leave(&self, file: FileId) -> rusqlite::Result<()> {
        let sql = "UPDATE file SET asset = NULL, shared_mtime_ns = NULL WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute([file.0])?;
        Ok(())
    }
}
