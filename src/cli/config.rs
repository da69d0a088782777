//! `mavi config show`: every setting as a command would take it, and where it comes from.
//!
//! Of the key only its place is told, and no URL's password.

use std::collections::HashSet;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgMatches, Command, CommandFactory as _};
use serde_json::{Value, json};

use super::args::{Cli, ConfigArgs, ConfigCommand, ShowArgs};
use super::configuration::{
    self, KEY_FILE, Layers, Origin, Refusal, Resolved, Setting, chain, is_typed, leaf,
};
use super::exit::{self, Failure};
use super::give;
use super::settings::key_variable;
use crate::text::plain;

/// The variables that name proxies.
const PROXIES: [&str; 8] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// One line: a setting of a command.
#[derive(PartialEq, Eq, Hash, Clone)]
struct Row {
    name: String,
    /// None where nothing is set and the default is none.
    values: Option<Vec<String>>,
    is_list: bool,
    /// What holds instead of a value, in words.
    words: String,
    from: Place,
}

#[derive(PartialEq, Eq, Hash, Clone)]
enum Place {
    Typed,
    Variable(String),
    EnvFile(String, String),
    File(String, usize),
    Default,
}

pub(super) fn run(args: &ConfigArgs, matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let ConfigCommand::Show(args) = &args.command;
    let typed = typed_again(leaf(matches));
    let command = without_musts(Cli::command());
    let shown = shown_commands(&command, args)?;
    let section = |path: &Vec<String>| {
        let resolved = resolve(&command, &typed, path, &args.arguments)?;
        Ok((
            path.join(" "),
            rows(&command, path, &resolved),
            resolved.layers,
        ))
    };
    let sections: Vec<_> = shown.iter().map(section).collect::<Result<_, Failure>>()?;
    if args.json {
        give(&object(&sections).to_string());
    } else {
        for line in lines(&sections) {
            give(&line);
        }
    }
    Ok(ExitCode::from(exit::DONE))
}

/// A command's name, its rows, and where they were looked for.
type Section = (String, Vec<Row>, Layers);

/// The commands that settings are shown of, by their paths: those that do something and have any.
fn shown_commands(command: &Command, args: &ShowArgs) -> Result<Vec<Vec<String>>, Failure> {
    let Some(asked) = &args.command else {
        let names = command
            .get_subcommands()
            .filter(|sub| Setting::of(sub).next().is_some());
        return Ok(names.map(|sub| vec![sub.get_name().to_owned()]).collect());
    };
    if command.find_subcommand(asked).is_some() {
        return Ok(vec![vec![asked.clone()]]);
    }
    let names: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
    Err(Failure::Usage(format!(
        "no command {}: expected one of {}",
        plain(asked),
        names.join(", ")
    )))
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
fn typed_again(matches: &ArgMatches) -> Vec<OsString> {
    let command = Cli::command();
    let options = command
        .get_arguments()
        .filter(|arg| is_typed(matches, arg.get_id().as_str()));
    options
        .filter_map(|arg| {
            let value = matches.get_raw(arg.get_id().as_str())?.next_back()?;
            let mut word = OsString::from(format!("--{}=", arg.get_long()?));
            word.push(value);
            Some(word)
        })
        .collect()
}

fn resolve(
    command: &Command,
    typed: &[OsString],
    path: &[String],
    arguments: &[OsString],
) -> Result<Resolved, Failure> {
    let program = std::iter::once(OsString::from("mavi"));
    let words = program
        .chain(typed.iter().cloned())
        .chain(path.iter().map(OsString::from));
    let words: Vec<_> = words.chain(arguments.iter().cloned()).collect();
    configuration::resolve(command, &words).map_err(|refusal| match refusal {
        Refusal::Failure(failure) => failure,
        Refusal::Words(words) => {
            let words = words.to_string();
            Failure::Usage(words.trim_start_matches("error: ").trim_end().to_owned())
        }
    })
}

fn rows(command: &Command, path: &[String], resolved: &Resolved) -> Vec<Row> {
    let matches = leaf(&resolved.matches);
    let mut settings: Vec<_> = chain(command, path)
        .into_iter()
        .rev()
        .flat_map(Setting::of)
        .collect();
    settings.dedup_by_key(|setting| setting.id());
    let speaks_to_service = settings.iter().any(|setting| setting.name() == KEY_FILE);
    let rows = settings
        .into_iter()
        .map(|setting| row(setting, matches, resolved));
    let mut rows: Vec<_> = rows.collect();
    if speaks_to_service {
        rows.push(key_row(matches, &resolved.layers));
        rows.extend(PROXIES.iter().filter_map(|name| proxy_row(name)));
    }
    rows
}

fn row(setting: Setting<'_>, matches: &ArgMatches, resolved: &Resolved) -> Row {
    let id = setting.id();
    let raw = matches.get_raw(id);
    let values = raw.map(|raw| {
        raw.map(|value| without_secrets(&value.to_string_lossy()))
            .collect()
    });
    let values = values.or_else(|| setting.is_repeatable().then(Vec::new));
    let from = match resolved.found.get(id) {
        _ if is_typed(matches, id) => Place::Typed,
        Some(value) => place(&value.origin),
        None => Place::Default,
    };
    let words = match &values {
        Some(values) if values.is_empty() => "none".to_owned(),
        Some(values) => values.join(", "),
        None => setting.told_default().unwrap_or_else(|| "none".to_owned()),
    };
    Row {
        name: setting.name().to_owned(),
        values,
        is_list: setting.is_repeatable(),
        words,
        from,
    }
}

fn key_row(matches: &ArgMatches, layers: &Layers) -> Row {
    let by_file = matches.get_raw(KEY_FILE.replace('-', "_").as_str());
    let (words, from) = match key_variable(&layers.environment) {
        _ if by_file.is_some() => (format!("by {KEY_FILE}"), Place::Default),
        Some((_, found)) => ("set".to_owned(), place(&found.into())),
        None => ("not set".to_owned(), Place::Default),
    };
    Row {
        name: "API key".to_owned(),
        values: None,
        is_list: false,
        words,
        from,
    }
}

fn proxy_row(variable: &str) -> Option<Row> {
    let value = std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty())?;
    let value = without_secrets(&value);
    Some(Row {
        name: variable.to_lowercase().replace('_', "-"),
        words: value.clone(),
        values: Some(vec![value]),
        is_list: false,
        from: Place::Variable(variable.to_owned()),
    })
}

