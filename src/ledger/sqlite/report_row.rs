//! Rows out: the report is a projection of the ledger, and this is the projection.

use rusqlite::Row;

use super::Reader;
use super::convert::{self, signed, unsigned, version};
use crate::ledger::types::{LedgerError, ReportRow, RowFilter, RunId, RunRecord, Status};
use crate::model::FileId;
use crate::source::Cells;
use crate::text::plain;

/// Which rows are meant.
fn condition(filter: RowFilter) -> &'static str {
    match filter {
        RowFilter::All => "1",
        RowFilter::Ended => {
            "(r.error_code IS NOT NULL OR a.state = 'confirmed' \
             OR (f.error_code IS NOT NULL AND f.passing = 0))"
        }
    }
}

const COLUMNS: &str = "SELECT r.cells, r.error_code, r.error, r.duplicate_of, f.size, f.attempts, \
     f.error_code, f.error, a.state, a.asset_id, a.size, a.sha256, a.sent_at, a.confirmed_at, \
     a.reason, o.id IS NOT NULL, o.asset IS a.id, \
     (SELECT no FROM row WHERE run = r.run AND no = o.row AND file = o.id), o.path, f.passing \
     FROM row r LEFT JOIN file f ON f.id = r.file LEFT JOIN asset a ON a.id = f.asset \
     LEFT JOIN file o ON o.id = iif(f.shared_mtime_ns IS NULL, NULL, a.file)";

/// The rows of a run with their files and assets, and the status that [`project`] gives each of
/// them: for what only counts.
pub(super) const STATUSES: &str = "SELECT r.no, coalesce(f.path, r.cells) AS path, f.attempts, \
     iif(a.state IN ('sent', 'confirmed'), a.size, f.size) AS size, a.sent_at, a.confirmed_at, \
     iif(r.error_code IS NULL, f.error_code, r.error_code) AS code, \
     iif(r.error_code IS NULL, f.error, r.error) AS error, r.duplicate_of, \
     CASE WHEN r.error_code IS NOT NULL THEN 'failed' \
          WHEN a.state = 'confirmed' THEN 'success' \
          WHEN f.error_code IS NOT NULL THEN iif(f.passing, 'not_started', 'failed') \
          WHEN a.state = 'sent' THEN 'pending' \
          ELSE 'not_started' END AS status \
     FROM row r LEFT JOIN file f ON f.id = r.file LEFT JOIN asset a ON a.id = f.asset \
     WHERE r.run = ?1";

impl Reader {
    /// The latest run whose input was read to its end; else the latest.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn latest_run(&self) -> Result<Option<RunRecord>, LedgerError> {
        use rusqlite::OptionalExtension;
        let sql = "SELECT id, columns, report, listed, report_size, report_mtime_ns FROM run ORDER BY listed DESC, id DESC LIMIT 1";
        let record = |row: &Row<'_>| {
            Ok(RunRecord {
                id: RunId(row.get(0)?),
                columns: Cells::from_encoded(convert::bytes(row.get_ref(1)?)),
                report: convert::to_path(row.get_ref(2)?),
                listed: row.get(3)?,
                whole: version(row.get(4)?, row.get(5)?),
            })
        };
        let found = self.connection.query_row(sql, [], record).optional();
        found.map_err(|error| self.failed(&error))
    }

    /// Whether some run of this ledger wrote its report to this path.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn names_report(&self, report: &std::path::Path) -> Result<bool, LedgerError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM run WHERE report = ?1)";
        let found = self
            .connection
            .query_row(sql, [convert::path(report)], |row| row.get(0));
        found.map_err(|error| self.failed(&error))
    }

    /// Hands rows of a run to `take`, in input order, one at a time.
    ///
    /// # Errors
    /// When the ledger cannot be read, and whatever `take` gives.
    pub fn each_row<E: From<LedgerError>>(
        &self,
        run: RunId,
        filter: RowFilter,
        mut take: impl FnMut(&ReportRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error: rusqlite::Error| E::from(self.failed(&error));
        let condition = condition(filter);
        let sql = format!("{COLUMNS} WHERE r.run = ?1 AND {condition} ORDER BY r.no");
        let mut statement = self.connection.prepare_cached(&sql).map_err(failed)?;
        let mut rows = statement.query([run.0]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(&project(row).map_err(failed)?)?;
        }
        Ok(())
    }

    /// One row of a run.
    ///
    /// # Errors
    /// When the ledger cannot be read or has no such row.
    pub fn row(&self, run: RunId, no: u64) -> Result<ReportRow, LedgerError> {
        let sql = format!("{COLUMNS} WHERE r.run = ?1 AND r.no = ?2");
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row((run.0, signed(no)), project))
            .map_err(|error| self.failed(&error))
    }

    /// The rows of a run that name this file: the first, and its duplicates.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn rows_of(&self, run: RunId, file: FileId) -> Result<Vec<u64>, LedgerError> {
        let sql = "WITH first AS (SELECT r.no FROM file f JOIN row r ON r.run = ?1 AND r.no = f.row \
                   AND r.file = f.id WHERE f.id = ?2) \
                   SELECT no FROM first UNION \
                   SELECT no FROM row WHERE run = ?1 AND duplicate_of IS NOT NULL \
                   AND duplicate_of = (SELECT no FROM first) ORDER BY 1";
        let numbers = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement
                    .query_map((run.0, file.0), |row| row.get(0).map(unsigned))?
                    .collect::<rusqlite::Result<Vec<_>>>()
            });
        numbers.map_err(|error| self.failed(&error))
    }
}

