//! The command line as it is typed: names, defaults and help. Nothing here has an effect.

mod display;
mod ledger;
mod plan;
mod sandbox;
mod service;
mod upload;

use clap::{Parser, Subcommand};

pub(super) use display::{DisplayArgs, Progress};
pub(super) use ledger::{OrphansArgs, ReportArgs, ReportFormat, StatusArgs};
pub(super) use plan::PlanArgs;
pub(super) use sandbox::SandboxArgs;
pub(super) use service::{ServiceArgs, ViaArg, WayArgs};
pub(super) use upload::{InputArgs, PaceArgs, PlaceArgs, UploadArgs};

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

/// Uploads media libraries to the memories.ai MAVI service and maps every file to its asset id.
#[derive(Debug, Parser)]
#[command(name = "mavi", version, after_help = EXIT_CODES, args_override_self = true)]
pub(in crate::cli) struct Cli {
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Upload files, directories (walked) or what a manifest lists, and write the report.
    Upload(Box<UploadArgs>),
    /// Show what an upload would do: files, refusals, duplicates, time, what binds, cost. No network.
    Plan(Box<PlanArgs>),
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
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
