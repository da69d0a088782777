//! What a page about a job shows, aggregated in SQL: totals, causes, distributions, timelines, the first
//! failures.
//!
//! Reads only, in one snapshot, while another process may write. Memory does not grow with rows:
//! `SQLite` counts, and what is listed has an end.

use rusqlite::Row;

use super::Reader;
use super::convert::{self, signed, unsigned};
use super::report_row::{STATUSES, status};
use crate::ledger::types::{
    Bin, FailedRow, FailureCause, JobSurvey, LedgerError, RowTotals, RunId, RunTimeline, RunTimes,
    Total,
};

/// The most causes that are listed.
const CAUSES: i64 = 100;

impl Reader {
    /// Counts everything, as it stands at one moment, and lists at most so many failures.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn survey(&self, failures: u32) -> Result<JobSurvey, LedgerError> {
        let failed = |error: rusqlite::Error| self.failed(&error);
        let _snapshot = self.connection.unchecked_transaction().map_err(failed)?;
        let run = self.latest_run()?.map(|run| run.id);
        let mut survey = JobSurvey {
            identity: self.identity()?,
            rows_of_run: run.map(|run| run.0),
            ..JobSurvey::default()
        };
        self.survey_runs(&mut survey)
            .and_then(|()| run.map_or(Ok(()), |run| self.survey_rows(run, failures, &mut survey)))
            .map_err(failed)?;
        Ok(survey)
    }

    fn survey_runs(&self, survey: &mut JobSurvey) -> rusqlite::Result<()> {
        survey.runs = self
            .connection
            .query_row("SELECT count(*) FROM run", [], |row| {
                row.get(0).map(unsigned)
            })?;
        survey.assets = self.asset_totals()?;
        let sql = "SELECT id, started_at, ended_at, listed, report, took_ms, bucket_ms FROM run \
                   WHERE id IN (SELECT DISTINCT run FROM bucket) AND bucket_ms > 0 ORDER BY id";
        let mut statement = self.connection.prepare(sql)?;
        let mut runs = statement.query([])?;
        while let Some(row) = runs.next()? {
            let number = row.get(0)?;
            survey.timelines.push(RunTimeline {
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

    fn survey_rows(&self, run: RunId, failures: u32, into: &mut JobSurvey) -> rusqlite::Result<()> {
        (into.rows, into.sizes) = self.sizes_by_status(run)?;
        (into.delays, into.backwards) = self.delays(run)?;
        if into.rows.failed.count > 0 {
            into.causes = self.causes(run)?;
            into.failures = self.failures(run, failures)?;
        }
        Ok(())
    }

    fn sizes_by_status(&self, run: RunId) -> rusqlite::Result<(RowTotals, Vec<Bin>)> {
        let rows = &*STATUSES;
        let sql = format!(
            "SELECT status, length(size), substr(size, 1, 1), count(*), sum(size) \
             FROM ({rows}) GROUP BY 1, 2, 3"
        );
        let (mut totals, mut sizes) = (RowTotals::default(), Vec::new());
        let mut statement = self.connection.prepare(&sql)?;
        let mut groups = statement.query([run.0])?;
        while let Some(group) = groups.next()? {
            let total = totals.of(status(group, 0)?);
            let bin = bin(group, 1)?;
            let count = unsigned(group.get(3)?);
            total.count += count;
            total.bytes += group.get::<_, Option<i64>>(4)?.map_or(0, unsigned);
            sizes.extend(bin);
        }
        Ok((totals, sizes))
    }

    /// The delays, and how many are none since the clock was set back.
    fn delays(&self, run: RunId) -> rusqlite::Result<(Vec<Bin>, u64)> {
        let rows = &*STATUSES;
        let sql = format!(
            "SELECT took >= 0, length(took), substr(took, 1, 1), count(*) FROM ( \
             SELECT CAST(round((julianday(confirmed_at) - julianday(sent_at)) * 86400000) AS INTEGER) \
             AS took FROM ({rows}) WHERE status = 'success' AND duplicate_of IS NULL) \
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

    fn causes(&self, run: RunId) -> rusqlite::Result<Vec<FailureCause>> {
        // Beside min() SQLite takes the other columns from the row that has the least.
        let rows = &*STATUSES;
        let sql = format!(
            "SELECT code, count(*), sum(size), path, error, min(no) FROM ({rows}) \
             WHERE status = 'failed' GROUP BY code ORDER BY 2 DESC, 1 LIMIT {CAUSES}"
        );
        let cause = |row: &Row<'_>| {
            Ok(FailureCause {
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
        let rows = &*STATUSES;
        let sql = format!(
            "SELECT no, path, size, attempts, code, error FROM ({rows} ORDER BY r.no) \
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
