//! How a run went: its slots and its slowest files, written down and read again.
//!
//! Small and bounded, however large the job is. What the numbers mean is said in `schema_4.sql`.

use std::path::PathBuf;

use rusqlite::Row;

use super::convert::{self, signed, unsigned};
use super::{Ledger, LedgerError, Reader, RunId};

/// Runs whose course is kept; those before them are forgotten.
const KEPT: i64 = 32;

const COLUMNS: &str = "bytes, waiting_ms, sending_ms, confirming_ms, away_ms, sent, confirmed, failed, \
     looks, retries, sign_throttles, send_throttles, status_throttles";

/// What happened in one slot of a run's time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Bytes of files that left, those of uploads that broke included.
    pub bytes: u64,
    /// The time, summed over files, that they were signed or waited for a turn or a pause.
    pub waiting_ms: u64,
    /// The time, summed over files, from their first byte until storage answered.
    pub sending_ms: u64,
    /// The time, summed over files, that they waited for the service's SUCCESS.
    pub confirming_ms: u64,
    /// The time that a side of the service did not answer.
    pub away_ms: u64,
    /// Files whose bytes were up.
    pub sent: u64,
    /// Files that the service confirmed.
    pub confirmed: u64,
    /// Files that failed.
    pub failed: u64,
    /// Looks at assets.
    pub polls: u64,
    /// Tries after the first.
    pub retries: u64,
    /// Throttle answers to *sign*, *send* and *status* calls.
    pub throttles: [u64; 3],
}

/// How a file's way ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The service confirmed it.
    Confirmed,
    /// It failed.
    Failed,
    /// The service took longer than the limit.
    Pending,
}

/// One of the files that took longest; times are milliseconds of the run's own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlowFile {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub size: u64,
    /// Its turn came.
    pub begun_ms: u64,
    /// The first byte of its last upload left.
    pub sending_ms: u64,
    /// Storage took the last one.
    pub sent_ms: u64,
    /// It ended.
    pub ended_ms: u64,
    /// How.
    pub outcome: Outcome,
}

/// What is new about the course of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineChange {
    /// How long the run has gone on.
    pub took_ms: u64,
    /// How long each slot is.
    pub bucket_ms: u64,
    /// The number of the first slot that changed: all from there on follow.
    pub from: u64,
    /// These slots.
    pub buckets: Vec<Bucket>,
    /// The slowest files, where they changed: all of them.
    pub slowest: Option<Vec<SlowFile>>,
}

impl Bucket {
    /// Takes another slot's doings in.
    pub fn add(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.waiting_ms += other.waiting_ms;
        self.sending_ms += other.sending_ms;
        self.confirming_ms += other.confirming_ms;
        self.away_ms += other.away_ms;
        self.sent += other.sent;
        self.confirmed += other.confirmed;
        self.failed += other.failed;
        self.polls += other.polls;
        self.retries += other.retries;
        for (ours, theirs) in self.throttles.iter_mut().zip(other.throttles) {
            *ours += theirs;
        }
    }

    fn values(&self) -> [u64; 13] {
        let [sign, send, status] = self.throttles;
        [
            self.bytes,
            self.waiting_ms,
            self.sending_ms,
            self.confirming_ms,
            self.away_ms,
            self.sent,
            self.confirmed,
            self.failed,
            self.polls,
            self.retries,
            sign,
            send,
            status,
        ]
    }

    /// Reads [`COLUMNS`].
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let number = |column: usize| row.get(column).map(unsigned);
        Ok(Self {
            bytes: number(0)?,
            waiting_ms: number(1)?,
            sending_ms: number(2)?,
            confirming_ms: number(3)?,
            away_ms: number(4)?,
            sent: number(5)?,
            confirmed: number(6)?,
            failed: number(7)?,
            polls: number(8)?,
            retries: number(9)?,
            throttles: [number(10)?, number(11)?, number(12)?],
        })
    }
}

impl Outcome {
    /// The ledger's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Pending => "pending",
        }
    }

    fn parse(word: &str) -> Self {
        match word {
            "failed" => Self::Failed,
            "pending" => Self::Pending,
            _ => Self::Confirmed,
        }
    }
}

impl Ledger {
    /// Writes down what is new about the course of a run.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn record_timeline(
        &mut self,
        run: RunId,
        change: &TimelineChange,
    ) -> Result<(), LedgerError> {
        self.put_course(run, change)
            .map_err(|error| self.failed(&error))
    }

    fn put_course(&self, run: RunId, change: &TimelineChange) -> rusqlite::Result<()> {
        let prepare = |sql: &str| self.connection.prepare_cached(sql);
        let from = signed(change.from);
        if from == 0 {
            self.forget_courses(run)?;
        }
        let sql = "UPDATE run SET slot_ms = ?2, took_ms = ?3 WHERE id = ?1";
        prepare(sql)?.execute((run.0, signed(change.bucket_ms), signed(change.took_ms)))?;
        prepare("DELETE FROM slot WHERE run = ?1 AND no >= ?2")?.execute((run.0, from))?;
        let sql = format!(
            "INSERT INTO slot (run, no, {COLUMNS}) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        );
        let mut insert = prepare(&sql)?;
        for (no, bucket) in (from..).zip(&change.buckets) {
            let values = [run.0, no].into_iter().chain(bucket.values().map(signed));
            insert.execute(rusqlite::params_from_iter(values))?;
        }
        let Some(slowest) = &change.slowest else {
            return Ok(());
        };
        prepare("DELETE FROM slow WHERE run = ?1")?.execute([run.0])?;
        let mut insert = prepare("INSERT OR REPLACE INTO slow VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
        for file in slowest {
            insert.execute((
                run.0,
                convert::path(&file.path),
                signed(file.size),
                signed(file.begun_ms),
                signed(file.sending_ms),
                signed(file.sent_ms),
                signed(file.ended_ms),
                file.outcome.word(),
            ))?;
        }
        Ok(())
    }

    /// Many a job is run again every hour: what is kept of how that went has an end.
    fn forget_courses(&self, run: RunId) -> rusqlite::Result<()> {
        for table in ["slot", "slow"] {
            let sql = format!(
                "DELETE FROM {table} WHERE run NOT IN (SELECT id FROM run \
                 WHERE slot_ms IS NOT NULL AND id <> ?1 ORDER BY id DESC LIMIT ?2) AND run <> ?1"
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
        let sql = format!("SELECT {COLUMNS} FROM slot WHERE run = ?1 ORDER BY no");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_map([run], Bucket::read)?.collect()
    }

    pub(super) fn slowest(&self, run: i64) -> rusqlite::Result<Vec<SlowFile>> {
        let sql = "SELECT path, size, begun_ms, sending_ms, sent_ms, ended_ms, outcome FROM slow \
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
                outcome: Outcome::parse(row.get_ref(6)?.as_str()?),
            })
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.query_map([run], file)?.collect()
    }
}
