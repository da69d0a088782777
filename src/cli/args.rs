//! The command line as it is typed: names, defaults and help. Nothing here has an effect.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use super::sandbox::RateSchedule;
use crate::body::Timetable;
use crate::pipeline::Concurrency;
use crate::sandbox::{LimitStyle, Processing};
use crate::upload::BASE_URL;

const EXIT_CODES: &str = "Exit codes:
  0    every row ended well
  1    finished; some rows failed or are pending
  2    usage, configuration or manifest error, found before anything was sent
  3    stopped by the account (401, 402, 403)
  4    stopped by an outage
  5    local trouble (disk, ledger, report, ledger in use)
  130, 143, 129  interrupted (INT, TERM, HUP)

Examples:
  mavi upload --sandbox videos                  try it out, without a key
  MEMORIES_API_KEY=... mavi upload videos       upload a folder
  mavi upload -m library.csv -r report.csv      upload what a manifest lists

After 3, 4, 5 or an interrupt: run the same command again to go on.";

const STATUS_HELP: &str = "\
Works while an upload writes. The service is not asked: a confirmed asset is shown as the
service confirmed it.";

const ORPHANS_HELP: &str = "\
An orphan is an asset that was abandoned (its URL expired, the service called it FAILED, the
file changed, ...) or that no file has any more. An asset that was allotted to a file which then
failed is none: running the upload again fills it. The list needs no key, and nothing is deleted
without --delete.

Exit codes: 0 all deleted, or nothing to delete; 1 the service would not delete some; otherwise
as for mavi upload.";

/// Uploads media libraries to the memories.ai MAVI service and maps every file to its asset id.
#[derive(Debug, Parser)]
#[command(name = "mavi", version, after_help = EXIT_CODES, args_override_self = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Upload files, directories (walked) or what a manifest lists, and write the report.
    Upload(Box<UploadArgs>),
    /// Show what the ledger knows of a job: rows, files, bytes and assets by state.
    Status(StatusArgs),
    /// List the assets that nothing uses any more, and delete them when asked to.
    Orphans(Box<OrphansArgs>),
    /// Rebuild or convert the report from the ledger.
    Report(ReportArgs),
    /// Run a MAVI-compatible service on this machine, for trying things out and for tests.
    Sandbox(SandboxArgs),
}

