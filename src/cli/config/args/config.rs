//! `mavi config`, `mavi completions`, `mavi man`, as they are typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

const SHOW_HELP: &str = "\
Examples:
  mavi config show                    every command
  mavi config show upload             one command
  mavi config show upload -- -j 8     with what would be typed after it
  mavi config show --json | jq '.settings[] | select(.from != \"default\")'

Exit codes: 0; 2 a setting is wrong.";

const COMPLETIONS_HELP: &str = "\
Examples:
  mavi completions bash > ~/.local/share/bash-completion/completions/mavi
  mavi completions zsh > \"${fpath[1]}/_mavi\"
  mavi completions fish > ~/.config/fish/completions/mavi.fish
  mavi completions powershell >> $PROFILE";

const MAN_HELP: &str = "\
Examples:
  mavi man | man -l -                        read the main page
  mavi man ~/.local/share/man/man1           install all pages";

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every setting, its value and where it comes from
    ///
    /// A setting comes from an option, else a variable of the environment, else the file of
    /// --config, else your own configuration file, else it has its default. The API key is never
    /// shown, only where it comes from.
    Show(ShowArgs),
}

#[derive(Debug, Args)]
#[command(after_long_help = SHOW_HELP, args_override_self = true)]
pub(crate) struct ShowArgs {
    /// Only the settings of this command
    pub(crate) command: Option<String>,
    /// What else would be typed after the command
    #[arg(last = true, value_name = "ARGUMENT", requires = "command")]
    pub(crate) arguments: Vec<OsString>,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = COMPLETIONS_HELP)]
pub(crate) struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_enum, hide_possible_values = true)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_long_help = MAN_HELP)]
pub(crate) struct ManArgs {
    /// Write all pages into this folder
    pub(crate) dir: Option<PathBuf>,
}
