//! `mavi doctor`, as it is typed.

use clap::Args;

use crate::cli::config::args::rate::rate;
use crate::cli::config::args::service::ServiceArgs;
use crate::cli::config::args::upload::PathArgs;
use mavi_upload::run::Concurrency;

const HELP: &str = "\
Give the options that the upload will have. Nothing is uploaded and no asset is created: the one call
that is made asks about an asset that cannot exist, which costs nothing. Lines begin with ok, warn, FAIL
or skip; no key, password or signed URL stands in them.

Exit codes: 0 all checks passed; otherwise what mavi upload would end with for the first that failed
(2 setup, 3 account, 4 network or service, 5 this machine).";

#[derive(Debug, Args)]
#[command(after_long_help = HELP, args_override_self = true)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) paths: PathArgs,
    /// Uploads in flight
    #[arg(short = 'j', long, value_name = "N|auto", default_value = "4")]
    pub(crate) concurrency: Concurrency,
    /// Sign calls a second; 0 for no limit
    #[arg(long, value_name = "N", default_value = "1", value_parser = rate)]
    pub(crate) sign_rate: f64,
    /// Upload starts a second; 0 for no limit
    #[arg(long, value_name = "N", default_value = "1", value_parser = rate)]
    pub(crate) upload_rate: f64,
    /// Status calls a second; 0 for no limit
    #[arg(long, value_name = "N", default_value = "1", value_parser = rate)]
    pub(crate) poll_rate: f64,
    /// One JSON object instead of lines
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}
