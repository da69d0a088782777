//! Writes facts about files. `share` has those about assets that several files use.

use jiff::Timestamp;

use super::Ledger;
use super::convert::{self, signed};
use crate::ledger::types::Written;
use crate::model::{Asset, AssetId, Fact, FileId, FileVersion, Reason, RowFailure, Sha256};

impl Ledger {
    /// Writes one fact about one file.
    pub(super) fn apply(&self, file: FileId, fact: &Fact) -> rusqlite::Result<Written> {
        match fact {
            Fact::Allotted(asset) => return self.allot(file, asset),
            Fact::Shared {
                asset_id,
                version,
                confirmed,
                posts,
            } => {
                let state = if *confirmed { "confirmed" } else { "sent" };
                return self.share(file, asset_id, state, *version, *posts);
            }
            Fact::TakenOver { asset_id, version } => {
                return self.take_over(file, asset_id, *version);
            }
            Fact::Version { asset_id, version } => self.see(file, asset_id, *version)?,
            Fact::Sent {
                asset_id,
                sha256,
                posts,
                at,
            } => self.sent(file, asset_id, *sha256, *posts, *at)?,
            Fact::Confirmed {
                asset_id,
                size_checked,
                at,
            } => self.confirm(asset_id, *size_checked, *at)?,
            Fact::Abandoned { asset_id, reason } => self.abandon(file, asset_id, reason)?,
            Fact::Failed { failure, posts } => self.fail(file, failure, *posts, false)?,
            Fact::Deferred { failure, posts } => self.fail(file, failure, *posts, true)?,
            // The asset stays as it is.
            Fact::Pending { .. } => {}
        }
        Ok(Written::Done)
    }

    fn allot(&self, file: FileId, asset: &Asset) -> rusqlite::Result<Written> {
        let sql = "INSERT INTO asset (asset_id, file, state, size, mtime_ns, signed_url, \
                   url_expires_at, allotted_at) VALUES (?1, ?2, 'allotted', ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT (asset_id) DO NOTHING";
        let inserted = self.connection.prepare_cached(sql)?.execute((
            asset.asset_id.as_str(),
            file.0,
            signed(asset.version.size),
            asset.version.mtime_ns,
            asset.url.as_ref().map(|url| url.expose().as_str()),
            convert::time(asset.url_expires_at),
            convert::time(Timestamp::now()),
        ))?;
        if inserted == 0 {
            return Ok(Written::AssetIdTaken);
        }
        let sql =
            "UPDATE file SET asset = ?2, assets = assets + 1, shared_mtime_ns = NULL WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute((file.0, self.connection.last_insert_rowid()))?;
        Ok(Written::Done)
    }

    fn see(&self, file: FileId, asset: &AssetId, version: FileVersion) -> rusqlite::Result<()> {
        let FileVersion { size, mtime_ns } = version;
        let size = signed(size);
        let sql = "UPDATE file SET size = ?2, mtime_ns = ?3, \
                   shared_mtime_ns = iif(shared_mtime_ns IS NULL, NULL, ?3) WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute((file.0, size, mtime_ns))?;
        // The asset's time stays that of the file it was allotted to.
        let sql = "UPDATE asset SET size = ?2, mtime_ns = ?3 WHERE asset_id = ?1 AND \
                   (SELECT shared_mtime_ns FROM file WHERE id = ?4) IS NULL";
        self.connection
            .prepare_cached(sql)?
            .execute((asset.as_str(), size, mtime_ns, file.0))?;
        Ok(())
    }

    fn sent(
        &self,
        file: FileId,
        asset: &AssetId,
        sha256: Sha256,
        posts: u32,
        at: Timestamp,
    ) -> rusqlite::Result<()> {
        let sql = "UPDATE file SET attempts = ?2, error_code = NULL, error = NULL, passing = 0 \
                   WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute((file.0, posts))?;
        let sql = "UPDATE asset SET state = 'sent', sha256 = ?2, sent_at = ?3 WHERE asset_id = ?1";
        let values = (asset.as_str(), sha256.to_string(), convert::time(at));
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    fn confirm(&self, asset: &AssetId, size_checked: bool, at: Timestamp) -> rusqlite::Result<()> {
        let note = (!size_checked).then_some("the service did not tell its size");
        let sql = "UPDATE asset SET state = 'confirmed', reason = ?3, \
                   confirmed_at = coalesce(confirmed_at, ?2), signed_url = NULL WHERE asset_id = ?1";
        let values = (asset.as_str(), convert::time(at), note);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    fn abandon(&self, file: FileId, asset: &AssetId, reason: &Reason) -> rusqlite::Result<()> {
        if *reason == Reason::Superseded && self.used_by_others(file, asset)? {
            return self.leave(file);
        }
        let sql = "UPDATE asset SET state = 'abandoned', reason = ?2, signed_url = NULL \
                   WHERE asset_id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute((asset.as_str(), reason.word()))?;
        Ok(())
    }

    fn fail(
        &self,
        file: FileId,
        failure: &RowFailure,
        posts: u32,
        passing: bool,
    ) -> rusqlite::Result<()> {
        let sql = "UPDATE file SET error_code = ?2, error = ?3, passing = ?4, attempts = ?5 \
                   WHERE id = ?1";
        let code = failure.code.word();
        self.connection.prepare_cached(sql)?.execute((
            file.0,
            code,
            &failure.text,
            passing,
            posts,
        ))?;
        Ok(())
    }
}
