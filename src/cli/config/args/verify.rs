//! `mavi verify`, as it is typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::config::args::rate::rate;
use crate::cli::config::args::service::ServiceArgs;
use mavi_upload::verify::AssetSample;

const HELP: &str = "\
Asks the service about the asset of every success and pending row, each asset once, and compares
status and size with the report. The key must be of the account that uploaded: to another account
every asset is missing. The report may have been through a spreadsheet; it is never changed, and no
ledger is needed.

Without a download the service reports only the size of an asset. --download fetches every asset
($0.12/GB, shown first) and compares SHA-256 and size; no byte is kept. A download that breaks off
is started again twice at most, and what came before may be charged as well.

Exit codes: 0 all is as the report says; 1 some rows differ, are still processing or could not be
checked; 2 usage, or no report; otherwise as for mavi upload.";

#[derive(Debug, Args)]
#[command(after_long_help = HELP, args_override_self = true)]
pub(crate) struct VerifyArgs {
    /// The report, as CSV
    #[arg(value_name = "REPORT")]
    pub(crate) report: PathBuf,
    /// Check this share of the assets, such as 1%
    ///
    /// The same ones each time, and a larger share contains a smaller one.
    #[arg(long, value_name = "PERCENT", default_value = "100%")]
    pub(crate) sample: AssetSample,
    /// Download the assets and compare SHA-256
    ///
    /// And their size, after the price was shown and you said yes.
    #[arg(long)]
    pub(crate) download: bool,
    /// Do not ask
    #[arg(long, requires = "download")]
    pub(crate) yes: bool,
    /// Calls a second; 0 for no limit
    #[arg(long, value_name = "N", default_value = "1", value_parser = rate)]
    pub(crate) rate: f64,
    /// Attempts after the first, for one call
    #[arg(long, value_name = "N", default_value = "7")]
    pub(crate) retries: u32,
    /// First pause between attempts
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = humantime::parse_duration)]
    pub(crate) retry_delay: Duration,
    /// How long to wait out an outage
    ///
    /// After that the check stops with exit code 4; 0 waits for ever.
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = humantime::parse_duration)]
    pub(crate) max_outage: Duration,
    /// One JSON object instead of words
    ///
    /// On stdout: every row that is not as the report says, and the summary.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write what differs as CSV; `-` is stdout
    ///
    /// Every row that is not as the report says.
    #[arg(short, long, value_name = "FILE|-")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}
