//! A configuration file: TOML whose keys are the long names of options.
//!
//! Every key is checked when the file is read, whichever command was typed. An error names the file, the
//! line and the key, and never shows the line itself: it may hold the key to the account.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Once;

use toml::de::{DeArray, DeTable, DeValue};

use crate::cli::config::environment::read_settings;
use crate::cli::config::setting::{self, Setting, must_be_typed};
use crate::cli::exit::CommandError;
use crate::cli::format::shown;
use crate::cli::output::say;
use mavi_upload::text::plain;

/// Words in the names of secrets.
const SECRETS: [&str; 5] = ["key", "token", "secret", "password", "authorization"];

/// A configuration file, present or not.
pub(crate) struct ConfigFile {
    pub(crate) path: PathBuf,
    /// Whether it was there.
    pub(crate) is_there: bool,
    entries: Vec<Entry>,
}

struct Entry {
    key: String,
    line: usize,
    written: Written,
}

/// A value as the file has it.
enum Written {
    One(String),
    Switch(bool),
    List(Vec<String>),
}

impl ConfigFile {
    /// Reads a file and checks it by what is known to be settings.
    pub(crate) fn read(path: &Path, known: &[Setting<'_>]) -> Result<Self, CommandError> {
        let failed = |words: String| {
            CommandError::Usage(format!(
                "configuration file {}: {words}; to do without one: --no-config",
                shown(path)
            ))
        };
        let text = read_settings(path).map_err(failed)?;
        let entries = entries(&text, known).map_err(|(line, words)| {
            CommandError::Usage(format!("{}:{line}: {words}", shown(path)))
        })?;
        Ok(Self {
            path: path.to_owned(),
            is_there: true,
            entries,
        })
    }

    /// As [`Self::read`], but a file that is not there sets nothing. Nor does one in a folder that
    /// may not be entered, such as another user's home: that is warned of.
    pub(crate) fn read_if_there(path: &Path, known: &[Setting<'_>]) -> Result<Self, CommandError> {
        let none = Self {
            path: path.to_owned(),
            is_there: false,
            entries: Vec::new(),
        };
        match std::fs::metadata(path).map_err(|error| error.kind()) {
            Err(ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(none),
            Err(ErrorKind::PermissionDenied) => {
                warn_of_locked_folder(path);
                Ok(none)
            }
            _ => Self::read(path, known),
        }
    }

    /// The values of a setting in the file, and the line.
    pub(crate) fn get(
        &self,
        setting: Setting<'_>,
    ) -> Result<Option<(Vec<String>, usize)>, CommandError> {
        let Some(entry) = self
            .entries
            .iter()
            .find(|entry| entry.key == setting.name())
        else {
            return Ok(None);
        };
        let texts = entry.written.accepted_by(setting).map_err(|words| {
            let (path, line, key) = (shown(&self.path), entry.line, &entry.key);
            CommandError::Usage(format!("{path}:{line}: {key}: {words}"))
        })?;
        Ok(Some((texts, entry.line)))
    }
}

/// Once a process: `config show` reads the files for each command.
fn warn_of_locked_folder(path: &Path) {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        say(&format!(
            "warning: configuration file {}: its folder may not be entered, so none is used",
            shown(path)
        ));
    });
}

/// An error's line and words.
type Fault = (usize, String);

fn entries(text: &str, known: &[Setting<'_>]) -> Result<Vec<Entry>, Fault> {
    let line_at = |byte: usize| {
        1 + text
            .bytes()
            .take(byte)
            .filter(|byte| *byte == b'\n')
            .count()
    };
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(span.start));
        (line, plain(error.message()))
    })?;
    let mut pairs: Vec<_> = table.get_ref().iter().collect();
    pairs.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let line = line_at(key.span().start);
        let name: &str = AsRef::<str>::as_ref(key.get_ref());
        let written = check(name, value.get_ref(), known).map_err(|words| (line, words))?;
        Ok(Entry {
            key: name.to_owned(),
            line,
            written,
        })
    };
    pairs.into_iter().map(entry).collect()
}

/// Whether the key is a setting, and some command takes the value.
fn check(key: &str, value: &DeValue<'_>, known: &[Setting<'_>]) -> Result<Written, String> {
    if let DeValue::Table(_) = value {
        let key = plain(key);
        return Err(format!(
            "{key}: options stand at the top of the file, in no table"
        ));
    }
    let mut named = known
        .iter()
        .filter(|setting| setting.name() == key)
        .peekable();
    if named.peek().is_none() {
        return Err(unknown(key, known));
    }
    let written = written(value).map_err(|words| format!("{key}: {words}"))?;
    let mut refusals = Vec::new();
    for setting in named {
        match written.accepted_by(*setting) {
            Ok(_) => return Ok(written),
            Err(words) => refusals.push(words),
        }
    }
    Err(format!("{key}: {}", refusals.swap_remove(0)))
}

fn unknown(key: &str, known: &[Setting<'_>]) -> String {
    let shown = plain(key);
    if must_be_typed(key) {
        return format!("{shown}: only on the command line, as --{shown}");
    }
    let words = key.to_lowercase();
    if SECRETS.iter().any(|secret| words.contains(secret)) {
        return format!(
            "{shown}: no secret belongs in a configuration file, which gets copied and shown: set \
             MEMORIES_API_KEY, or name a file that holds nothing else by {}",
            setting::KEY_FILE
        );
    }
    match setting::nearest(key, known) {
        Some(name) => format!("unknown key {shown}: did you mean {name}?"),
        None => format!("unknown key {shown}: see mavi config show for those there are"),
    }
}

fn written(value: &DeValue<'_>) -> Result<Written, String> {
    match value {
        DeValue::Boolean(is_on) => Ok(Written::Switch(*is_on)),
        DeValue::Array(items) => list(items),
        other => scalar(other).map(Written::One),
    }
}

fn list(items: &DeArray<'_>) -> Result<Written, String> {
    let items = items.iter().map(|item| scalar(item.get_ref()));
    Ok(Written::List(items.collect::<Result<_, _>>()?))
}

fn scalar(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(|number| number.to_string())
            .map_err(|_| "a number too large".to_owned()),
        DeValue::Float(number) => Ok(number.as_str().to_owned()),
        other => Err(format!(
            "a value is written as on the command line, not as {}",
            kind(other)
        )),
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::Table(_) => "tables",
        DeValue::Array(_) => "a list of lists",
        DeValue::Datetime(_) => "a date: put it in quotes",
        _ => "true or false",
    }
}

impl Written {
    /// The values as clap takes defaults; or what is wrong with them.
    fn accepted_by(&self, setting: Setting<'_>) -> Result<Vec<String>, String> {
        match self {
            Self::Switch(is_on) if setting.is_switch() => Ok(vec![is_on.to_string()]),
            Self::Switch(_) => Err("expected a value, not true or false".to_owned()),
            _ if setting.is_switch() => Err("expected true or false, without quotes".to_owned()),
            Self::One(text) => Ok(vec![setting.accept(text)?]),
            Self::List(_) if !setting.is_repeatable() => {
                Err("expected one value, not a list".to_owned())
            }
            Self::List(texts) => texts.iter().map(|text| setting.accept(text)).collect(),
        }
    }
}
