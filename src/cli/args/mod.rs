//! The command line as it is typed: names, defaults and help. Nothing here has an effect.

mod config;
mod display;
mod doctor;
mod global;
mod ledger;
mod plan;
mod sandbox;
mod service;
mod upload;
mod verify;

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Parser, Subcommand};

pub(super) use config::{CompletionsArgs, ConfigArgs, ConfigCommand, ManArgs, ShowArgs};
pub(super) use display::{DisplayArgs, Progress};
pub(super) use doctor::DoctorArgs;
pub(super) use global::{Color, GlobalArgs};
pub(super) use ledger::{OrphansArgs, ReportArgs, ReportFormat, StatusArgs};
pub(super) use plan::PlanArgs;
pub(super) use sandbox::SandboxArgs;
pub(super) use service::{ServiceArgs, ViaArg, WayArgs};
pub(super) use upload::{InputArgs, PaceArgs, PlaceArgs, UploadArgs};
pub(super) use verify::VerifyArgs;

const EXIT_CODES: &str = "Exit codes:
  0    every row ended well
  1    finished; some rows failed or are pending
  2    usage, configuration or manifest error; nothing was sent
  3    stopped by the account (401, 402, 403)
  4    stopped by an outage
  5    local trouble (disk, ledger, report, ledger in use)
  130, 143, 129  interrupted (INT, TERM, HUP)

After 3, 4, 5 or an interrupt: run the same command again to go on.";

const EXAMPLES: &str = "\
Examples:
  mavi upload --sandbox videos               try it out, without a key
  MEMORIES_API_KEY=... mavi upload videos    upload a folder
  mavi upload -m library.csv                 upload what a manifest lists";

/// As cargo and uv colour their help.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Uploads media libraries to the memories.ai MAVI service and maps every file to its asset id.
#[derive(Debug, Parser)]
#[command(
    name = "mavi",
    bin_name = "mavi",
    version,
    styles = STYLES,
    max_term_width = 100,
    args_override_self = true,
    disable_help_flag = true,
    disable_version_flag = true,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"),
)]
#[command(arg = global::help(), arg = global::version())]
pub(in crate::cli) struct Cli {
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
    #[command(flatten)]
    pub(in crate::cli) global: GlobalArgs,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Upload files, folders or a manifest's, and write the report
    Upload(Box<UploadArgs>),
    /// Show what an upload would do; no network
    ///
    /// Files, refusals, duplicates, time, what binds, cost.
    Plan(Box<PlanArgs>),
    /// Show what the ledger knows of a job
    ///
    /// Rows, files, bytes and assets by state.
    Status(StatusArgs),
    /// List assets that nothing uses any more, and delete them if asked
    Orphans(Box<OrphansArgs>),
    /// Rebuild or convert the report from the ledger
    Report(ReportArgs),
    /// Ask the service again about every asset of a report
    Verify(Box<VerifyArgs>),
    /// Check what a run needs: what is wrong, and what to do
    ///
    /// Key, network, TLS, proxy, limits and disk.
    Doctor(Box<DoctorArgs>),
    /// Run a MAVI-compatible service on this machine, to try things out
    Sandbox(SandboxArgs),
    /// Show every setting and where it comes from
    Config(ConfigArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual, or write its pages
    Man(ManArgs),
}

impl Command {
    /// How often `-v` was typed.
    pub(in crate::cli) fn verbosity(&self) -> u8 {
        match self {
            Self::Upload(args) => args.display.verbose,
            _ => 0,
        }
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate >= 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("expected requests per second, such as 1 or 0.5; 0 for no limit".to_owned()),
    }
}

#[cfg(test)]
mod tests;
