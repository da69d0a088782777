//! `mavi upload`: what is uploaded, where the record of it goes, how fast, and how long it waits. In
//! groups, which `mavi plan` shares.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use clap::{ArgGroup, Args};

use crate::cli::config::args::display::DisplayArgs;
use crate::cli::config::args::rate::rate;
use crate::cli::config::args::service::{ServiceArgs, ViaArgs};
use mavi_upload::run::{Concurrency, Timetable};
use mavi_upload::source::PathMap;

const EXAMPLES: &str = "\
Examples:
  mavi upload --sandbox videos               try it out, without a key
  mavi upload videos                         a folder
  mavi upload -m library.csv -r report.csv   what a manifest lists
  mavi upload --exclude '*.tmp' --dedupe a b
                                             two folders, duplicates once
  mavi upload -j auto --bandwidth '08:00,5M 19:00,off' videos
                                             as fast as your connection, slower by day

Options can also be set in the environment (MAVI_SIGN_RATE=0.5) or in
a configuration file (sign-rate = 0.5); a switch that was turned on
there is turned off by --dedupe=false. See docs/configuration.md.";

pub(crate) const EXIT_CODES: &str = "Exit codes:
  0    every row ended well
  1    finished; some rows failed or are pending
  2    usage, configuration or manifest error; nothing was sent
  3    stopped by the account (401, 402, 403)
  4    stopped by an outage
  5    local problem (disk, ledger, report, ledger in use)
  130, 143, 129  interrupted (INT, TERM, HUP)

After 3, 4, 5 or an interrupt: run the same command again to go on.";

#[derive(Debug, Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"), args_override_self = true)]
pub(crate) struct UploadArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) paths: PathArgs,
    #[command(flatten)]
    pub(crate) replace: ReplaceArgs,
    #[command(flatten)]
    pub(crate) speed: SpeedArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
    #[command(flatten)]
    pub(crate) via: ViaArgs,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    /// Upload to a sandbox inside mavi; needs no key
    ///
    /// Nothing leaves this machine, and no key is read. Limits are off unless set; the ledger is one of its own,
    /// `mavi-sandbox.db` beside the report, made anew each time.
    #[arg(long, help_heading = "Service")]
    pub(crate) sandbox: bool,
    #[command(flatten)]
    pub(crate) display: DisplayArgs,
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[command(next_help_heading = "Input")]
#[command(group = ArgGroup::new("input").required(true).args(["paths", "manifest"]))]
pub(crate) struct InputArgs {
    /// Files or folders; from folders only media files are taken
    #[arg(value_name = "PATH", help_heading = None)]
    pub(crate) paths: Vec<PathBuf>,
    /// A CSV that lists the files; `-` is stdin
    ///
    /// It has a header with a `path` column (or `file`, `filename`, `filepath`); `name` (the name sent) and
    /// `sha256` (expected) are optional; all other columns pass through to the report.
    #[arg(short, long, value_name = "FILE|-")]
    pub(crate) manifest: Option<PathBuf>,
    /// Folder its paths start from [default: its own]
    #[arg(long, value_name = "DIR", conflicts_with = "paths")]
    pub(crate) root: Option<PathBuf>,
    /// Where its folders are on this machine; repeatable
    ///
    /// For a manifest or report of another machine: `D:\videos=/mnt/videos`. The first that fits a path counts.
    #[arg(long, value_name = "FROM=TO", conflicts_with = "paths")]
    pub(crate) path_map: Vec<PathMap>,
    /// Delimiter of the manifest [default: detected]
    #[arg(long, value_name = "CHAR", conflicts_with = "paths")]
    pub(crate) delimiter: Option<char>,
    /// Malformed rows fail instead of ending the run
    #[arg(long, conflicts_with = "paths")]
    pub(crate) lenient: bool,
    /// Take only files that match; repeatable
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// Leave out files and folders; repeatable
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Also take files that are not media
    #[arg(long)]
    pub(crate) all_files: bool,
    /// Duplicates share one upload and one asset id
    ///
    /// Duplicates by SHA-256: files that share their size with another are read once more to compare.
    #[arg(long)]
    pub(crate) dedupe: bool,
    /// Also take files and folders of the system
    ///
    /// Recycle bins (.Trash-1000, $RECYCLE.BIN, #recycle), thumbnails (@eaDir, ._ files), snapshots (.snapshot,
    /// .zfs), downloads under way (.part) and all names that begin with a dot are left out of folders otherwise.
    /// One that is named itself is taken.
    #[arg(long)]
    pub(crate) system_files: bool,
    /// Follow symbolic links in folders
    #[arg(long)]
    pub(crate) follow: bool,
    /// Refuse larger files [default: 5 GiB]
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_size: Option<ByteSize>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Report and ledger")]
pub(crate) struct PathArgs {
    /// Where the report goes
    #[arg(short, long, value_name = "FILE", default_value = "mavi-report.csv")]
    pub(crate) report: PathBuf,
    /// The ledger [default: beside the report]
    ///
    /// `mavi-ledger.db` there: all that mavi knows of assets. Keep it: what it does not know is uploaded again.
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Report and ledger")]
pub(crate) struct ReplaceArgs {
    /// Replace a report that mavi did not write
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Use a ledger of another account or base URL
    #[arg(long)]
    pub(crate) adopt_ledger: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Speed and waiting")]
pub(crate) struct SpeedArgs {
    /// Uploads in flight
    ///
    /// `auto` finds how many your connection needs, between 1 and 64.
    #[arg(short = 'j', long, value_name = "N|auto", default_value = "4")]
    pub(crate) concurrency: Concurrency,
    /// Sign calls a second [default: 1]
    ///
    /// One a second is the documented limit; 0 is no limit.
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(crate) sign_rate: Option<f64>,
    /// Upload starts a second [default: 1]
    ///
    /// One a second is the documented limit; 0 is no limit.
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(crate) upload_rate: Option<f64>,
    /// Status calls a second [default: 1]
    ///
    /// One a second is the documented limit; 0 is no limit.
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(crate) poll_rate: Option<f64>,
    /// Bytes a second, such as 20M
    ///
    /// For all uploads together; or `off`; or by the time of day: `08:00,5M 19:00,off`.
    #[arg(long, value_name = "RATE", default_value = "off")]
    pub(crate) bandwidth: Timetable,
    /// Do not wait for confirmation: rows end pending
    #[arg(long)]
    pub(crate) no_confirm: bool,
    /// Time between checks of one asset [default: 2s]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) poll_interval: Option<Duration>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Speed and waiting")]
pub(crate) struct WaitArgs {
    /// Attempts after the first
    ///
    /// For one step of one file.
    #[arg(long, value_name = "N", default_value = "7")]
    pub(crate) retries: u32,
    /// First pause between attempts
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = humantime::parse_duration)]
    pub(crate) retry_delay: Duration,
    /// Longest pause between attempts
    #[arg(long, value_name = "TIME", default_value = "32s", value_parser = humantime::parse_duration)]
    pub(crate) retry_max_delay: Duration,
    /// How long to wait for confirmation
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = humantime::parse_duration)]
    pub(crate) confirm_timeout: Duration,
    /// How long to wait out an outage
    ///
    /// After that the run stops with exit code 4; 0 waits for ever.
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = humantime::parse_duration)]
    pub(crate) max_outage: Duration,
    /// Let running uploads finish on an interrupt
    #[arg(long)]
    pub(crate) drain: bool,
}
