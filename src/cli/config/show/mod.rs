//! `mavi config show`: every setting as a command would take it, and where it comes from.
//!
//! The command is read as if it had been typed, and not run.

mod row;
mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgMatches, Command, CommandFactory as _};

use crate::cli::config::args::Cli;
use crate::cli::config::args::config::{ConfigArgs, ConfigCommand, ShowArgs};
use crate::cli::config::resolve::{self, NoCommand, Resolved, leaf};
use crate::cli::config::setting::{Setting, is_typed};
use crate::cli::config::show::row::rows;
use crate::cli::config::show::table::Section;
use crate::cli::exit::{self, CommandError};
use crate::cli::output::print;
use mavi_upload::text::plain;

pub(crate) fn run(args: &ConfigArgs, matches: &ArgMatches) -> Result<ExitCode, CommandError> {
    let ConfigCommand::Show(args) = &args.command;
    let command = without_musts(Cli::command());
    let typed = typed_again(&command, leaf(matches));
    let section = |name: String| {
        let resolved = resolve(&command, &typed, &name, &args.arguments)?;
        let rows = rows(&command, &name, &resolved);
        let layers = resolved.layers;
        Ok(Section { name, rows, layers })
    };
    let names = shown_commands(&command, args)?;
    let sections: Vec<_> = names
        .into_iter()
        .map(section)
        .collect::<Result<_, CommandError>>()?;
    if args.json {
        print(&table::object(&sections).to_string());
    } else {
        for line in table::lines(&sections) {
            print(&line);
        }
    }
    Ok(ExitCode::from(exit::DONE))
}

/// The command that was asked for; else all that have settings.
fn shown_commands(command: &Command, args: &ShowArgs) -> Result<Vec<String>, CommandError> {
    let names = |commands: Vec<&Command>| -> Vec<String> {
        let names = commands.into_iter().map(Command::get_name);
        names.map(str::to_owned).collect()
    };
    let with_settings = command
        .get_subcommands()
        .filter(|sub| Setting::of(sub).next().is_some());
    let with_settings = names(with_settings.collect());
    match &args.command {
        None => Ok(with_settings),
        Some(asked) if with_settings.contains(asked) => Ok(vec![asked.clone()]),
        Some(asked) => Err(CommandError::Usage(format!(
            "no settings for a command {}: expected one of {}",
            plain(asked),
            with_settings.join(", ")
        ))),
    }
}

/// The command line that may leave out what a command is about.
fn without_musts(command: Command) -> Command {
    let groups: Vec<_> = command
        .get_groups()
        .map(|group| group.get_id().clone())
        .collect();
    let command = command
        .mut_args(|arg| arg.required(false))
        .subcommand_required(false)
        .arg_required_else_help(false);
    let command = groups.into_iter().fold(command, |command, id| {
        command.mut_group(id, |group| group.required(false))
    });
    command.mut_subcommands(without_musts)
}

/// The global options of this command line, for another.
fn typed_again(command: &Command, matches: &ArgMatches) -> Vec<OsString> {
    let globals = command.get_arguments().filter_map(|arg| {
        let id = arg.get_id().as_str();
        let value = matches.try_get_raw(id).ok()??.next_back()?;
        let mut word = OsString::from(format!("--{}=", arg.get_long()?));
        word.push(value);
        is_typed(matches, id).then_some(word)
    });
    globals.collect()
}

fn resolve(
    command: &Command,
    globals: &[OsString],
    name: &str,
    arguments: &[OsString],
) -> Result<Resolved, CommandError> {
    let words: Vec<_> = std::iter::once("mavi".into())
        .chain(globals.iter().cloned())
        .chain([name.into()])
        .chain(arguments.iter().cloned())
        .collect();
    resolve::resolve(command, &words).map_err(|why| match why {
        NoCommand::Error(error) => error,
        NoCommand::Clap(words) => {
            let words = words.to_string();
            CommandError::Usage(words.trim_start_matches("error: ").trim_end().to_owned())
        }
    })
}
