//! Jobs out: the ledger is also the queue between the listing and the pipeline.

use rusqlite::Row;

use super::Reader;
use super::convert::{self, signed, unsigned};
use crate::ledger::types::RunId;
use crate::model::{
    Asset, AssetId, FileId, FileVersion, Job, Pass, Sha256, SignedUrl, StoredState,
};

/// What [`stored_state`] reads, of the asset `a` as the one of file `f`.
pub(super) const ASSET_COLUMNS: &str = "a.asset_id, a.state, a.signed_url, a.url_expires_at, a.size, \
     coalesce(f.shared_mtime_ns, a.mtime_ns), a.sha256, a.sent_at, \
     a.state = 'sent' AND EXISTS (SELECT 1 FROM file o WHERE o.asset = a.id AND o.id <> f.id)";

impl Reader {
    /// The jobs of a pass behind row `after` (`None`: from the start), in input order, at most
    /// `limit`; each with its row's number.
    pub(super) fn jobs(
        &self,
        run: RunId,
        pass: Pass,
        after: Option<u64>,
        limit: u32,
    ) -> rusqlite::Result<Vec<(u64, Job)>> {
        let deferred = match pass {
            Pass::First => "",
            Pass::Second => "AND f.passing = 1",
        };
        // Left to itself, SQLite reads all rows of the run to find the few; and it plans a LIMIT
        // that is a parameter anew on each call.
        let sql = format!(
            "SELECT r.no, f.id, f.path, r.name, r.sha256, f.size, f.mtime_ns, f.attempts, f.assets, \
             {ASSET_COLUMNS} \
             FROM row r INDEXED BY row_todo JOIN file f ON f.id = r.file LEFT JOIN asset a ON a.id = f.asset \
             WHERE r.run = ?1 AND r.no > ?2 AND r.todo = 1 {deferred} ORDER BY r.no LIMIT {limit}"
        );
        let after = after.map_or(-1, signed);
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement
            .query_map((run.0, after), |row| job(row, pass))?
            .collect()
    }
}

fn job(row: &Row<'_>, pass: Pass) -> rusqlite::Result<(u64, Job)> {
    let job = Job {
        pass,
        attempts: row.get(7)?,
        assets: row.get(8)?,
        file: FileId(row.get(1)?),
        path: convert::to_path(row.get_ref(2)?),
        name: row.get(3)?,
        expected_sha256: digest(row.get(4)?),
        version: convert::version(row.get(5)?, row.get(6)?),
        stored_state: stored_state(row, 9)?,
    };
    Ok((unsigned(row.get(0)?), job))
}

/// Reads [`ASSET_COLUMNS`], which stand from column `at` on.
pub(super) fn stored_state(row: &Row<'_>, at: usize) -> rusqlite::Result<StoredState> {
    let Some(asset_id) = row.get_ref(at)?.as_str_or_null()? else {
        return Ok(StoredState::New);
    };
    let state = row.get_ref(at + 1)?.as_str()?;
    let time = |column: usize| {
        let text = row.get::<_, Option<String>>(column)?;
        Ok::<_, rusqlite::Error>(text.and_then(|text| text.parse().ok()))
    };
    let url = row.get::<_, Option<String>>(at + 2)?;
    let url = url.and_then(|url| SignedUrl::parse(&url));
    // A time without its URL means nothing, and a million rows may be read.
    let url_expires_at = if url.is_some() { time(at + 3)? } else { None };
    let asset = Asset {
        asset_id: AssetId::parse(asset_id).ok_or(rusqlite::Error::InvalidQuery)?,
        url,
        url_expires_at: url_expires_at.unwrap_or_default(),
        version: FileVersion {
            size: unsigned(row.get(at + 4)?),
            mtime_ns: row.get(at + 5)?,
        },
        sha256: digest(row.get(at + 6)?),
        sent_at: time(at + 7)?,
        shared: row.get(at + 8)?,
    };
    Ok(match state {
        "allotted" => StoredState::Allotted(asset),
        "sent" => StoredState::Sent(asset),
        "confirmed" => StoredState::Confirmed(asset),
        _ => StoredState::New,
    })
}

fn digest(text: Option<String>) -> Option<Sha256> {
    text.and_then(|text| Sha256::from_hex(&text))
}
