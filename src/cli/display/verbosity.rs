//! What of a run is to be shown, and how.

use std::io::IsTerminal as _;

use crate::cli::config::args::display::{DisplayArgs, Progress};

/// What is to be told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taste {
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    /// Never `Auto`.
    pub(crate) shown: Progress,
}

impl Taste {
    pub(crate) fn of(args: DisplayArgs) -> Self {
        let terminal = std::io::stderr().is_terminal() && !is_dumb();
        let shown = match args.progress {
            Progress::Auto | Progress::Bars if terminal => Progress::Bars,
            Progress::Auto | Progress::Bars => Progress::Lines,
            chosen => chosen,
        };
        Self {
            quiet: args.quiet,
            verbose: args.verbose > 0,
            shown,
        }
    }
}

/// A terminal that cannot move its cursor.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}
