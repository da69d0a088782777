//! Reads the command line, with settings from elsewhere where it is silent.
//!
//! There is one list of settings, and it is clap's: every option with a long name is one, unless
//! `setting` says that it must be typed. What is found outside the command line becomes the option's
//! default, and the command line is read again. What clap knows of an option (its syntax, what it
//! needs, what it excludes) so holds for what was typed alone.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::BoolishValueParser;
use clap::error::ErrorKind;
use clap::{ArgAction, ArgMatches, Command, CommandFactory as _, FromArgMatches as _};

use crate::cli::color;
use crate::cli::config::args::Cli;
use crate::cli::config::layers::{FoundValues, Layers};
use crate::cli::exit::{self, CommandError};
use crate::cli::output::say;

/// A command line with its settings.
pub(crate) struct Resolved {
    pub(crate) matches: ArgMatches,
    pub(crate) found: FoundValues,
    pub(crate) layers: Layers,
}

/// Why there is no command to run.
pub(crate) enum NoCommand {
    /// clap's error or help.
    Clap(clap::Error),
    Error(CommandError),
}

impl From<clap::Error> for NoCommand {
    fn from(error: clap::Error) -> Self {
        Self::Clap(error)
    }
}

impl From<CommandError> for NoCommand {
    fn from(error: CommandError) -> Self {
        Self::Error(error)
    }
}

/// Reads the command line. Where there is no command to run, that is shown, and the code returned.
pub(crate) fn command_line(arguments: &[OsString]) -> Result<(Cli, ArgMatches), ExitCode> {
    color::choose_from(arguments);
    read(arguments).map_err(|why| match why {
        NoCommand::Error(error) => exit::report_error(&error),
        NoCommand::Clap(words) => {
            show(&words);
            ExitCode::from(u8::try_from(words.exit_code()).unwrap_or(exit::USAGE))
        }
    })
}

/// Help is coloured. An error quotes what was typed, which may be a file's name that a shell put there:
/// it is escaped.
fn show(words: &clap::Error) {
    if words.use_stderr() {
        say(words.render().to_string().trim_end());
    } else {
        // A closed terminal is no error.
        let _ = words.print();
    }
}

fn read(arguments: &[OsString]) -> Result<(Cli, ArgMatches), NoCommand> {
    let matches = resolve(&Cli::command(), arguments)?.matches;
    let cli = Cli::from_arg_matches(&matches)?;
    color::choose(cli.global.color);
    Ok((cli, matches))
}

/// Reads the command line, finds what it leaves open, and reads it again with that.
pub(crate) fn resolve(command: &Command, arguments: &[OsString]) -> Result<Resolved, NoCommand> {
    let typed = parse(command.clone(), arguments)?;
    let path = subcommands(&typed);
    let named = chain(command, &path);
    let layers = Layers::read(command, &named, leaf(&typed))?;
    let found = layers.find_all(&named)?;
    let filled = with_defaults(command.clone(), &path, &found);
    let matches = parse(filled, arguments)?;
    Ok(Resolved {
        matches,
        found,
        layers,
    })
}

/// The matches of the innermost subcommand, which know the global options, too.
pub(crate) fn leaf(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, sub)| leaf(sub))
}

/// The names of the subcommands that were typed, outermost first.
fn subcommands(matches: &ArgMatches) -> Vec<String> {
    let subs = std::iter::successors(matches.subcommand(), |(_, sub)| sub.subcommand());
    subs.map(|(name, _)| name.to_owned()).collect()
}

/// The command, and its subcommands along the path.
pub(crate) fn chain<'a>(command: &'a Command, path: &[String]) -> Vec<&'a Command> {
    let below = path.split_first().and_then(|(first, rest)| {
        let sub = command.find_subcommand(first)?;
        Some(chain(sub, rest))
    });
    std::iter::once(command)
        .chain(below.into_iter().flatten())
        .collect()
}

/// The command with what was found as defaults, along the path that was typed.
fn with_defaults(command: Command, path: &[String], found: &FoundValues) -> Command {
    let command = command.mut_args(|arg| match found.get(arg.get_id().as_str()) {
        Some(value) => arg.default_values(value.texts.clone()),
        None => arg,
    });
    // Variables were read already, with the file that stands in for them.
    let command = command.mut_args(|arg| arg.env(None::<&'static str>));
    match path.split_first() {
        None => command,
        Some((first, rest)) => command.mut_subcommand(first, |sub| with_defaults(sub, rest, found)),
    }
}

/// As clap reads arguments; and a switch takes a value, so that one that a file turned on can be turned
/// off: `--dedupe=false`. Help and errors show switches as they are declared, so a switch takes values
/// only where one was typed.
fn parse(command: Command, arguments: &[OsString]) -> Result<ArgMatches, clap::Error> {
    match command.clone().try_get_matches_from(arguments) {
        Err(error) if error.kind() == ErrorKind::TooManyValues => {
            with_values_of_switches(command).try_get_matches_from(arguments)
        }
        read => read,
    }
}

fn with_values_of_switches(command: Command) -> Command {
    let switch = |arg: clap::Arg| {
        if !matches!(arg.get_action(), ArgAction::SetTrue) {
            return arg;
        }
        let default = arg.get_default_values().first().cloned();
        arg.action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .value_name("true|false")
            .default_missing_value("true")
            .default_value(default.unwrap_or_else(|| "false".into()))
            .value_parser(BoolishValueParser::new())
    };
    command
        .mut_args(switch)
        .mut_subcommands(with_values_of_switches)
}
