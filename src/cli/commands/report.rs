//! `mavi report`: has the report written again from the ledger, in the format and place asked for.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;

use crate::cli::config::args::ledger::{ReportArgs, ReportFormat};
use crate::cli::exit::{self, CommandError};
use crate::cli::output::say;
use mavi_upload::ledger::{Reader, RunRecord};
use mavi_upload::report::html::{self, About};
use mavi_upload::report::{self, Format, ReportError};
use mavi_upload::run::{RunError, absolute_path};

/// The page's name, beside the report.
const PAGE: &str = "mavi-report.html";

pub(crate) fn run(args: &ReportArgs) -> Result<ExitCode, CommandError> {
    let ledger = Reader::open(&args.ledger).map_err(RunError::from)?;
    let Some(run) = ledger.latest_run().map_err(RunError::from)? else {
        return Err(CommandError::Usage(format!(
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
        ReportFormat::Html => return write_page(args, ledger, run),
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
        _ => to_stdout(|out| report::write(ledger, run, format, out).map(drop)),
    }
}

fn write_page(args: &ReportArgs, ledger: &Reader, run: &RunRecord) -> Result<(), ReportError> {
    let path = absolute_path(&args.ledger);
    let about = About {
        writer: Reader::writer(&path)?,
        ledger: path,
        now: Timestamp::now(),
    };
    let place = match args.output.as_deref() {
        Some(path) if path == Path::new("-") => {
            return to_stdout(|out| html::write(ledger, &about, out));
        }
        Some(path) => path.to_owned(),
        None => run.report.with_file_name(PAGE),
    };
    html::claim(&place)?;
    html::write_to(ledger, &about, &place)?;
    say(&format!("page {}", place.display()));
    Ok(())
}

fn to_stdout(
    write: impl FnOnce(&mut dyn Write) -> Result<(), ReportError>,
) -> Result<(), ReportError> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    match write(&mut out).and_then(|()| Ok(out.flush()?)) {
        // A closed pipe is no error: its reader has what it wanted.
        Err(error) if error.is_closed_pipe() => Ok(()),
        done => done,
    }
}
