//! How a run is shown.

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Display")]
pub(in crate::cli) struct DisplayArgs {
    /// How progress is shown.
    #[arg(long, value_enum, default_value = "auto")]
    pub(in crate::cli) progress: Progress,
    /// Only errors that end the run.
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
    /// Say more; repeatable.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(in crate::cli) verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Progress {
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
