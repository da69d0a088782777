//! What the ledger knows of a job, counted: rows, files, assets by state, runs.
//!
//! Reads only, in one snapshot, while another process may write. Memory does not grow with rows.

use std::path::Path;

use rusqlite::OptionalExtension;

use super::Reader;
use super::convert::{self, unsigned};
use super::lock::Lock;
use super::orphan::{IS_ORPHAN, MAY_HOLD_BYTES};
use crate::ledger::types::{
    AssetTotal, LedgerError, OrphanTotal, Overview, RowFilter, RowTotals, RunId, RunTimes, Total,
};

impl Reader {
    /// The process that writes to a ledger now, as it wrote itself down; `None` when no process does.
    ///
    /// # Errors
    /// When the lock's file cannot be read.
    pub fn writer(ledger: &Path) -> Result<Option<String>, LedgerError> {
        Lock::holder(ledger)
    }

    /// Counts everything, as it stood at one moment.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn overview(&self) -> Result<Overview, LedgerError> {
        // Held until the end: all that follows is read from one snapshot.
        let failed = |error: rusqlite::Error| self.failed(&error);
        let _snapshot = self.connection.unchecked_transaction().map_err(failed)?;
        let reported = self.latest_run()?.map(|run| run.id);
        let mut rows = RowTotals::default();
        if let Some(run) = reported {
            self.each_row(run, RowFilter::All, |row| {
                rows.of(row.status).add(row.bytes.unwrap_or_default());
                Ok::<_, LedgerError>(())
            })?;
        }
        let (runs, last_run) = self.runs().map_err(failed)?;
        let (files, earlier_files) = self.file_counts(reported).map_err(failed)?;
        Ok(Overview {
            identity: self.identity()?,
            runs,
            last_run,
            rows_of_run: reported.map(|run| run.0),
            rows,
            files,
            earlier_files,
            assets: self.asset_totals().map_err(failed)?,
            last_confirmed_at: self.last_confirmed().map_err(failed)?,
            orphans: self.orphan_total().map_err(failed)?,
        })
    }

    fn runs(&self) -> rusqlite::Result<(u64, Option<RunTimes>)> {
        let sql = "SELECT count(*) OVER (), id, started_at, ended_at, listed, report \
                   FROM run ORDER BY id DESC LIMIT 1";
        let found = self.connection.query_row(sql, [], |row| {
            let times = RunTimes {
                number: row.get(1)?,
                started_at: row.get(2)?,
                ended_at: row.get(3)?,
                listed: row.get(4)?,
                report: convert::to_path(row.get_ref(5)?),
            };
            Ok((unsigned(row.get(0)?), Some(times)))
        });
        Ok(found.optional()?.unwrap_or_default())
    }

    /// All files, and those that a run did not name.
    fn file_counts(&self, reported: Option<RunId>) -> rusqlite::Result<(u64, u64)> {
        let count = |row: &rusqlite::Row<'_>| row.get(0).map(unsigned);
        let files = self
            .connection
            .query_row("SELECT count(*) FROM file", [], count)?;
        let Some(run) = reported else {
            return Ok((files, 0));
        };
        let named = "SELECT count(*) FROM row WHERE run = ?1 AND file IS NOT NULL \
                     AND duplicate_of IS NULL";
        let named: u64 = self.connection.query_row(named, [run.0], count)?;
        Ok((files, files.saturating_sub(named)))
    }

    pub(super) fn asset_totals(&self) -> rusqlite::Result<Vec<AssetTotal>> {
        // A confirmed asset's reason is a note about it, no kind of asset.
        let sql = "SELECT state, CASE WHEN state IN ('abandoned', 'deleted') THEN reason END AS why, \
                   count(*), sum(size) FROM asset GROUP BY state, why \
                   ORDER BY instr('allotted sent confirmed abandoned deleted', state), why";
        let mut statement = self.connection.prepare(sql)?;
        let totals = statement.query_map([], |row| {
            let (count, bytes) = (unsigned(row.get(2)?), unsigned(row.get(3)?));
            Ok(AssetTotal {
                state: row.get(0)?,
                reason: row.get(1)?,
                total: Total { count, bytes },
            })
        })?;
        totals.collect()
    }

    fn last_confirmed(&self) -> rusqlite::Result<Option<String>> {
        let sql = "SELECT max(confirmed_at) FROM asset WHERE state = 'confirmed'";
        self.connection.query_row(sql, [], |row| row.get(0))
    }

    fn orphan_total(&self) -> rusqlite::Result<OrphanTotal> {
        let sql = format!(
            "SELECT count(*), count(*) FILTER (WHERE {MAY_HOLD_BYTES}), \
             coalesce(sum(a.size) FILTER (WHERE {MAY_HOLD_BYTES}), 0) FROM asset a WHERE {IS_ORPHAN}"
        );
        self.connection.query_row(&sql, [], |row| {
            Ok(OrphanTotal {
                assets: unsigned(row.get(0)?),
                may_hold_bytes: unsigned(row.get(1)?),
                bytes: unsigned(row.get(2)?),
            })
        })
    }
}
