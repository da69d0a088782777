//! Settings as a table for people and an object for programs. Pure.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use crate::cli::config::environment::Origin;
use crate::cli::config::layers::Layers;
use crate::cli::config::show::row::{SettingRow, SettingValue};
use mavi_upload::text::plain;

/// Values longer than this push what follows them aside.
const WIDEST: usize = 48;

/// The settings of one command.
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) rows: Vec<SettingRow>,
    pub(crate) layers: Layers,
}

/// The table. What is the same for an earlier command is not repeated.
pub(crate) fn lines(sections: &[Section]) -> Vec<String> {
    let rows = || sections.iter().flat_map(|section| &section.rows);
    let longest = |words: &dyn Fn(&SettingRow) -> String| {
        let lengths = rows().map(|row| plain(&words(row)).chars().count());
        lengths.max().unwrap_or(0).min(WIDEST)
    };
    let (name, value) = (
        longest(&|row| row.name.clone()),
        longest(&|row| row.value.words()),
    );
    let line = |row: &&SettingRow| {
        let (words, origin) = (plain(&row.value.words()), plain(&row.origin.to_string()));
        format!("  {:<name$}  {words:<value$}  {origin}", row.name)
    };
    let mut lines = files(sections);
    let mut shown = HashSet::new();
    for section in sections {
        let new: Vec<_> = section
            .rows
            .iter()
            .filter(|row| shown.insert(*row))
            .collect();
        lines.extend([String::new(), section.name.clone()]);
        lines.extend(new.iter().map(line));
        if new.len() < section.rows.len() {
            lines.push("  the rest as above".to_owned());
        }
    }
    lines
}

fn files(sections: &[Section]) -> Vec<String> {
    let files = sections
        .first()
        .into_iter()
        .flat_map(|section| &section.layers.files);
    let line = |path: String, is_there: bool| {
        let found = if is_there { "" } else { " (not there)" };
        format!("file {path}{found}")
    };
    let lines = files.map(|file| line(plain(&file.path.to_string_lossy()), file.is_there));
    lines.collect()
}

/// The object of `--json`. Its fields are described in docs/configuration.md, and stay.
pub(crate) fn object(sections: &[Section]) -> Json {
    let files = sections
        .first()
        .into_iter()
        .flat_map(|section| &section.layers.files);
    let files: Vec<_> = files
        .map(|file| json!({ "path": file.path.to_string_lossy(), "found": file.is_there }))
        .collect();
    let settings: Vec<_> = sections
        .iter()
        .flat_map(|section| section.rows.iter().map(|row| setting(&section.name, row)))
        .collect();
    json!({ "files": files, "settings": settings })
}

fn setting(command: &str, row: &SettingRow) -> Json {
    let mut object = Map::new();
    let mut field = |name: &str, value: Json| object.insert(name.to_owned(), value);
    field("command", command.into());
    field("name", row.name.as_str().into());
    let value = match &row.value {
        SettingValue::One(text) => json!(text),
        SettingValue::List(texts) => json!(texts),
        SettingValue::Unset(_) => Json::Null,
    };
    field("value", value);
    field("words", row.value.words().into());
    let from = match &row.origin {
        Origin::Typed => "command line",
        Origin::Variable(_) => "environment",
        Origin::EnvFile(..) => "env-file",
        Origin::File(..) => "file",
        Origin::Default => "default",
    };
    field("from", from.into());
    if let Origin::Variable(name) | Origin::EnvFile(name, _) = &row.origin {
        field("variable", name.as_str().into());
    }
    if let Origin::File(path, _) | Origin::EnvFile(_, path) = &row.origin {
        field("file", path.to_string_lossy().into());
    }
    if let Origin::File(_, line) = &row.origin {
        field("line", (*line).into());
    }
    object.into()
}
