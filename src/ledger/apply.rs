//! Facts in: what a file's way leaves behind.

use jiff::Timestamp;

use super::convert::{self, signed};
use super::{Ledger, LedgerError};
use crate::pipeline::Fact;
use crate::plan::{Asset, FileId, Seen};

/// Whether a fact was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is in the ledger, once the group is committed.
    Done,
    /// The asset id belongs to another file; nothing was written.
    AssetIdTaken,
}

impl Ledger {
    /// Writes one fact about one file.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn apply(&mut self, file: FileId, fact: &Fact) -> Result<Written, LedgerError> {
        if let Fact::Allotted(asset) = fact {
            return self.allot(file, asset).map_err(|error| self.failed(&error));
        }
        self.apply_fact(file, fact)
            .map(|()| Written::Done)
            .map_err(|error| self.failed(&error))
    }

    fn allot(&self, file: FileId, asset: &Asset) -> rusqlite::Result<Written> {
        let sql = "INSERT INTO asset (asset_id, file, state, size, mtime_ns, signed_url, \
                   url_expires_at, allotted_at) VALUES (?1, ?2, 'allotted', ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT (asset_id) DO NOTHING";
        let inserted = self.connection.prepare_cached(sql)?.execute((
            asset.asset_id.as_str(),
            file.0,
            signed(asset.seen.size),
            asset.seen.mtime_ns,
            asset.url.as_ref().map(|url| url.expose().as_str()),
            convert::time(asset.url_expires_at),
            convert::time(Timestamp::now()),
        ))?;
        if inserted == 0 {
            return Ok(Written::AssetIdTaken);
        }
        let sql = "UPDATE file SET asset = ?2 WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute((file.0, self.connection.last_insert_rowid()))?;
        Ok(Written::Done)
    }

    fn apply_fact(&self, file: FileId, fact: &Fact) -> rusqlite::Result<()> {
        let prepare = |sql| self.connection.prepare_cached(sql);
        match fact {
            // Taken by `allot`.
            Fact::Allotted(_) | Fact::Pending { .. } => 0,
            Fact::Seen {
                asset_id,
                seen: Seen { size, mtime_ns },
            } => {
                let size = signed(*size);
                prepare("UPDATE file SET size = ?2, mtime_ns = ?3 WHERE id = ?1")?
                    .execute((file.0, size, mtime_ns))?;
                prepare("UPDATE asset SET size = ?2, mtime_ns = ?3 WHERE asset_id = ?1")?
                    .execute((asset_id.as_str(), size, mtime_ns))?
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
                let sql = "UPDATE asset SET state = 'confirmed', confirmed_at = ?2, reason = ?3, \
                           signed_url = NULL WHERE asset_id = ?1";
                prepare(sql)?.execute((asset_id.as_str(), convert::time(*at), note))?
            }
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
