//! Facts in: what a file's way leaves behind.

use jiff::Timestamp;

use super::Ledger;
use super::convert::{self, signed};
use crate::ledger::types::Written;
use crate::model::{Asset, Fact, FileId, FileVersion, Reason};

impl Ledger {
    /// Writes one fact about one file.
    pub(super) fn apply(&self, file: FileId, fact: &Fact) -> rusqlite::Result<Written> {
        match fact {
            Fact::Allotted(asset) => self.allot(file, asset),
            Fact::Shared { .. } => self.share(file, fact),
            Fact::TakenOver { asset_id, version } => self.take_over(file, asset_id, *version),
            _ => self.apply_fact(file, fact).map(|()| Written::Done),
        }
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

    fn apply_fact(&self, file: FileId, fact: &Fact) -> rusqlite::Result<()> {
        let prepare = |sql| self.connection.prepare_cached(sql);
        match fact {
            // The first three are taken by methods of their own.
            Fact::Allotted(_)
            | Fact::Shared { .. }
            | Fact::TakenOver { .. }
            | Fact::Pending { .. } => 0,
            Fact::Version {
                asset_id,
                version: FileVersion { size, mtime_ns },
            } => {
                let size = signed(*size);
                let sql = "UPDATE file SET size = ?2, mtime_ns = ?3, \
                           shared_mtime_ns = iif(shared_mtime_ns IS NULL, NULL, ?3) WHERE id = ?1";
                prepare(sql)?.execute((file.0, size, mtime_ns))?;
                // The asset keeps the time of the file it was allotted to.
                let sql = "UPDATE asset SET size = ?2, mtime_ns = ?3 WHERE asset_id = ?1 AND \
                           (SELECT shared_mtime_ns FROM file WHERE id = ?4) IS NULL";
                prepare(sql)?.execute((asset_id.as_str(), size, mtime_ns, file.0))?
            }
            Fact::Sent {
                asset_id,
                sha256,
                posts,
                at,
            } => {
                let sql = "UPDATE file SET attempts = ?2, error_code = NULL, error = NULL, \
                           passing = 0 WHERE id = ?1";
                prepare(sql)?.execute((file.0, posts))?;
                let sql = "UPDATE asset SET state = 'sent', sha256 = ?2, sent_at = ?3 \
                           WHERE asset_id = ?1";
                prepare(sql)?.execute((
                    asset_id.as_str(),
                    sha256.to_string(),
                    convert::time(*at),
                ))?
            }
            Fact::Confirmed {
                asset_id,
                size_checked,
                at,
            } => {
                let note = (!size_checked).then_some("the service did not tell its size");
                let sql = "UPDATE asset SET state = 'confirmed', reason = ?3, \
                           confirmed_at = coalesce(confirmed_at, ?2), signed_url = NULL WHERE asset_id = ?1";
                prepare(sql)?.execute((asset_id.as_str(), convert::time(*at), note))?
            }
            Fact::Abandoned {
                asset_id,
                reason: Reason::Superseded,
            } if self.used_by_others(file, asset_id)? => self.leave(file)?,
            Fact::Abandoned { asset_id, reason } => {
                let sql = "UPDATE asset SET state = 'abandoned', reason = ?2, signed_url = NULL \
                           WHERE asset_id = ?1";
                prepare(sql)?.execute((asset_id.as_str(), reason.word()))?
            }
            Fact::Failed { refusal, posts } | Fact::Deferred { refusal, posts } => {
                let passing = matches!(fact, Fact::Deferred { .. });
                let sql = "UPDATE file SET error_code = ?2, error = ?3, passing = ?4, \
                           attempts = ?5 WHERE id = ?1";
                prepare(sql)?.execute((
                    file.0,
                    refusal.code.word(),
                    &refusal.text,
                    passing,
                    posts,
                ))?
            }
        };
        Ok(())
    }
}
