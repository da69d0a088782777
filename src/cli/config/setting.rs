//! What can be set outside the command line: clap's options, with their names and their syntax. Where
//! it is set is not known here.

use std::error::Error as _;

use clap::builder::{BoolishValueParser, ValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

/// Options that are typed or not given: what a command is about, what it replaces or deletes, and
/// where settings come from.
const TYPED_ONLY: [&str; 11] = [
    "adopt-ledger",
    "config",
    "delete",
    "download",
    "help",
    "manifest",
    "no-config",
    "output",
    "overwrite",
    "version",
    "yes",
];

/// The option that names the file with the key.
pub(crate) const KEY_FILE: &str = "api-key-file";

/// An option that may also be set outside the command line.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    arg: &'a Arg,
    name: &'a str,
}

impl<'a> Setting<'a> {
    /// The settings of a command, without those of its subcommands.
    pub(crate) fn of(command: &'a Command) -> impl Iterator<Item = Self> {
        command.get_arguments().filter_map(|arg| {
            let name = arg.get_long()?;
            let is_setting = !arg.is_required_set() && !must_be_typed(name);
            is_setting.then_some(Self { arg, name })
        })
    }

    /// The settings of a command and of all its subcommands.
    pub(crate) fn of_all(command: &'a Command) -> Vec<Self> {
        let below = command.get_subcommands().flat_map(Self::of_all);
        Self::of(command).chain(below).collect()
    }

    /// The option's long name, which is its key in a file.
    pub(crate) fn name(self) -> &'a str {
        self.name
    }

    pub(crate) fn id(self) -> &'a str {
        self.arg.get_id().as_str()
    }

    /// The variable of the environment: the one that the option declares, else one made of its name.
    pub(crate) fn variable(self) -> String {
        match self.arg.get_env().and_then(|name| name.to_str()) {
            Some(declared) => declared.to_owned(),
            None => format!("MAVI_{}", self.name.to_uppercase().replace('-', "_")),
        }
    }

    pub(crate) fn is_switch(self) -> bool {
        matches!(self.arg.get_action(), ArgAction::SetTrue)
    }

    pub(crate) fn is_repeatable(self) -> bool {
        matches!(self.arg.get_action(), ArgAction::Append)
    }

    /// The default that clap does not know: as in its help, `[default: 5 GiB]`.
    pub(crate) fn default_in_help(self) -> Option<String> {
        let help = self
            .arg
            .get_long_help()
            .or(self.arg.get_help())?
            .to_string();
        let (_, rest) = help.split_once("[default: ")?;
        Some(rest.split_once(']')?.0.to_owned())
    }

    /// Reads a value as the command line would, and returns it as clap takes a default.
    pub(crate) fn accept(self, text: &str) -> Result<String, String> {
        let parser: ValueParser = match self.arg.get_action() {
            ArgAction::SetTrue => BoolishValueParser::new().into(),
            ArgAction::Count => value_parser!(u8).into(),
            _ => self.arg.get_value_parser().clone(),
        };
        let value = Arg::new("value").long("value").value_parser(parser);
        let probe = Command::new("setting").no_binary_name(true).arg(value);
        let matches = probe
            .try_get_matches_from([format!("--value={text}")])
            .map_err(|error| self.why(&error))?;
        if self.is_switch() {
            let is_on: Option<&bool> = matches.get_one("value");
            return Ok(is_on.is_some_and(|is_on| *is_on).to_string());
        }
        Ok(text.to_owned())
    }

    /// What is wrong with a value, in the option's own words.
    fn why(self, error: &clap::Error) -> String {
        if self.is_switch() {
            return "expected true or false".to_owned();
        }
        if let Some(source) = error.source() {
            return source.to_string();
        }
        match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) if !valid.is_empty() => {
                format!("expected one of {}", valid.join(", "))
            }
            _ => "a value is missing".to_owned(),
        }
    }
}

/// Whether this option's value is given on the command line alone.
pub(crate) fn must_be_typed(name: &str) -> bool {
    TYPED_ONLY.contains(&name)
}

/// Whether an option was typed.
pub(crate) fn is_typed(matches: &ArgMatches, id: &str) -> bool {
    matches.try_contains_id(id).is_ok()
        && matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// The name that comes nearest to this one.
pub(crate) fn nearest(name: &str, settings: &[Setting<'_>]) -> Option<String> {
    let mut names: Vec<_> = settings.iter().map(|setting| setting.name).collect();
    names.sort_unstable();
    names.dedup();
    let options = names
        .into_iter()
        .map(|name| Arg::new(name.to_owned()).long(name.to_owned()));
    let probe = Command::new("settings").no_binary_name(true).args(options);
    let error = probe.try_get_matches_from([format!("--{name}")]).err()?;
    match error.get(ContextKind::SuggestedArg) {
        Some(ContextValue::String(option)) => Some(option.trim_start_matches('-').to_owned()),
        _ => None,
    }
}
