//! What a page about a job shows, aggregated: totals, causes, distributions, courses, the first
//! failures.
//!
//! Reads only, in one snapshot, while another process may write. Memory does not grow with rows:
//! `SQLite` counts, and what is listed has an end.

use std::path::PathBuf;

use rusqlite::Row;

use super::convert::{self, signed, unsigned};
use super::project::STATUSES;
use super::{
    AssetTotal, Bucket, Identity, LedgerError, Reader, RowTotals, RunId, RunTimes, SlowFile, Total,
};

/// Causes that are told apart.
const CAUSES: i64 = 100;

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Whose ledger it is; `None` before its first run.
    pub identity: Option<Identity>,
    /// Runs that were begun.
    pub runs: u64,
    /// The run whose rows these are: the latest whose input was read to its end.
    pub rows_of_run: Option<i64>,
    /// The rows, by status.
    pub rows: RowTotals,
    /// Why rows failed, the most frequent first.
    pub causes: Vec<Cause>,
    /// The first rows that failed, in input order.
    pub failures: Vec<FailedRow>,
    /// The sizes of the files in bytes.
    pub sizes: Vec<Bin>,
    /// The time from a file's last byte until the service confirmed it, in milliseconds.
    pub delays: Vec<Bin>,
    /// Files that were confirmed before they were sent, by a clock that was set back meanwhile.
    pub backwards: u64,
    /// Every asset id that was ever allotted, by state and reason.
    pub assets: Vec<AssetTotal>,
    /// How the runs went, in their order; those of which the ledger knows it.
    pub courses: Vec<RunTimeline>,
}

/// The rows that failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The report's `error_code`.
    pub code: String,
    /// How many, and the bytes of their files.
    pub total: Total,
    /// The first of them.
    pub example: PathBuf,
    /// What was said of that one.
    pub error: String,
}

/// A row that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRow {
    /// Its number, from 0.
    pub no: u64,
    /// Its file, or its own columns where it names none.
    pub path: PathBuf,
    /// The file's size, where it is known.
    pub bytes: Option<u64>,
    /// POSTs begun for the file.
    pub attempts: u64,
    /// The report's `error_code`.
    pub code: String,
    /// The same in words.
    pub error: String,
}

/// How many numbers have so many decimal digits and begin with this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// Digits, from 1.
    pub digits: u32,
    /// The first of them.
    pub lead: u32,
    /// How many.
    pub count: u64,
}

/// How one run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTimeline {
    /// When it began and ended.
    pub times: RunTimes,
    /// How long it went on, by a clock that does not jump; of a killed run, as last written down.
    pub took_ms: u64,
    /// How long each slot is.
    pub bucket_ms: u64,
    /// What happened in each.
    pub buckets: Vec<Bucket>,
    /// Its slowest files, the slowest first.
    pub slowest: Vec<SlowFile>,
}