/// Where the facts become the report: the row's own refusal, else its asset, else its file.
fn project(row: &Row<'_>) -> rusqlite::Result<ReportRow> {
    let text = |column: usize| row.get::<_, Option<String>>(column);
    let size =
        |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(unsigned));
    let refused = text(1)?;
    let failed = text(6)?;
    let asset_state = text(8)?;
    let (status, code, error) = match (refused, asset_state.as_deref(), failed) {
        (Some(code), _, _) => (Status::Failed, Some(code), text(2)?),
        (None, Some("confirmed"), _) => (Status::Success, None, text(14)?),
        // Its second pass is still to come.
        (None, _, Some(code)) if row.get(19)? => (Status::NotStarted, Some(code), text(7)?),
        (None, _, Some(code)) => (Status::Failed, Some(code), text(7)?),
        (None, Some("sent"), None) => (Status::Pending, None, None),
        _ => (Status::NotStarted, None, None),
    };
    let (code, error) = match row.get::<_, Option<i64>>(3)? {
        Some(first) if status == Status::Success => (
            Some("duplicate_row".to_owned()),
            Some(format!(
                "the same file as row {}, whose asset it shares",
                first + 1
            )),
        ),
        None if status == Status::Success && row.get(15)? => (
            Some("duplicate_content".to_owned()),
            Some(shares_with(row)?),
        ),
        _ => (code, error),
    };
    // An asset that never held bytes, or those of another state of the file, or whose row was refused,
    // is not this row's result.
    let has_asset = match status {
        Status::Success | Status::Pending => true,
        Status::Failed => {
            let of_another_state = text(14)?.as_deref() == Some("superseded");
            let holds_nothing = matches!(asset_state.as_deref(), Some("allotted" | "deleted"));
            text(1)?.is_none() && !holds_nothing && !of_another_state
        }
        Status::NotStarted => false,
    };
    let of_asset = |column| if has_asset { text(column) } else { Ok(None) };
    Ok(ReportRow {
        cells: Cells::from_encoded(convert::bytes(row.get_ref(0)?)),
        asset_id: of_asset(9)?,
        status,
        bytes: if has_asset { size(10)? } else { size(4)? },
        sha256: of_asset(11)?,
        attempts: size(5)?.unwrap_or_default(),
        uploaded_at: of_asset(12)?,
        confirmed_at: of_asset(13)?,
        error_code: code,
        error,
    })
}

/// Names the file whose asset a row shares: the one that the asset was allotted to.
fn shares_with(row: &Row<'_>) -> rusqlite::Result<String> {
    let as_it_was = if row.get(16)? {
        ""
    } else {
        ", as that was before it changed"
    };
    let first = match row.get::<_, Option<i64>>(17)? {
        Some(first) => format!("row {}", first + 1),
        None => plain(&convert::to_path(row.get_ref(18)?).to_string_lossy()),
    };
    Ok(format!(
        "the same bytes as {first}{as_it_was}: it shares that asset"
    ))
}
