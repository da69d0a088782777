//! The rows of the report, made of a row, its file and its asset. How they are written down is the
//! report's.

use std::sync::LazyLock;

use rusqlite::Row;

use super::convert::{self, signed, unsigned};
use super::{Reader, RunId};
use crate::ledger::types::{LedgerError, ReportRow, RowFilter, Status};
use crate::model::FileId;
use crate::source::Cells;
use crate::text::plain;

/// The status of a row `r` of [`ROWS`]: the row's own refusal, else its asset, else its file. The one
/// place that knows it.
pub(super) const STATUS: &str = "CASE WHEN r.error_code IS NOT NULL THEN 'failed' \
     WHEN a.state = 'confirmed' THEN 'success' \
     WHEN f.error_code IS NOT NULL THEN iif(f.passing, 'not_started', 'failed') \
     WHEN a.state = 'sent' THEN 'pending' \
     ELSE 'not_started' END";

/// Why a row failed, or is to be tried once more.
const CODE: &str = "iif(r.error_code IS NULL, f.error_code, r.error_code)";
const ERROR: &str = "iif(r.error_code IS NULL, f.error, r.error)";

/// Rows with their files and assets.
pub(super) const ROWS: &str =
    "FROM row r LEFT JOIN file f ON f.id = r.file LEFT JOIN asset a ON a.id = f.asset";

/// What [`project`] reads.
static REPORT_ROWS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT r.cells, r.error_code IS NOT NULL, {STATUS} AS status, r.duplicate_of, f.size, \
         f.attempts, {CODE}, {ERROR}, a.state, a.asset_id, a.size, a.sha256, a.sent_at, \
         a.confirmed_at, a.reason, o.id IS NOT NULL, o.asset IS a.id, \
         (SELECT no FROM row WHERE run = r.run AND no = o.row AND file = o.id), o.path \
         {ROWS} LEFT JOIN file o ON o.id = iif(f.shared_mtime_ns IS NULL, NULL, a.file) \
         WHERE r.run = ?1"
    )
});

/// The rows of a run with their status, for what only counts.
pub(super) static STATUSES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT r.no, coalesce(f.path, r.cells) AS path, f.attempts, \
         iif(a.state IN ('sent', 'confirmed'), a.size, f.size) AS size, a.sent_at, a.confirmed_at, \
         {CODE} AS code, {ERROR} AS error, r.duplicate_of, {STATUS} AS status {ROWS} WHERE r.run = ?1"
    )
});

/// Reads a [`STATUS`].
pub(super) fn status(row: &Row<'_>, column: usize) -> rusqlite::Result<Status> {
    let status = Status::parse(row.get_ref(column)?.as_str()?);
    status.ok_or(rusqlite::Error::InvalidQuery)
}

impl Reader {
    /// Hands rows of a run to `take`, in input order, one at a time.
    ///
    /// # Errors
    /// When the ledger cannot be read, and those of `take`.
    pub fn each_row<E: From<LedgerError>>(
        &self,
        run: RunId,
        filter: RowFilter,
        mut take: impl FnMut(&ReportRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error: rusqlite::Error| E::from(self.failed(&error));
        let filter = match filter {
            RowFilter::All => "",
            RowFilter::Ended => "AND status IN ('success', 'failed')",
        };
        let sql = format!("{} {filter} ORDER BY r.no", *REPORT_ROWS);
        let mut statement = self.connection.prepare_cached(&sql).map_err(failed)?;
        let mut rows = statement.query([run.0]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(&project(row).map_err(failed)?)?;
        }
        Ok(())
    }

    /// These rows of a run, in the order of their numbers here.
    ///
    /// # Errors
    /// When the ledger cannot be read or has no such row.
    pub fn report_rows(&self, run: RunId, numbers: &[u64]) -> Result<Vec<ReportRow>, LedgerError> {
        let rows = || {
            // One lock for all of them.
            let _snapshot = self.connection.unchecked_transaction()?;
            let sql = format!("{} AND r.no = ?2", *REPORT_ROWS);
            let mut statement = self.connection.prepare_cached(&sql)?;
            let row = |no: &u64| statement.query_row((run.0, signed(*no)), project);
            numbers.iter().map(row).collect::<rusqlite::Result<_>>()
        };
        rows().map_err(|error| self.failed(&error))
    }

    /// The rows of a run that name this file: the first, and its duplicates.
    pub(super) fn rows_of(&self, run: RunId, file: FileId) -> rusqlite::Result<Vec<u64>> {
        let sql = "WITH first AS (SELECT r.no FROM file f JOIN row r ON r.run = ?1 AND r.no = f.row \
                   AND r.file = f.id WHERE f.id = ?2) \
                   SELECT no FROM first UNION \
                   SELECT no FROM row WHERE run = ?1 AND duplicate_of IS NOT NULL \
                   AND duplicate_of = (SELECT no FROM first) ORDER BY 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement
            .query_map((run.0, file.0), |row| row.get(0).map(unsigned))?
            .collect()
    }
}

/// Makes a report row of what [`REPORT_ROWS`] selects.
fn project(row: &Row<'_>) -> rusqlite::Result<ReportRow> {
    let text = |column: usize| row.get::<_, Option<String>>(column);
    let size =
        |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(unsigned));
    let status = status(row, 2)?;
    let (code, error) = match status {
        Status::Success => note(row)?,
        _ => (text(6)?, text(7)?),
    };
    let has_asset = has_asset(row, status)?;
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

/// What to know about a row that ended well: whose asset it shares, else what its asset's note says.
fn note(row: &Row<'_>) -> rusqlite::Result<(Option<String>, Option<String>)> {
    let shares = |code: &str, text| Ok((Some(code.to_owned()), Some(text)));
    match row.get::<_, Option<i64>>(3)? {
        Some(first) => {
            let text = format!("the same file as row {}, whose asset it shares", first + 1);
            shares("duplicate_row", text)
        }
        None if row.get(15)? => shares("duplicate_content", shares_with(row)?),
        None => Ok((None, row.get(14)?)),
    }
}

/// Whether the asset is this row's result: not where it never held bytes, or those of another state of
/// the file, or where the row was refused.
fn has_asset(row: &Row<'_>, status: Status) -> rusqlite::Result<bool> {
    Ok(match status {
        Status::Success | Status::Pending => true,
        Status::NotStarted => false,
        Status::Failed => {
            let state = row.get_ref(8)?.as_str_or_null()?;
            let reason = row.get_ref(14)?.as_str_or_null()?;
            let holds_nothing = matches!(state, Some("allotted" | "deleted"));
            let is_refused: bool = row.get(1)?;
            !is_refused && !holds_nothing && reason != Some("superseded")
        }
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