impl Reader {
    /// Counts everything, as it stands at one moment, and gives at most so many failures.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn survey(&self, failures: u32) -> Result<Survey, LedgerError> {
        let failed = |error: rusqlite::Error| self.failed(&error);
        let _snapshot = self.connection.unchecked_transaction().map_err(failed)?;
        let run = self.latest_run()?.map(|run| run.id);
        let mut survey = Survey {
            identity: self.identity()?,
            rows_of_run: run.map(|run| run.0),
            ..Survey::default()
        };
        self.survey_runs(&mut survey)
            .and_then(|()| run.map_or(Ok(()), |run| self.survey_rows(run, failures, &mut survey)))
            .map_err(failed)?;
        Ok(survey)
    }

    fn survey_runs(&self, survey: &mut Survey) -> rusqlite::Result<()> {
        survey.runs = self
            .connection
            .query_row("SELECT count(*) FROM run", [], |row| {
                row.get(0).map(unsigned)
            })?;
        survey.assets = self.asset_totals()?;
        let sql = "SELECT id, started_at, ended_at, listed, report, took_ms, slot_ms FROM run \
                   WHERE id IN (SELECT DISTINCT run FROM slot) AND slot_ms > 0 ORDER BY id";
        let mut statement = self.connection.prepare(sql)?;
        let mut runs = statement.query([])?;
        while let Some(row) = runs.next()? {
            let number = row.get(0)?;
            survey.courses.push(RunTimeline {
                times: RunTimes {
                    number,
                    started_at: row.get(1)?,
                    ended_at: row.get(2)?,
                    listed: row.get(3)?,
                    report: convert::to_path(row.get_ref(4)?),
                },
                took_ms: row.get(5).map(unsigned)?,
                bucket_ms: row.get(6).map(unsigned)?,
                buckets: self.buckets(number)?,
                slowest: self.slowest(number)?,
            });
        }
        Ok(())
    }

    fn survey_rows(&self, run: RunId, failures: u32, into: &mut Survey) -> rusqlite::Result<()> {
        (into.rows, into.sizes) = self.sizes_by_status(run)?;
        (into.delays, into.backwards) = self.delays(run)?;
        if into.rows.failed.count > 0 {
            into.causes = self.causes(run)?;
            into.failures = self.failures(run, failures)?;
        }
        Ok(())
    }

    fn sizes_by_status(&self, run: RunId) -> rusqlite::Result<(RowTotals, Vec<Bin>)> {
        let sql = format!(
            "SELECT status, length(size), substr(size, 1, 1), count(*), sum(size) \
             FROM ({STATUSES}) GROUP BY 1, 2, 3"
        );
        let (mut rows, mut sizes) = (RowTotals::default(), Vec::new());
        let mut statement = self.connection.prepare(&sql)?;
        let mut groups = statement.query([run.0])?;
        while let Some(group) = groups.next()? {
            let total = rows.of_word(group.get_ref(0)?.as_str()?);
            let bin = bin(group, 1)?;
            let count = unsigned(group.get(3)?);
            total.count += count;
            total.bytes += group.get::<_, Option<i64>>(4)?.map_or(0, unsigned);
            sizes.extend(bin);
        }
        Ok((rows, sizes))
    }

    /// The delays, and how many are none since the clock was set back.
    fn delays(&self, run: RunId) -> rusqlite::Result<(Vec<Bin>, u64)> {
        let sql = format!(
            "SELECT took >= 0, length(took), substr(took, 1, 1), count(*) FROM ( \
             SELECT CAST(round((julianday(confirmed_at) - julianday(sent_at)) * 86400000) AS INTEGER) \
             AS took FROM ({STATUSES}) WHERE status = 'success' AND duplicate_of IS NULL) \
             WHERE took IS NOT NULL GROUP BY 1, 2, 3"
        );
        let (mut delays, mut backwards) = (Vec::new(), 0);
        let mut statement = self.connection.prepare(&sql)?;
        let mut groups = statement.query([run.0])?;
        while let Some(group) = groups.next()? {
            if group.get(0)? {
                delays.extend(bin(group, 1)?);
            } else {
                backwards += unsigned(group.get(3)?);
            }
        }
        Ok((delays, backwards))
    }

    fn causes(&self, run: RunId) -> rusqlite::Result<Vec<Cause>> {
        // Beside min() SQLite takes the other columns from the row that has the least.
        let sql = format!(
            "SELECT code, count(*), sum(size), path, error, min(no) FROM ({STATUSES}) \
             WHERE status = 'failed' GROUP BY code ORDER BY 2 DESC, 1 LIMIT {CAUSES}"
        );
        let cause = |row: &Row<'_>| {
            Ok(Cause {
                code: row.get(0)?,
                total: Total {
                    count: unsigned(row.get(1)?),
                    bytes: row.get::<_, Option<i64>>(2)?.map_or(0, unsigned),
                },
                example: convert::to_path(row.get_ref(3)?),
                error: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
            })
        };
        let mut statement = self.connection.prepare(&sql)?;
        statement.query_map([run.0], cause)?.collect()
    }

    fn failures(&self, run: RunId, most: u32) -> rusqlite::Result<Vec<FailedRow>> {
        let sql = format!(
            "SELECT no, path, size, attempts, code, error FROM ({STATUSES} ORDER BY r.no) \
             WHERE status = 'failed' ORDER BY no LIMIT ?2"
        );
        let failure = |row: &Row<'_>| {
            Ok(FailedRow {
                no: unsigned(row.get(0)?),
                path: convert::to_path(row.get_ref(1)?),
                bytes: row.get::<_, Option<i64>>(2)?.map(unsigned),
                attempts: row.get::<_, Option<i64>>(3)?.map_or(0, unsigned),
                code: row.get(4)?,
                error: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
            })
        };
        let mut statement = self.connection.prepare(&sql)?;
        let values = (run.0, signed(u64::from(most)));
        statement.query_map(values, failure)?.collect()
    }
}

/// Reads length, first digit and count, which stand from column `at` on; nothing where there is no
/// number.
fn bin(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Bin>> {
    let (digits, lead) = (
        row.get::<_, Option<u32>>(at)?,
        row.get::<_, Option<String>>(at + 1)?,
    );
    let count = unsigned(row.get(at + 2)?);
    let bin = digits.zip(lead).map(|(digits, lead)| Bin {
        digits,
        lead: lead.parse().unwrap_or_default(),
        count,
    });
    Ok(bin)
}
