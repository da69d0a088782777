//! One row as one line, CSV or JSON. Knows no file.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::crash;
use crate::ledger::ReportRow;
use crate::source::{Cells, push_fields};

/// The columns that the report adds behind the input's own.
pub(crate) const COLUMNS: [&str; 9] = [
    "asset_id",
    "status",
    "bytes",
    "sha256",
    "attempts",
    "uploaded_at",
    "confirmed_at",
    "error_code",
    "error",
];

/// How the report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, with a header, lines ending in LF.
    Csv,
    /// One JSON object a line; absent values are `null`, numbers are numbers.
    Jsonl,
}

/// The names of the input's own columns in the report: one that is named like one of the report's
/// becomes `manifest_<name>`, and once more so where the input has that, too.
pub(super) fn column_names(columns: &Cells) -> Vec<Vec<u8>> {
    let given = columns.fields();
    let is_ours = |name: &[u8]| COLUMNS.iter().any(|ours| ours.as_bytes() == name);
    let rename = |name: &Vec<u8>| {
        let mut renamed = name.clone();
        while is_ours(&renamed) || (renamed != *name && given.contains(&renamed)) {
            renamed.splice(0..0, *b"manifest_");
        }
        renamed
    };
    given.iter().map(rename).collect()
}

pub(super) fn header(format: Format, columns: &Cells) -> Vec<u8> {
    if format == Format::Jsonl {
        return Vec::new();
    }
    let names = column_names(columns);
    let ours = COLUMNS.iter().map(|name| name.as_bytes());
    let mut line = Cells::encode(names.iter().map(Vec::as_slice).chain(ours))
        .as_bytes()
        .to_vec();
    line.push(b'\n');
    line
}

/// Appends a row as one line.
pub(super) fn csv<'a>(line: &mut Vec<u8>, row: &'a ReportRow) {
    crash::point("row made");
    let text = |value: &'a Option<String>| value.as_deref().unwrap_or_default();
    let bytes = row.bytes.map(|bytes| bytes.to_string()).unwrap_or_default();
    let attempts = row.attempts.to_string();
    let error = lettered(text(&row.error));
    let ours = [
        text(&row.asset_id),
        row.status.word(),
        &bytes,
        text(&row.sha256),
        &attempts,
        text(&row.uploaded_at),
        text(&row.confirmed_at),
        text(&row.error_code),
        &error,
    ];
    line.extend_from_slice(row.cells.as_bytes());
    line.push(b',');
    push_fields(line, ours.map(str::as_bytes));
    line.push(b'\n');
}

/// Foreign words may begin with what a spreadsheet takes for a formula, so this cell begins with a
/// letter (OWASP ASVS 1.2.10).
fn lettered(text: &str) -> Cow<'_, str> {
    if text.is_empty() || text.starts_with(char::is_alphabetic) {
        text.into()
    } else {
        format!("error: {text}").into()
    }
}

pub(super) fn json(names: &[Vec<u8>], row: &ReportRow) -> Vec<u8> {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let own = names.iter().zip(row.cells.fields());
    let own = own.map(|(name, cell)| (lossy(name), Value::from(lossy(&cell))));
    let added: [Value; 9] = [
        row.asset_id.clone().into(),
        row.status.word().into(),
        row.bytes.into(),
        row.sha256.clone().into(),
        row.attempts.into(),
        row.uploaded_at.clone().into(),
        row.confirmed_at.clone().into(),
        row.error_code.clone().into(),
        row.error.clone().into(),
    ];
    let added = COLUMNS.iter().map(|name| (*name).to_owned()).zip(added);
    let object: Map<String, Value> = own.chain(added).collect();
    let mut line = Value::Object(object).to_string().into_bytes();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests;
