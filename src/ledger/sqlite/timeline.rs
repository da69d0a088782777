//! How a run went: its buckets of time and its slowest files, written down and read again.
//!
//! Small and bounded, however large the job is. `schema_4.sql` says what the numbers mean, by the names
//! that `schema_5.sql` changes.

use rusqlite::Row;

use super::convert::{self, signed, unsigned};
use super::report_row::status;
use super::{Ledger, Reader, RunId};
use crate::ledger::types::{Bucket, SlowFile, TimelineChange};

/// Runs whose timelines are kept; those of runs before them are forgotten.
const KEPT: i64 = 32;

const COLUMNS: &str = "bytes, waiting_ms, sending_ms, confirming_ms, down_ms, sent, confirmed, failed, \
     polls, retries, sign_throttles, send_throttles, status_throttles";

/// The values of [`COLUMNS`].
fn values(bucket: &Bucket) -> [u64; 13] {
    let [sign, send, status] = bucket.throttles;
    [
        bucket.bytes,
        bucket.waiting_ms,
        bucket.sending_ms,
        bucket.confirming_ms,
        bucket.down_ms,
        bucket.sent,
        bucket.confirmed,
        bucket.failed,
        bucket.polls,
        bucket.retries,
        sign,
        send,
        status,
    ]
}

/// Reads [`COLUMNS`].
fn bucket(row: &Row<'_>) -> rusqlite::Result<Bucket> {
    let number = |column: usize| row.get(column).map(unsigned);
    Ok(Bucket {
        bytes: number(0)?,
        waiting_ms: number(1)?,
        sending_ms: number(2)?,
        confirming_ms: number(3)?,
        down_ms: number(4)?,
        sent: number(5)?,
        confirmed: number(6)?,
        failed: number(7)?,
        polls: number(8)?,
        retries: number(9)?,
        throttles: [number(10)?, number(11)?, number(12)?],
    })
}

impl Ledger {
    /// Writes down what is new about how a run goes.
    pub(super) fn write_timeline(
        &self,
        run: RunId,
        change: &TimelineChange,
    ) -> rusqlite::Result<()> {
        let prepare = |sql: &str| self.connection.prepare_cached(sql);
        let from = signed(change.from);
        if from == 0 {
            self.forget_timelines(run)?;
        }
        let sql = "UPDATE run SET bucket_ms = ?2, took_ms = ?3 WHERE id = ?1";
        prepare(sql)?.execute((run.0, signed(change.bucket_ms), signed(change.took_ms)))?;
        prepare("DELETE FROM bucket WHERE run = ?1 AND no >= ?2")?.execute((run.0, from))?;
        let sql = format!(
            "INSERT INTO bucket (run, no, {COLUMNS}) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        );
        let mut insert = prepare(&sql)?;
        for (no, bucket) in (from..).zip(&change.buckets) {
            let values = [run.0, no].into_iter().chain(values(bucket).map(signed));
            insert.execute(rusqlite::params_from_iter(values))?;
        }
        let Some(slowest) = &change.slowest else {
            return Ok(());
        };
        prepare("DELETE FROM slow_file WHERE run = ?1")?.execute([run.0])?;
        let mut insert =
            prepare("INSERT OR REPLACE INTO slow_file VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
        for file in slowest {
            insert.execute((
                run.0,
                convert::path(&file.path),
                signed(file.size),
                signed(file.begun_ms),
                signed(file.sending_ms),
                signed(file.sent_ms),
                signed(file.ended_ms),
                file.status.word(),
            ))?;
        }
        Ok(())
    }

    /// Many jobs are run again every hour: what is stored of how they went is bounded.
    fn forget_timelines(&self, run: RunId) -> rusqlite::Result<()> {
        for table in ["bucket", "slow_file"] {
            let sql = format!(
                "DELETE FROM {table} WHERE run NOT IN (SELECT id FROM run \
                 WHERE bucket_ms IS NOT NULL AND id <> ?1 ORDER BY id DESC LIMIT ?2) AND run <> ?1"
            );
            self.connection
                .prepare_cached(&sql)?
                .execute((run.0, KEPT - 1))?;
        }
        Ok(())
    }
}

impl Reader {
    pub(super) fn buckets(&self, run: i64) -> rusqlite::Result<Vec<Bucket>> {
        let sql = format!("SELECT {COLUMNS} FROM bucket WHERE run = ?1 ORDER BY no");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_map([run], bucket)?.collect()
    }

    pub(super) fn slowest(&self, run: i64) -> rusqlite::Result<Vec<SlowFile>> {
        let sql = "SELECT path, size, begun_ms, sending_ms, sent_ms, ended_ms, status FROM slow_file \
                   WHERE run = ?1 ORDER BY ended_ms - begun_ms DESC, path";
        let file = |row: &Row<'_>| {
            let number = |column: usize| row.get(column).map(unsigned);
            Ok(SlowFile {
                path: convert::to_path(row.get_ref(0)?),
                size: number(1)?,
                begun_ms: number(2)?,
                sending_ms: number(3)?,
                sent_ms: number(4)?,
                ended_ms: number(5)?,
                status: status(row, 6)?,
            })
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.query_map([run], file)?.collect()
    }
}
