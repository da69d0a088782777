//! One setting of a command: its value and where it comes from.
//!
//! Of the key only the place is shown, and no URL's password or query.

use clap::{ArgMatches, Command};

use crate::cli::config::environment::Origin;
use crate::cli::config::key::key_variable;
use crate::cli::config::layers::Layers;
use crate::cli::config::resolve::{Resolved, chain, leaf};
use crate::cli::config::setting::{KEY_FILE, Setting, is_typed};
use crate::cli::config::zone::zone;
use mavi_upload::run::Timetable;
use mavi_upload::text::without_queries;

/// The variables that name proxies, as the HTTP client reads them.
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

#[derive(PartialEq, Eq, Hash)]
pub(crate) struct SettingRow {
    pub(crate) name: String,
    pub(crate) value: SettingValue,
    pub(crate) origin: Origin,
}

#[derive(PartialEq, Eq, Hash)]
pub(crate) enum SettingValue {
    One(String),
    /// Of a repeatable option.
    List(Vec<String>),
    /// No value, and what holds instead.
    Unset(String),
}

impl SettingValue {
    pub(crate) fn words(&self) -> String {
        match self {
            Self::One(text) | Self::Unset(text) => text.clone(),
            Self::List(texts) if texts.is_empty() => "none".to_owned(),
            Self::List(texts) => texts.join(", "),
        }
    }
}

/// The settings of a command, its own before those of all, then the time zone, the key and the proxies where it
/// speaks to the service.
pub(crate) fn rows(command: &Command, name: &str, resolved: &Resolved) -> Vec<SettingRow> {
    let matches = leaf(&resolved.matches);
    let commands = chain(command, &[name.to_owned()]);
    let settings = || {
        commands
            .iter()
            .rev()
            .flat_map(|command| Setting::of(command))
    };
    let mut rows: Vec<_> = settings()
        .map(|setting| row(setting, matches, resolved))
        .collect();
    rows.extend(zone_row(&rows));
    if settings().any(|setting| setting.name() == KEY_FILE) {
        rows.push(key(&rows, &resolved.layers));
        rows.extend(PROXIES.iter().filter_map(|name| proxy(name)));
    }
    rows
}

fn row(setting: Setting<'_>, matches: &ArgMatches, resolved: &Resolved) -> SettingRow {
    let id = setting.id();
    let texts = matches.get_raw(id).map(|texts| {
        let texts = texts.map(|text| without_secrets(&text.to_string_lossy()));
        texts.collect::<Vec<_>>()
    });
    let value = match texts {
        texts if setting.is_repeatable() => SettingValue::List(texts.unwrap_or_default()),
        Some(texts) => SettingValue::One(texts.join(" ")),
        None => SettingValue::Unset(
            setting
                .default_in_help()
                .unwrap_or_else(|| "none".to_owned()),
        ),
    };
    let origin = match resolved.found.get(id) {
        _ if is_typed(matches, id) => Origin::Typed,
        Some(value) => value.origin.clone(),
        None => Origin::Default,
    };
    SettingRow {
        name: setting.name().to_owned(),
        value,
        origin,
    }
}

/// Where the key comes from; the file with it, where one is named, stands nearer than the environment.
fn key(rows: &[SettingRow], layers: &Layers) -> SettingRow {
    let by_file =
        |row: &SettingRow| row.name == KEY_FILE && matches!(row.value, SettingValue::One(_));
    let (words, origin) = match key_variable(&layers.environment) {
        _ if rows.iter().any(by_file) => (format!("read from {KEY_FILE}"), Origin::Default),
        Some((_, origin)) => ("set".to_owned(), origin),
        None => ("not set".to_owned(), Origin::Default),
    };
    SettingRow {
        name: "api-key".to_owned(),
        value: SettingValue::Unset(words),
        origin,
    }
}

/// The time zone, where times of day depend on it.
fn zone_row(rows: &[SettingRow]) -> Option<SettingRow> {
    let bandwidth = rows.iter().find(|row| row.name == "bandwidth")?;
    let timetable: Timetable = bandwidth.value.words().parse().ok()?;
    timetable.changes_by_day().then(|| SettingRow {
        name: "time-zone".to_owned(),
        value: zone().map_or_else(SettingValue::Unset, SettingValue::One),
        origin: match std::env::var_os("TZ") {
            Some(_) => Origin::Variable("TZ".to_owned()),
            None => Origin::Default,
        },
    })
}

fn proxy(variable: &str) -> Option<SettingRow> {
    let value = std::env::var(variable).ok()?;
    (!value.is_empty()).then(|| SettingRow {
        name: variable.to_lowercase().replace('_', "-"),
        value: SettingValue::One(without_secrets(&value)),
        origin: Origin::Variable(variable.to_owned()),
    })
}

/// A value without what a URL in it may hide: the name and password before the host, and a query.
fn without_secrets(value: &str) -> String {
    let (scheme, rest) = match value.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), value),
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => without_queries(&format!("{scheme}…@{host}")),
        None => without_queries(value),
    }
}