/// The value without what a URL in it may hide: a name and password before the host, and a query.
fn without_secrets(value: &str) -> String {
    let (scheme, rest) = value.split_once("://").unwrap_or(("", value));
    let Some((_, host)) = rest.rsplit_once('@') else {
        return crate::text::without_queries(value);
    };
    let mark = if scheme.is_empty() { "" } else { "://" };
    crate::text::without_queries(&format!("{scheme}{mark}…@{host}"))
}

fn place(origin: &Origin) -> Place {
    match origin {
        Origin::Variable(name) => Place::Variable(name.clone()),
        Origin::EnvFile(name, path) => Place::EnvFile(name.clone(), path.to_string_lossy().into()),
        Origin::File(path, line) => Place::File(path.to_string_lossy().into(), *line),
    }
}

impl Place {
    fn words(&self) -> String {
        match self {
            Self::Typed => "command line".to_owned(),
            Self::Variable(name) => name.clone(),
            Self::EnvFile(name, path) => format!("{name} in {path}"),
            Self::File(path, line) => format!("{path}:{line}"),
            Self::Default => "default".to_owned(),
        }
    }

    fn object(&self) -> Value {
        match self {
            Self::Typed => json!({ "from": "command line" }),
            Self::Variable(name) => json!({ "from": "environment", "variable": name }),
            Self::EnvFile(name, path) => {
                json!({ "from": "env-file", "variable": name, "file": path })
            }
            Self::File(path, line) => json!({ "from": "file", "file": path, "line": line }),
            Self::Default => json!({ "from": "default" }),
        }
    }
}

/// The object of `--json`. Its fields are described in docs/configuration.md, and stay.
fn object(sections: &[Section]) -> Value {
    let files = sections
        .first()
        .map_or(&[][..], |(_, _, layers)| &layers.files);
    let files = files
        .iter()
        .map(|file| json!({ "path": file.path.to_string_lossy(), "found": file.is_there }));
    let setting = |command: &str, row: &Row| {
        let mut object = row.from.object();
        object["command"] = command.into();
        object["name"] = row.name.as_str().into();
        object["value"] = match &row.values {
            Some(values) if !row.is_list => json!(values.first()),
            values => json!(values),
        };
        object["words"] = row.words.as_str().into();
        object
    };
    let settings = sections
        .iter()
        .flat_map(|(command, rows, _)| rows.iter().map(move |row| setting(command, row)));
    json!({ "files": files.collect::<Vec<_>>(), "settings": settings.collect::<Vec<_>>() })
}

/// The table. What an earlier command has just so is not said again.
fn lines(sections: &[Section]) -> Vec<String> {
    let rows = || sections.iter().flat_map(|(_, rows, _)| rows);
    let name = rows()
        .map(|row| row.name.chars().count())
        .max()
        .unwrap_or(0);
    let words = rows()
        .map(|row| plain(&row.words).chars().count())
        .max()
        .unwrap_or(0)
        .min(48);
    let mut lines = Vec::new();
    if let Some((_, _, layers)) = sections.first() {
        for file in &layers.files {
            let found = if file.is_there { "" } else { " (not there)" };
            lines.push(format!(
                "file {}{found}",
                plain(&file.path.to_string_lossy())
            ));
        }
    }
    let mut said = HashSet::new();
    for (command, rows, _) in sections {
        let new: Vec<_> = rows
            .iter()
            .filter(|row| said.insert((*row).clone()))
            .collect();
        if new.is_empty() {
            continue;
        }
        lines.extend([String::new(), command.clone()]);
        lines.extend(new.into_iter().map(|row| {
            let (value, from) = (plain(&row.words), plain(&row.from.words()));
            format!("  {:<name$}  {value:<words$}  {from}", row.name)
        }));
    }
    lines
}
