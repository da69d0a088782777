//! `mavi completions` and `mavi man`: completions and manual pages, made from `args`.

use std::process::ExitCode;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::cli::config::args::Cli;
use crate::cli::config::args::config::{CompletionsArgs, ManArgs};
use crate::cli::exit::{self, CommandError};
use crate::cli::output::print_bytes;

pub(crate) fn completions(args: &CompletionsArgs) -> ExitCode {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut described(), "mavi", &mut text);
    to_stdout(&text)
}

pub(crate) fn man(args: &ManArgs) -> Result<ExitCode, CommandError> {
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        // Writing to memory cannot fail.
        let _ = Man::new(described()).render(&mut page);
        return Ok(to_stdout(&page));
    };
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(described(), dir))
        .map_err(|error| CommandError::Usage(format!("{}: {error}", dir.display())))?;
    Ok(ExitCode::from(exit::DONE))
}

/// The command line without `mavi help`, which only repeats `--help`.
fn described() -> Command {
    Cli::command().disable_help_subcommand(true)
}

fn to_stdout(bytes: &[u8]) -> ExitCode {
    print_bytes(bytes);
    ExitCode::from(exit::DONE)
}
