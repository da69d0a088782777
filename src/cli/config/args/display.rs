//! How a run is shown, as it is typed.

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Display")]
pub(crate) struct DisplayArgs {
    /// Shown as bars, lines, json, none or auto
    ///
    /// How progress is shown. `auto`: bars on a terminal, lines elsewhere. `bars` are redrawn in place, `lines` come
    /// now and then, `json` is one object a line on stdout, for programs (docs/progress.md).
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        default_value = "auto",
        hide_possible_values = true
    )]
    pub(crate) progress: ProgressMode,
    /// Only errors that end the run
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Show more; repeatable
    ///
    /// Once: where the key was found, and a log of what happens. Twice and three times: more of it. `RUST_LOG`
    /// chooses in detail.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressMode {
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
