//! What of a run is to be shown, and how.

use std::io::IsTerminal as _;

use crate::cli::config::args::display::{DisplayArgs, ProgressMode};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Verbosity {
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    /// Never `Auto`.
    pub(crate) mode: ProgressMode,
}

impl Verbosity {
    pub(crate) fn of(args: DisplayArgs) -> Self {
        let terminal = std::io::stderr().is_terminal() && !is_dumb();
        let mode = match args.progress {
            ProgressMode::Auto | ProgressMode::Bars if terminal => ProgressMode::Bars,
            ProgressMode::Auto | ProgressMode::Bars => ProgressMode::Lines,
            chosen => chosen,
        };
        Self {
            quiet: args.quiet,
            verbose: args.verbose > 0,
            mode,
        }
    }
}

/// A terminal that cannot move its cursor.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}
