//! Commands that read a job's ledger: `mavi status`, `mavi orphans`, `mavi report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::config::args::rate::rate;
use crate::cli::config::args::service::ServiceArgs;

const STATUS_HELP: &str = "\
Examples:
  mavi status
  mavi status --ledger job.db --json | jq .rows

Works while an upload writes. The service is not asked: a confirmed
asset is shown as the service confirmed it.

Exit codes: 0; 2 there is no such ledger; 5 local problem.";

const REPORT_HELP: &str = "\
Examples:
  mavi report                                  again, in its place
  mavi report --format jsonl | jq .asset_id    as JSON lines
  mavi report --format html                    as a page for people

Exit codes: 0; 2 there is no such ledger, or mavi did not write the file
that stands in the way; 5 local problem.";

const ORPHANS_HELP: &str = "\
Examples:
  mavi orphans             what could be deleted, and what it costs
  mavi orphans --delete    delete them; asks first

An orphan is an asset that was abandoned (its URL expired, processing
failed at the service, the file changed, ...) or that no file has any
more. An asset that was reserved for a file which then failed is not one:
running the upload again fills it. The list needs no key, and nothing is deleted
without --delete.

Exit codes: 0 all deleted, or nothing to delete; 1 the service would not
delete some; otherwise as for mavi upload.";

#[derive(Debug, Args)]
#[command(after_long_help = STATUS_HELP)]
pub(crate) struct StatusArgs {
    /// The ledger
    #[arg(long, value_name = "FILE", default_value = "mavi-ledger.db")]
    pub(crate) ledger: PathBuf,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = ORPHANS_HELP, args_override_self = true)]
pub(crate) struct OrphansArgs {
    /// The ledger
    #[arg(long, value_name = "FILE", default_value = "mavi-ledger.db")]
    pub(crate) ledger: PathBuf,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// Delete them at the service, for good
    ///
    /// After the list was shown and you said yes.
    #[arg(long)]
    pub(crate) delete: bool,
    /// Do not ask
    #[arg(long, requires = "delete")]
    pub(crate) yes: bool,
    /// Deletions a second; 0 for no limit
    #[arg(long, value_name = "N", default_value = "1", value_parser = rate)]
    pub(crate) rate: f64,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

#[derive(Debug, Args)]
#[command(after_long_help = REPORT_HELP)]
pub(crate) struct ReportArgs {
    /// The ledger
    #[arg(long, value_name = "FILE", default_value = "mavi-ledger.db")]
    pub(crate) ledger: PathBuf,
    /// csv, jsonl or html
    ///
    /// `jsonl` is one JSON object a line, `html` a page for people.
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "csv",
        hide_possible_values = true
    )]
    pub(crate) format: ReportFormat,
    /// Where it goes; `-` is stdout
    ///
    /// [default: CSV: the report's own place; HTML: `mavi-report.html` beside it; JSON lines: stdout]
    #[arg(short, long, value_name = "FILE|-")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Comma-separated values.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// A page for people: what became of the rows, why some failed, how the runs went.
    Html,
}
