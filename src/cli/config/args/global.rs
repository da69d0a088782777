//! What every command takes.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Args};

use crate::cli::color::Color;

const HEADING: &str = "Global options";

/// After the options of every command, in the order in which they stand here.
const LAST: usize = 1000;

#[derive(Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct GlobalArgs {
    /// Use this settings file as well; it wins over your own
    ///
    /// Keys are the long names of options. Your own file is `mavi/config.toml` in the folder for
    /// configuration; `mavi config show` names it. See docs/configuration.md.
    #[arg(long, global = true, display_order = LAST, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long, global = true, display_order = LAST + 1, conflicts_with = "config")]
    pub(crate) no_config: bool,
    /// Colour: auto, always or never
    ///
    /// `auto` colours on a terminal, nowhere when `NO_COLOR` is set, everywhere when `CLICOLOR_FORCE` is.
    #[arg(
        long,
        global = true,
        display_order = LAST + 2,
        value_name = "WHEN",
        value_enum,
        default_value = "auto",
        hide_possible_values = true
    )]
    pub(crate) color: Color,
}

/// The option for help, among the others of its kind; clap's own would have a heading for itself.
pub(crate) fn help() -> Arg {
    Arg::new("help")
        .short('h')
        .long("help")
        .global(true)
        .action(ArgAction::Help)
        .help("Print help: -h in short, --help with examples")
        .help_heading(HEADING)
        .display_order(LAST + 3)
}

/// The option for the version; a command below has none.
pub(crate) fn version() -> Arg {
    Arg::new("version")
        .short('V')
        .long("version")
        .action(ArgAction::Version)
        .help("Print the version")
        .help_heading(HEADING)
        .display_order(LAST + 4)
}
