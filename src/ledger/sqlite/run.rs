//! Runs: begun, listed, ended, and the latest.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

use super::convert::{self, signed};
use super::{Ledger, Reader, RunId};
use crate::ledger::types::{LedgerError, RunRecord};
use crate::model::FileVersion;
use crate::source::Cells;

impl Reader {
    /// The latest run whose input was read to its end; else the latest.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn latest_run(&self) -> Result<Option<RunRecord>, LedgerError> {
        let sql = "SELECT id, columns, report, listed, report_size, report_mtime_ns FROM run \
                   ORDER BY listed DESC, id DESC LIMIT 1";
        let record = |row: &Row<'_>| {
            Ok(RunRecord {
                id: RunId(row.get(0)?),
                columns: Cells::from_encoded(convert::bytes(row.get_ref(1)?)),
                report: convert::to_path(row.get_ref(2)?),
                listed: row.get(3)?,
                whole: convert::version(row.get(4)?, row.get(5)?),
            })
        };
        let found = self.connection.query_row(sql, [], record).optional();
        found.map_err(|error| self.failed(&error))
    }

    /// Whether some run of this ledger wrote its report to this path.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn names_report(&self, report: &Path) -> Result<bool, LedgerError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM run WHERE report = ?1)";
        let found = self
            .connection
            .query_row(sql, [convert::path(report)], |row| row.get(0));
        found.map_err(|error| self.failed(&error))
    }
}

impl Ledger {
    /// Begins a run, which writes this report from input with these columns.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn begin_run(&mut self, report: &Path, columns: Cells) -> Result<RunRecord, LedgerError> {
        let sql = "INSERT INTO run (started_at, report, columns) VALUES (?1, ?2, ?3)";
        let values = (
            convert::time(Timestamp::now()),
            convert::path(report),
            convert::cells(&columns),
        );
        self.connection
            .execute(sql, values)
            .map_err(|error| self.failed(&error))?;
        Ok(RunRecord {
            id: RunId(self.connection.last_insert_rowid()),
            columns,
            report: report.to_owned(),
            listed: false,
            whole: None,
        })
    }

    /// Writes down that a run's input was read to its end; the rows of earlier runs, which it replaces,
    /// go.
    pub(super) fn end_listing(&self, run: RunId) -> rusqlite::Result<()> {
        let mark = "UPDATE run SET listed = 1 WHERE id = ?1";
        self.connection.execute(mark, [run.0])?;
        let drop_older = "DELETE FROM row WHERE run < ?1";
        self.connection.execute(drop_older, [run.0])?;
        Ok(())
    }

    /// Writes down that a run is over, and what its whole report is like.
    pub(super) fn end_run(&self, run: RunId, report: Option<FileVersion>) -> rusqlite::Result<()> {
        let sql =
            "UPDATE run SET ended_at = ?2, report_size = ?3, report_mtime_ns = ?4 WHERE id = ?1";
        let size = report.map(|report| signed(report.size));
        let mtime_ns = report.map(|report| report.mtime_ns);
        let ended_at = convert::time(Timestamp::now());
        self.connection
            .execute(sql, (run.0, ended_at, size, mtime_ns))?;
        Ok(())
    }
}
