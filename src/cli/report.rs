//! `mavi report`: the report, made anew from the ledger.

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::ExitCode;

use super::args::{ReportArgs, ReportFormat};
use super::exit::{self, Failure};
use super::say;
use crate::ledger::{Reader, RunRecord};
use crate::report::{self, Format, ReportError};
use crate::upload::RunError;

pub(super) fn run(args: &ReportArgs) -> Result<ExitCode, Failure> {
    let ledger = Reader::open(&args.ledger).map_err(RunError::from)?;
    let Some(run) = ledger.latest_run().map_err(RunError::from)? else {
        return Err(Failure::Usage(format!(
            "ledger {}: no run yet",
            args.ledger.display()
        )));
    };
    write(args, &ledger, &run).map_err(RunError::from)?;
    Ok(ExitCode::from(exit::DONE))
}

fn write(args: &ReportArgs, ledger: &Reader, run: &RunRecord) -> Result<(), ReportError> {
    let format = match args.format {
        ReportFormat::Csv => Format::Csv,
        ReportFormat::Jsonl => Format::Jsonl,
    };
    match args.output.as_deref() {
        Some(path) if path != Path::new("-") => {
            report::claim(path, Some(ledger), false)?;
            report::write_to(ledger, run, format, path).map(drop)
        }
        None if format == Format::Csv => {
            report::rewrite(ledger, run)?;
            say(&format!("report {}", run.report.display()));
            Ok(())
        }
        _ => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            match report::write(ledger, run, format, &mut out).and_then(|_| Ok(out.flush()?)) {
                // Whoever read as much as they wanted and left is served.
                Err(error) if error.is_closed_pipe() => Ok(()),
                done => done,
            }
        }
    }
}
