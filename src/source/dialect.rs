//! How a manifest is written, found from its first bytes: encoding, delimiter, columns.
//!
//! Pure: bytes in, a dialect or a fault out. Reads no file, and no row but the header.

use std::collections::HashSet;

use super::fault::ManifestFault;
use super::scan::{MAX_ROW, RawRow, Scanner};
use crate::text::plain;

/// How many of the first bytes are needed: the longest header, quoted throughout.
pub(super) const HEAD: u64 = 2 * MAX_ROW as u64 + 64 * 1024;

/// The delimiters tried, in this order, when none is given.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// Names of the path column besides `path`, which goes before them.
const PATH_ALIASES: [&[u8]; 3] = [b"file", b"filename", b"filepath"];

/// How a manifest is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Bytes before the header: a byte-order mark, a line that names the delimiter.
    pub(super) start: u64,
    /// The line that begins there, counted from 1.
    pub(super) line: u64,
    /// The byte between fields.
    pub(super) delimiter: u8,
    /// The names of the columns, as written.
    pub(super) header: Vec<Vec<u8>>,
    /// Which of them mean something.
    pub(super) columns: Columns,
}

/// The columns that mean something, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    /// The file's path.
    pub(super) path: usize,
    /// The name to send.
    pub(super) name: Option<usize>,
    /// The digest the bytes must have.
    pub(super) sha256: Option<usize>,
}

impl Dialect {
    /// Reads the dialect off the first [`HEAD`] bytes (all, where there are fewer).
    ///
    /// Without a given delimiter it is the one that a first line `sep=;` names, else the comma,
    /// unless that yields no path column and the semicolon or the tab does.
    pub(super) fn find(head: &[u8], given: Option<u8>) -> Result<Self, ManifestFault> {
        if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
            return Err(ManifestFault::Utf16);
        }
        if head.contains(&0) {
            return Err(ManifestFault::Binary);
        }
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let (named, text, line) = match named_delimiter(text) {
            Some((delimiter, rest)) => (Some(delimiter), rest, 2),
            None => (None, text, 1),
        };
        let start = (head.len() - text.len()) as u64;
        let delimiters = match given.or(named) {
            Some(b'"' | b'\r' | b'\n') => return Err(ManifestFault::Delimiter),
            Some(delimiter) => vec![delimiter],
            None => DELIMITERS.to_vec(),
        };
        delimiters
            .into_iter()
            .map(|delimiter| Self::read(text, start, line, delimiter))
            .min_by_key(doubt)
            .unwrap_or(Err(ManifestFault::Empty))
    }

    fn read(text: &[u8], start: u64, line: u64, delimiter: u8) -> Result<Self, ManifestFault> {
        let mut row = RawRow::default();
        if !Scanner::at_line(line, text, delimiter).read(&mut row)? {
            return Err(ManifestFault::Empty);
        }
        let header: Vec<_> = row.fields().map(<[u8]>::to_vec).collect();
        let columns = Columns::find(&header)?;
        Ok(Self {
            start,
            line,
            delimiter,
            header,
            columns,
        })
    }
}

/// The delimiter that a first line such as `sep=;` names, and the text after that line. Spreadsheets
/// write it, in quotes or not, and may add a delimiter for each further column.
fn named_delimiter(text: &[u8]) -> Option<(u8, &[u8])> {
    let end = text.iter().position(|b| matches!(b, b'\n' | b'\r'));
    let (line, rest) = text.split_at(end.unwrap_or(text.len()));
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
    let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (word, named) = line.split_at_checked(4)?;
    let (delimiter, more) = named.split_first()?;
    let more = more.strip_prefix(b"\"").unwrap_or(more);
    let is_named = word.eq_ignore_ascii_case(b"sep=") && more.iter().all(|byte| byte == delimiter);
    (is_named && *delimiter != b'"').then_some((*delimiter, rest))
}

/// How likely it is that another delimiter is the right one; of equals the first one tried wins. `"path";"name"` split at commas has text after a quote.
fn doubt(found: &Result<Dialect, ManifestFault>) -> u8 {
    match found {
        Err(ManifestFault::TextAfterQuote { .. }) => 2,
        Err(ManifestFault::NoPathColumn { .. }) => 1,
        _ => 0,
    }
}

impl Columns {
    fn find(header: &[Vec<u8>]) -> Result<Self, ManifestFault> {
        let names: Vec<_> = header
            .iter()
            .map(|name| name.trim_ascii().to_ascii_lowercase())
            .collect();
        let position = |wanted: &[u8]| names.iter().position(|name| name == wanted);
        let aliases: Vec<_> = PATH_ALIASES
            .iter()
            .filter_map(|alias| position(alias))
            .collect();
        let path = match (position(b"path"), aliases.as_slice()) {
            (Some(path), _) => path,
            (None, [path]) => *path,
            (None, []) => {
                return Err(ManifestFault::NoPathColumn {
                    columns: list(header),
                });
            }
            (None, [..]) => {
                return Err(ManifestFault::ManyPathColumns {
                    columns: list(header),
                });
            }
        };
        // Columns without a name are what spreadsheets leave at the right edge: nothing refers to
        // them, so they may repeat.
        let mut earlier = HashSet::new();
        let repeated = names
            .iter()
            .enumerate()
            .find(|(_, name)| !name.is_empty() && !earlier.insert(*name));
        if let Some((at, _)) = repeated {
            return Err(ManifestFault::DuplicateColumn {
                column: plain(&String::from_utf8_lossy(&header[at])),
            });
        }
        Ok(Self {
            path,
            name: position(b"name"),
            sha256: position(b"sha256"),
        })
    }
}

/// The columns' names, for people.
fn list(header: &[Vec<u8>]) -> String {
    plain(&String::from_utf8_lossy(&header.join(b" | ".as_slice())))
}

#[cfg(test)]
mod tests;