impl Command {
    /// How often `-v` was typed.
    pub(super) fn verbosity(&self) -> u8 {
        match self {
            Self::Upload(args) => args.display.verbose,
            _ => 0,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES, args_override_self = true)]
#[command(group = ArgGroup::new("input").required(true).args(["paths", "manifest"]))]
pub(super) struct UploadArgs {
    /// Files and directories; directories are walked, media files only.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) pace: PaceArgs,
    #[command(flatten)]
    pub(super) service: ServiceArgs,
    /// Run against an embedded sandbox: no key is needed or read, nothing leaves this machine.
    #[arg(long, help_heading = "Service")]
    pub(super) sandbox: bool,
    #[command(flatten)]
    pub(super) display: DisplayArgs,
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArgs {
    /// CSV with a header and a `path` column; `-` reads it from stdin. `name` (the name sent) and
    /// `sha256` (expected) are optional; all other columns pass through to the report.
    #[arg(short, long, value_name = "FILE|-")]
    pub(super) manifest: Option<PathBuf>,
    /// Base of the manifest's relative paths [default: the manifest's folder].
    #[arg(long, value_name = "DIR", requires = "manifest")]
    pub(super) root: Option<PathBuf>,
    /// The manifest's delimiter [default: found from its header].
    #[arg(long, value_name = "CHAR", requires = "manifest")]
    pub(super) delimiter: Option<char>,
    /// Turn malformed manifest rows into failed rows instead of stopping.
    #[arg(long, requires = "manifest")]
    pub(super) lenient: bool,
    /// Take only files that match; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(super) include: Vec<String>,
    /// Leave out files and folders that match; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// Take files that are no media, too.
    #[arg(long)]
    pub(super) all_files: bool,
    /// Files with the same bytes (SHA-256) share one upload and one asset id. Files that share
    /// their size with another are read once more to tell.
    #[arg(long)]
    pub(super) dedupe: bool,
    /// Follow symbolic links when walking.
    #[arg(long)]
    pub(super) follow: bool,
    /// Refuse files larger than this [default: 5 GiB, the service's limit].
    #[arg(long, value_name = "SIZE")]
    pub(super) max_size: Option<ByteSize>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Report and ledger")]
pub(super) struct OutputArgs {
    /// Where the report goes.
    #[arg(short, long, value_name = "FILE", default_value = "mavi-report.csv")]
    pub(super) report: PathBuf,
    /// The ledger [default: mavi-ledger.db beside the report].
    #[arg(long, value_name = "FILE")]
    pub(super) ledger: Option<PathBuf>,
    /// Replace a report file that mavi did not write.
    #[arg(long)]
    pub(super) overwrite: bool,
    /// Use a ledger that was made for another base URL or account.
    #[arg(long)]
    pub(super) adopt_ledger: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Pace and patience")]
pub(super) struct PaceArgs {
    /// Uploads in flight; `auto` finds how many fill the line, between 1 and 64.
    #[arg(short = 'j', long, value_name = "N|auto", default_value = "4")]
    pub(super) concurrency: Concurrency,
    /// Sign calls per second; 0 for no limit [default: 1, the documented limit].
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(super) sign_rate: Option<f64>,
    /// Upload starts per second; 0 for no limit [default: 1, the documented limit].
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(super) upload_rate: Option<f64>,
    /// Status calls per second; 0 for no limit [default: 1, the documented limit].
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(super) poll_rate: Option<f64>,
    /// Bytes per second for all uploads together: `20M`, `off`, or by the time of day
    /// `08:00,5M 19:00,off`.
    #[arg(long, value_name = "RATE", default_value = "off")]
    pub(super) bandwidth: Timetable,
    /// Attempts after the first, for one step of one file.
    #[arg(long, value_name = "N", default_value = "7")]
    pub(super) retries: u32,
    /// Where backoff starts.
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
    pub(super) retry_delay: Duration,
    /// Where backoff ends.
    #[arg(long, value_name = "DURATION", default_value = "32s", value_parser = humantime::parse_duration)]
    pub(super) retry_max_delay: Duration,
    /// Shortest time between two looks at the same asset [default: 2s].
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(super) poll_interval: Option<Duration>,
    /// How long to wait for confirmation after the bytes are up.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = humantime::parse_duration)]
    pub(super) confirm_timeout: Duration,
    /// How long the service may be away before the run stops with exit 4; 0 for ever.
    #[arg(long, value_name = "DURATION", default_value = "2h", value_parser = humantime::parse_duration)]
    pub(super) max_outage: Duration,
    /// Do not wait for confirmation: rows end as `pending`.
    #[arg(long)]
    pub(super) no_confirm: bool,
    /// On the first interrupt, let running uploads finish.
    #[arg(long)]
    pub(super) drain: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Service")]
pub(super) struct ServiceArgs {
    /// How files go up. `direct` is one call in place of two, for files under 500 MB; its asset id
    /// comes with the answer, so that a lost answer leaves an asset that nobody can see and that is
    /// paid for: such a row fails as `outcome_unknown`, and after a kill the file is sent again.
    #[arg(long, value_enum, default_value = "signed-url")]
    pub(super) via: ViaArg,
    /// Where the service is.
    #[arg(
        long,
        value_name = "URL",
        env = "MEMORIES_V2_BASE_URL",
        hide_env_values = true
    )]
    #[arg(help = format!("Where the service is [default: {BASE_URL}]"))]
    pub(super) base_url: Option<String>,
    /// A file that holds the API key; `-` reads it from stdin [default: `MEMORIES_API_KEY`].
    #[arg(long, value_name = "FILE|-")]
    pub(super) api_key_file: Option<PathBuf>,
    /// A file of `KEY=VALUE` lines that stands in where the environment does not set `MEMORIES_API_KEY` or
    /// `MEMORIES_V2_BASE_URL`.
    #[arg(long, value_name = "FILE")]
    pub(super) env_file: Option<PathBuf>,
    /// Send files to this storage host although its address is private or its port unusual; repeatable.
    #[arg(long, value_name = "HOST[:PORT]", value_parser = storage_host)]
    pub(super) storage_host: Vec<String>,
    /// Certificates to trust beside the system's.
    #[arg(long, value_name = "PEM")]
    pub(super) ca_cert: Option<PathBuf>,
    /// Pass the proxies of the environment by.
    #[arg(long)]
    pub(super) no_proxy: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ViaArg {
    /// Ask for an asset, then fill it: nothing can be lost or paid for twice.
    SignedUrl,
    /// One call.
    Direct,
}

#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Display")]
pub(super) struct DisplayArgs {
    /// How progress is shown.
    #[arg(long, value_enum, default_value = "auto")]
    pub(super) progress: Progress,
    /// Only errors that end the run.
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Say more; repeatable.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Progress {
    /// Bars on a terminal, lines elsewhere.
    Auto,
    /// Bars, redrawn in place.
    Bars,
    /// A plain line now and then.
    Lines,
    /// One JSON object a line on stdout, for programs.
    Json,
    /// Nothing.
    None,
}

#[derive(Debug, Args)]
#[command(after_help = STATUS_HELP)]
pub(super) struct StatusArgs {
    /// The ledger.
    #[arg(long, value_name = "FILE", default_value = "mavi-ledger.db")]
    pub(super) ledger: PathBuf,
    /// One JSON object instead of a table.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = ORPHANS_HELP, args_override_self = true)]
pub(super) struct OrphansArgs {
    /// The ledger.
    #[arg(long, value_name = "FILE", default_value = "mavi-ledger.db")]
    pub(super) ledger: PathBuf,
    /// One JSON object instead of a table.
    #[arg(long)]
    pub(super) json: bool,
    /// Delete them at the service, for good, after the list was shown and you said yes.
    #[arg(long)]
    pub(super) delete: bool,
    /// Do not ask.
    #[arg(long, requires = "delete")]
    pub(super) yes: bool,
    /// Deletions per second; 0 for no limit.
    #[arg(long, value_name = "N", default_value = "1", value_parser = rate)]
    pub(super) rate: f64,
    #[command(flatten)]
    pub(super) service: ServiceArgs,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The ledger.
    #[arg(long, value_name = "FILE", default_value = "mavi-ledger.db")]
    pub(super) ledger: PathBuf,
    /// How it is written.
    #[arg(long, value_enum, default_value = "csv")]
    pub(super) format: ReportFormat,
    /// Where it goes; `-` is stdout [default: the report's own place, as CSV].
    #[arg(short, long, value_name = "FILE|-")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// Comma-separated values.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

#[derive(Debug, Args)]
pub(super) struct SandboxArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(super) listen: SocketAddr,
    /// Requests per second for each endpoint, 0 for no limit; `1,send=2,30s:0.5`: two for send, half of one for
    /// all after 30 seconds.
    #[arg(long, value_name = "RATES", default_value = "1")]
    pub(super) rate: RateSchedule,
    /// How a call that comes too early is refused.
    #[arg(long, value_enum, default_value = "http-429")]
    pub(super) limit_style: LimitStyleName,
    /// A script of faults: which calls go wrong, and how (docs/sandbox.md).
    #[arg(long, value_name = "FILE")]
    pub(super) faults: Option<PathBuf>,
    /// Decides the draws of processing times, and those of the script of faults in place of its own `seed`.
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Time between the bytes and SUCCESS: fixed (`2s`) or lognormal (`20s,0.5`: median, sigma).
    #[arg(long, value_name = "TIME", default_value = "2s")]
    pub(super) processing: Processing,
    /// Keep the bodies in this folder; else only their size and SHA-256.
    #[arg(long, value_name = "DIR")]
    pub(super) keep: Option<PathBuf>,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate >= 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("expected requests per second, such as 1 or 0.5; 0 for no limit".to_owned()),
    }
}

/// A host alone: what a URL has besides is no matter of trust.
fn storage_host(text: &str) -> Result<String, String> {
    let url = reqwest::Url::parse(&format!("https://{text}"));
    let written_back = url.ok().and_then(|url| {
        let host = url.host_str()?;
        Some(
            url.port()
                .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
        )
    });
    match written_back {
        Some(host) if host.eq_ignore_ascii_case(text.trim_end_matches(":443")) => {
            Ok(text.to_owned())
        }
        _ => Err(
            "expected a host name or address, such as storage.example or 10.0.0.5:9000".to_owned(),
        ),
    }
}

/// How a call that comes too early is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LimitStyleName {
    /// HTTP 429.
    #[value(name = "http-429")]
    Http429,
    /// HTTP 429 with Retry-After.
    RetryAfter,
    /// HTTP 200 with code 429.
    #[value(name = "code-429")]
    Code429,
    /// HTTP 200 with code "0429".
    #[value(name = "code-0429")]
    Code0429,
    /// HTTP 400 with the limit's text.
    #[value(name = "http-400")]
    Http400,
    /// HTTP 503 with `SlowDown` from storage.
    SlowDown,
}

impl From<LimitStyleName> for LimitStyle {
    fn from(name: LimitStyleName) -> Self {
        match name {
            LimitStyleName::Http429 => Self::Http429,
            LimitStyleName::RetryAfter => Self::RetryAfter,
            LimitStyleName::Code429 => Self::Code429,
            LimitStyleName::Code0429 => Self::Code0429,
            LimitStyleName::Http400 => Self::Http400,
            LimitStyleName::SlowDown => Self::SlowDown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn case_133_a_storage_host_is_a_host() {
        for host in [
            "storage.example",
            "10.0.0.5:9000",
            "[fd00::1]:9000",
            "STORAGE.example:443",
        ] {
            assert_eq!(storage_host(host).as_deref(), Ok(host));
        }
        for wrong in [
            "",
            "https://storage.example",
            "a/b",
            "me@storage.example",
            "a b",
            "a:b",
            "a?b",
            "a:80:80",
        ] {
            assert!(storage_host(wrong).is_err(), "{wrong:?}");
        }
    }
}
