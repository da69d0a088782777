//! The whole report of a run, in input order. Does not decide where it may stand.

use std::io::Write;
use std::path::Path;

use super::line::{self, Format};
use super::{ReportError, place};
use crate::ledger::{Counts, Reader, RowFilter, RunRecord};

/// Writes the whole report of a run to its place, atomically: the old one stays until the new one
/// is complete and on disk. Returns the counts of its statuses.
///
/// # Errors
/// When the ledger cannot be read or the file cannot be written; then the old one still stands.
pub fn rewrite(ledger: &Reader, run: &RunRecord) -> Result<Counts, ReportError> {
    write_to(ledger, run, Format::Csv, &run.report)
}

/// As [`rewrite`], in a format and to a place of choice.
///
/// # Errors
/// As [`rewrite`].
pub fn write_to(
    ledger: &Reader,
    run: &RunRecord,
    format: Format,
    path: &Path,
) -> Result<Counts, ReportError> {
    place::replace(path, |out| write(ledger, run, format, out))
        .map_err(|error: ReportError| error.named(path))
}

/// Writes the whole report of a run, in input order.
///
/// # Errors
/// When the ledger cannot be read or `out` cannot be written.
pub fn write(
    ledger: &Reader,
    run: &RunRecord,
    format: Format,
    out: &mut dyn Write,
) -> Result<Counts, ReportError> {
    let mut counts = Counts::default();
    let names = line::column_names(&run.columns);
    out.write_all(&line::header(format, &run.columns))?;
    let mut line = Vec::new();
    ledger.each_row(run.id, RowFilter::All, |row| {
        counts.add(row.status);
        line.clear();
        match format {
            Format::Csv => line::csv(&mut line, row),
            Format::Jsonl => line.extend(line::json(&names, row)),
        }
        out.write_all(&line).map_err(ReportError::from)
    })?;
    Ok(counts)
}
