//! The report during its run: finished rows are appended, so that it can be followed.
//!
//! An earlier run's report stays until this run has read its whole input. When this run is killed
//! before that, a report of all rows still stands. Decides nothing about rows.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::line::{self, Format};
use super::{ReportError, place, rewrite};
use crate::ledger::{Reader, ReportRow, RowFilter, RunRecord};
use crate::source::Cells;

/// The report of a run under way.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    columns: Cells,
    /// `None` while the report is still the earlier run's.
    file: Option<File>,
}

impl Tail {
    /// Begins the report of `run`. `earlier` is the latest run before it. Where that one wrote to the
    /// same place, its report stays until [`Tail::open`], and is written again first unless it is as
    /// that run left it: a kill may have cut it short. Else the report starts with its header alone.
    ///
    /// # Errors
    /// When the ledger cannot be read or the file cannot be written.
    pub fn begin(
        run: &RunRecord,
        earlier: Option<&RunRecord>,
        ledger: &Reader,
    ) -> Result<Self, ReportError> {
        let mut tail = Self {
            path: run.report.clone(),
            columns: run.columns.clone(),
            file: None,
        };
        match earlier {
            Some(earlier) if earlier.listed && earlier.report == run.report => {
                if earlier.whole.is_none() || earlier.whole != place::version(&run.report) {
                    rewrite(ledger, earlier)?;
                }
            }
            _ => tail.start(|_| Ok(()))?,
        }
        Ok(tail)
    }

    /// Whether finished rows are appended: the report is this run's.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.file.is_some()
    }

    /// The input was read to its end: from now on the report is this run's. Starts with the rows that
    /// ended so far, in input order.
    ///
    /// # Errors
    /// When the ledger cannot be read or the file cannot be written.
    pub fn open(&mut self, run: &RunRecord, ledger: &Reader) -> Result<(), ReportError> {
        if self.file.is_some() {
            return Ok(());
        }
        self.start(|out| {
            let mut line = Vec::new();
            ledger.each_row(run.id, RowFilter::Ended, |row| {
                line.clear();
                line::csv(&mut line, row);
                out.write_all(&line).map_err(ReportError::from)
            })
        })
    }

    fn start(
        &mut self,
        rows: impl FnOnce(&mut dyn Write) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let header = line::header(Format::Csv, &self.columns);
        place::replace(&self.path, |out| {
            out.write_all(&header)?;
            rows(out)
        })
        .map_err(|error: ReportError| error.named(&self.path))?;
        self.file = Some(append_to(&self.path)?);
        Ok(())
    }

    /// Appends finished rows, as one write.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append(&mut self, rows: &[ReportRow]) -> Result<(), ReportError> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let mut lines = Vec::new();
        for row in rows {
            line::csv(&mut lines, row);
        }
        file.write_all(&lines)
            .map_err(|error| ReportError::io(&self.path, &error))
    }
}

fn append_to(path: &Path) -> Result<File, ReportError> {
    let file = OpenOptions::new().append(true).open(path);
    file.map_err(|error| ReportError::io(path, &error))
}
