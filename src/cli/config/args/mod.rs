//! The command line as it is typed: names, defaults and help. Nothing here has an effect.

pub(crate) mod config;
pub(crate) mod display;
pub(crate) mod doctor;
pub(crate) mod global;
pub(crate) mod ledger;
pub(crate) mod plan;
pub(crate) mod rate;
pub(crate) mod sandbox;
pub(crate) mod service;
pub(crate) mod upload;
pub(crate) mod verify;

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Parser, Subcommand};

use crate::cli::config::args::config::{CompletionsArgs, ConfigArgs, ManArgs};
use crate::cli::config::args::doctor::DoctorArgs;
use crate::cli::config::args::global::GlobalArgs;
use crate::cli::config::args::ledger::{OrphansArgs, ReportArgs, StatusArgs};
use crate::cli::config::args::plan::PlanArgs;
use crate::cli::config::args::sandbox::SandboxArgs;
use crate::cli::config::args::upload::{EXIT_CODES, UploadArgs};
use crate::cli::config::args::verify::VerifyArgs;

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
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Upload files, folders or the files of a CSV, and write the report
    Upload(Box<UploadArgs>),
    /// Show what an upload would do; no network
    ///
    /// Files, failures, duplicates, time, what limits it, cost.
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
    pub(crate) fn verbosity(&self) -> u8 {
        match self {
            Self::Upload(args) => args.display.verbose,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests;
