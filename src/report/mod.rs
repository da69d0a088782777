//! The report: which row became which asset. A projection of the ledger, as CSV, JSON
//! lines, or a page for people.
//!
//! While a run goes on, finished rows are appended in the order in which they finish (`tail`); at
//! its end the whole report is written anew, in input order, beside the old one, and takes its
//! place.

pub mod html;
mod line;
mod place;
mod tail;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use line::{COLUMNS, Format};
pub use place::{apart, claim, is_ours, is_same, version};
pub use tail::Tail;

use crate::ledger::{Counts, LedgerError, Reader, RowFilter, RunId, RunRecord};

/// Why the report cannot be written. Names the file and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file that this program did not write stands there.
    #[error(
        "report {0}: exists and was not written by mavi: give --report another name, or --overwrite"
    )]
    NotOurs(PathBuf),
    /// A file of the ledger's stands there, or is about to.
    #[error("report {0}: is the ledger's own file: give --report another name")]
    OfLedger(PathBuf),
    /// The system's error.
    #[error("report {path}: {text}")]
    Io {
        /// The report.
        path: PathBuf,
        /// Its kind.
        kind: io::ErrorKind,
        /// The system's words.
        text: String,
    },
    /// The ledger, from which the report is made.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl ReportError {
    /// Whether it was written to somebody who does not read any more.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(
            self,
            Self::Io {
                kind: io::ErrorKind::BrokenPipe,
                ..
            }
        )
    }

    fn io(path: &Path, error: &io::Error) -> Self {
        let kind = error.kind();
        let text = match kind {
            io::ErrorKind::StorageFull => "no space left on the device".to_owned(),
            io::ErrorKind::NotFound => "its folder does not exist: make it first".to_owned(),
            io::ErrorKind::PermissionDenied => "its folder may not be written to".to_owned(),
            io::ErrorKind::InvalidFilename => "its name is too long: shorten it".to_owned(),
            _ => error.to_string(),
        };
        Self::Io {
            path: path.to_owned(),
            kind,
            text,
        }
    }
}

/// Writes the whole report of a run to its place, atomically: the old one stays until the new one
/// is complete and on disk. Gives the counts of its statuses.
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
    place::replace(path, |out| write(ledger, run, format, out)).map_err(|error| named(path, error))
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

/// The counts of a run's statuses, without writing anything.
///
/// # Errors
/// When the ledger cannot be read.
pub fn count(ledger: &Reader, run: RunId) -> Result<Counts, LedgerError> {
    let mut counts = Counts::default();
    ledger.each_row(run, RowFilter::All, |row| {
        counts.add(row.status);
        Ok::<_, LedgerError>(())
    })?;
    Ok(counts)
}

/// Stands for the report's name where that is not known; standard output is called so.
const UNNAMED: &str = "-";

impl From<io::Error> for ReportError {
    fn from(error: io::Error) -> Self {
        Self::io(Path::new(UNNAMED), &error)
    }
}

/// Puts the report's name to an error that arose without it.
fn named(report: &Path, error: ReportError) -> ReportError {
    match error {
        ReportError::Io { path, kind, text } if path == Path::new(UNNAMED) => ReportError::Io {
            path: report.to_owned(),
            kind,
            text,
        },
        other => other,
    }
}
