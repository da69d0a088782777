//! The environment, and an `--env-file` where it is silent.
//!
//! The file is read, never run: no variable is set, no other is expanded, and no value is shown.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::cli::exit::CommandError;

/// A longer file, in KiB, is not one of settings.
const LONGEST_FILE: u64 = 64;

/// The process's environment, and a file that stands in where that is silent.
#[derive(Default)]
pub(crate) struct Environment {
    file: Option<(PathBuf, HashMap<String, String>)>,
}

/// Where the value of a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    Typed,
    /// This variable of the environment.
    Variable(String),
    /// This variable in the file that stands in for the environment.
    EnvFile(String, PathBuf),
    /// This line of a configuration file.
    File(PathBuf, usize),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typed => f.write_str("command line"),
            Self::Variable(name) => f.write_str(name),
            Self::EnvFile(name, path) => write!(f, "{name} in {}", path.display()),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

impl Environment {
    /// Reads the file, where one is given.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, CommandError> {
        let Some(path) = file else {
            return Ok(Self::default());
        };
        let failed =
            |words: String| CommandError::Usage(format!("--env-file {}: {words}", path.display()));
        let text = read_settings(path).map_err(failed)?;
        let settings = parse(&text).map_err(failed)?;
        Ok(Self {
            file: Some((path.to_owned(), settings)),
        })
    }

    /// The setting of this name, unless it is empty, and where it was found.
    pub(crate) fn get(&self, name: &str) -> Option<(String, Origin)> {
        let is_set = |value: &String| !value.trim().is_empty();
        // What is not UTF-8 is refused by its reader, not passed over.
        let variable = std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        if let Some(value) = variable.filter(is_set) {
            return Some((value, Origin::Variable(name.to_owned())));
        }
        let (path, settings) = self.file.as_ref()?;
        let value = settings.get(name).filter(|value| is_set(value))?;
        Some((
            value.clone(),
            Origin::EnvFile(name.to_owned(), path.clone()),
        ))
    }
}

/// The text of a file of settings, without a BOM; else what is wrong with the file.
pub(crate) fn read_settings(path: &Path) -> Result<String, String> {
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let bytes = read_small(file, LONGEST_FILE, "a file of settings")?;
    let text = String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Reads what should be `what`, and no longer than so many KiB; else returns what is wrong with it.
pub(crate) fn read_small(from: impl Read, kib: u64, what: &str) -> Result<Vec<u8>, String> {
    let (mut bytes, most) = (Vec::new(), kib * 1024);
    from.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most {
        return Err(format!("larger than {kib} KiB: not {what}"));
    }
    Ok(bytes)
}

/// Reads `KEY=VALUE` lines as shells write them: `export` in front, `#` comments, one pair of
/// quotes around a value. Of any other line the error has only the number: it may hold the key.
fn parse(text: &str) -> Result<HashMap<String, String>, String> {
    let mut settings = HashMap::new();
    for (no, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = pair(line).ok_or_else(|| format!("line {no} is not KEY=VALUE"))?;
        let value = unquoted(value)
            .ok_or_else(|| format!("line {no} has a quote without its other half"))?;
        settings.insert(name.to_owned(), value.to_owned());
    }
    Ok(settings)
}

/// Whether some line is `KEY=VALUE`. The `=` that pad a key are no value.
pub(crate) fn holds_settings(text: &str) -> bool {
    let mut pairs = text.trim_start_matches('\u{feff}').lines().filter_map(pair);
    pairs.any(|(_, value)| !value.trim_start_matches('=').trim().is_empty())
}

/// Name and value of a line `KEY=VALUE`.
fn pair(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| (name, value.trim()))
}

fn unquoted(value: &str) -> Option<&str> {
    match value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        Some(quote) => value.get(1..)?.strip_suffix(quote),
        // A key holds neither blanks nor `#`.
        None => value.split(" #").next().map(str::trim_end),
    }
}

#[cfg(test)]
mod tests;
