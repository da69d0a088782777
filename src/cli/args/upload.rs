//! `mavi upload`: what goes up, where the record of it goes, how fast, and how patiently. In groups,
//! which `mavi plan` takes its own from.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use clap::{ArgGroup, Args};

use super::{DisplayArgs, EXIT_CODES, ServiceArgs, rate};
use crate::body::Timetable;
use crate::pipeline::Concurrency;

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES, args_override_self = true)]
#[command(group = ArgGroup::new("input").required(true).args(["paths", "manifest"]))]
pub(in crate::cli) struct UploadArgs {
    /// Files and directories; directories are walked, media files only.
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) input: InputArgs,
    #[command(flatten)]
    pub(in crate::cli) place: PlaceArgs,
    #[command(flatten)]
    pub(in crate::cli) replace: ReplaceArgs,
    #[command(flatten)]
    pub(in crate::cli) pace: PaceArgs,
    #[command(flatten)]
    pub(in crate::cli) patience: PatienceArgs,
    #[command(flatten)]
    pub(in crate::cli) service: ServiceArgs,
    /// Run against an embedded sandbox: no key is needed or read, nothing leaves this machine.
    #[arg(long, help_heading = "Service")]
    pub(in crate::cli) sandbox: bool,
    #[command(flatten)]
    pub(in crate::cli) display: DisplayArgs,
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[command(next_help_heading = "Input")]
pub(in crate::cli) struct InputArgs {
    /// CSV with a header and a `path` column; `-` reads it from stdin. `name` (the name sent) and
    /// `sha256` (expected) are optional; all other columns pass through to the report.
    #[arg(short, long, value_name = "FILE|-")]
    pub(in crate::cli) manifest: Option<PathBuf>,
    /// Base of the manifest's relative paths [default: the manifest's folder].
    #[arg(long, value_name = "DIR", requires = "manifest")]
    pub(in crate::cli) root: Option<PathBuf>,
    /// The manifest's delimiter [default: found from its header].
    #[arg(long, value_name = "CHAR", requires = "manifest")]
    pub(in crate::cli) delimiter: Option<char>,
    /// Turn malformed manifest rows into failed rows instead of stopping.
    #[arg(long, requires = "manifest")]
    pub(in crate::cli) lenient: bool,
    /// Take only files that match; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) include: Vec<String>,
    /// Leave out files and folders that match; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) exclude: Vec<String>,
    /// Take files that are no media, too.
    #[arg(long)]
    pub(in crate::cli) all_files: bool,
    /// Files with the same bytes (SHA-256) share one upload and one asset id. Files that share
    /// their size with another are read once more to tell.
    #[arg(long)]
    pub(in crate::cli) dedupe: bool,
    /// Follow symbolic links when walking.
    #[arg(long)]
    pub(in crate::cli) follow: bool,
    /// Refuse files larger than this [default: 5 GiB, the service's limit].
    #[arg(long, value_name = "SIZE")]
    pub(in crate::cli) max_size: Option<ByteSize>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Report and ledger")]
pub(in crate::cli) struct PlaceArgs {
    /// Where the report goes.
    #[arg(short, long, value_name = "FILE", default_value = "mavi-report.csv")]
    pub(in crate::cli) report: PathBuf,
    /// The ledger [default: mavi-ledger.db beside the report].
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ledger: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Report and ledger")]
pub(in crate::cli) struct ReplaceArgs {
    /// Replace a report file that mavi did not write.
    #[arg(long)]
    pub(in crate::cli) overwrite: bool,
    /// Use a ledger that was made for another base URL or account.
    #[arg(long)]
    pub(in crate::cli) adopt_ledger: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Pace and patience")]
pub(in crate::cli) struct PaceArgs {
    /// Uploads in flight; `auto` finds how many fill the line, between 1 and 64.
    #[arg(short = 'j', long, value_name = "N|auto", default_value = "4")]
    pub(in crate::cli) concurrency: Concurrency,
    /// Sign calls per second; 0 for no limit [default: 1, the documented limit].
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(in crate::cli) sign_rate: Option<f64>,
    /// Upload starts per second; 0 for no limit [default: 1, the documented limit].
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(in crate::cli) upload_rate: Option<f64>,
    /// Status calls per second; 0 for no limit [default: 1, the documented limit].
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(in crate::cli) poll_rate: Option<f64>,
    /// Bytes per second for all uploads together: `20M`, `off`, or by the time of day
    /// `08:00,5M 19:00,off`.
    #[arg(long, value_name = "RATE", default_value = "off")]
    pub(in crate::cli) bandwidth: Timetable,
    /// Do not wait for confirmation: rows end as `pending`.
    #[arg(long)]
    pub(in crate::cli) no_confirm: bool,
    /// Shortest time between two looks at the same asset [default: 2s].
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(in crate::cli) poll_interval: Option<Duration>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Pace and patience")]
pub(in crate::cli) struct PatienceArgs {
    /// Attempts after the first, for one step of one file.
    #[arg(long, value_name = "N", default_value = "7")]
    pub(in crate::cli) retries: u32,
    /// Where backoff starts.
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
    pub(in crate::cli) retry_delay: Duration,
    /// Where backoff ends.
    #[arg(long, value_name = "DURATION", default_value = "32s", value_parser = humantime::parse_duration)]
    pub(in crate::cli) retry_max_delay: Duration,
    /// How long to wait for confirmation after the bytes are up.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = humantime::parse_duration)]
    pub(in crate::cli) confirm_timeout: Duration,
    /// How long the service may be away before the run stops with exit 4; 0 for ever.
    #[arg(long, value_name = "DURATION", default_value = "2h", value_parser = humantime::parse_duration)]
    pub(in crate::cli) max_outage: Duration,
    /// On the first interrupt, let running uploads finish.
    #[arg(long)]
    pub(in crate::cli) drain: bool,
}
