//! What can be wrong with a manifest, in the words the user sees.
//!
//! Every fault names its line where it has one, and the way out. Holds no rule of its own.

use std::{fmt, io};

/// Why a manifest cannot be used: which one, and what is wrong with it.
///
/// Found before anything is sent, so the program ends with exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("manifest {manifest}: {fault}")]
pub struct ManifestError {
    /// The manifest's path as given, `-` for standard input.
    pub manifest: String,
    /// What is wrong.
    pub fault: ManifestFault,
}

/// What is wrong with a manifest.
// The system's errors are part of the words and not sources: printing a chain shows them once.
#[derive(Debug, thiserror::Error)]
pub enum ManifestFault {
    /// It could not be opened or read.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// A stream could not be put aside for the second reading.
    #[error("cannot be kept in a temporary file: {0}; make room there or set TMPDIR")]
    Spool(io::Error),
    /// It is a folder.
    #[error("is a folder; give the CSV file, or give the folder as a PATH to walk it")]
    Folder,
    /// The base of relative paths is not a folder.
    #[error("the root {root} is not a folder; relative paths would lead nowhere")]
    Root {
        /// The root as given.
        root: String,
    },
    /// Excel's "Unicode text".
    #[error("the manifest is UTF-16; save as CSV UTF-8")]
    Utf16,
    /// A NUL byte among the first bytes.
    #[error("not text: it holds a NUL byte; save as CSV UTF-8")]
    Binary,
    /// Nothing in it, not even a header.
    #[error("the manifest is empty; its first line must be a header with a column named path")]
    Empty,
    /// The delimiter given cannot be one.
    #[error("a quote or a line end cannot be the delimiter")]
    Delimiter,
    /// The header has no path column.
    #[error(
        "no column is named path (or file, filename, filepath): the columns found are {columns}; \
         name one of them path, or give --delimiter if they were split wrongly"
    )]
    NoPathColumn {
        /// The columns' names.
        columns: String,
    },
    /// The header has several aliases of the path column and no `path`.
    #[error("more than one column could be the path: {columns}; name one of them path")]
    ManyPathColumns {
        /// The columns' names.
        columns: String,
    },
    /// Two columns have the same name.
    #[error("the column \"{column}\" stands twice in the header; rename one")]
    DuplicateColumn {
        /// The name of the second one.
        column: String,
    },
    /// A quote that swallows the rest of the file.
    #[error(
        "line {line}: the quote that opens here is never closed; close it, or double it (\"\") \
         inside a quoted field if it belongs to the text"
    )]
    UnclosedQuote {
        /// Where the quote opened.
        line: u64,
    },
    /// A quote that closes in the middle of a field: mostly an earlier one was never closed.
    #[error(
        "line {opened}: the quote that opens here closes on line {line} before other text; close \
         it earlier, or double it (\"\") inside a quoted field if it belongs to the text"
    )]
    TextAfterQuote {
        /// Where the quote opened.
        opened: u64,
        /// Where it closed.
        line: u64,
    },
    /// A quoted field over the limit: mostly its closing quote is missing.
    #[error(
        "line {line}: the quote that opens here is not closed within 64 KiB, the longest a field \
         may be; close it, or shorten the field"
    )]
    QuoteTooLong {
        /// Where the quote opened.
        line: u64,
    },
    /// A field over the limit.
    #[error("line {line}: a field is longer than 64 KiB; shorten it or leave the column out")]
    FieldTooLong {
        /// The line.
        line: u64,
    },
    /// A row over the limit.
    #[error("line {line}: the row is longer than 1 MiB; leave out columns that are not needed")]
    RowTooLong {
        /// The line the row begins on.
        line: u64,
    },
    /// Rows that cannot be used.
    #[error("{0}")]
    Rows(BadRows),
}

/// The rows that cannot be used: the first ones, and how many there are.
#[derive(Debug, Default)]
pub struct BadRows {
    /// The first of them, in order.
    pub first: Vec<BadRow>,
    /// How many there are in all.
    pub total: u64,
}

impl BadRows {
    const LISTED: usize = 20;

    pub(super) fn add(&mut self, row: BadRow) {
        self.total += 1;
        if self.first.len() < Self::LISTED {
            self.first.push(row);
        }
    }
}

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.first {
            write!(f, "{row}; ")?;
        }
        let more = self.total - self.first.len() as u64;
        if more > 0 {
            write!(f, "and {more} more rows; ")?;
        }
        f.write_str("correct them, or refuse only these rows with --lenient")
    }
}

/// A row that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadRow {
    /// The line it begins on, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub fault: RowFault,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// More or fewer fields than the header.
    #[error("{found} field{} where the header has {wanted}", if *found == 1 { "" } else { "s" })]
    Fields {
        /// Fields of the row.
        found: usize,
        /// Fields of the header.
        wanted: usize,
    },
    /// Nothing in the path column.
    #[error("no path")]
    NoPath,
    /// A line end in the path, and no file is named so: mostly a quote is missing.
    #[error("the path goes over a line end, and no such file exists")]
    PathSpansLines,
    /// A NUL byte in the path, which no system allows.
    #[error("a NUL byte in the path")]
    PathHasNul,
    /// The `sha256` column holds something else.
    #[error("the sha256 is not 64 hex digits")]
    BadSha256,
    /// The `name` column holds what no file can be called.
    #[error("the name column holds {0}")]
    BadName(NameFault),
}

/// What is wrong with a name to send. A path's own last part is none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// A slash.
    #[error("a path and not a name: leave out what goes before the last /")]
    Slash,
    /// `.` or `..`.
    #[error("dots alone, which name a folder")]
    Dots,
    /// More bytes than a file's name may have.
    #[error("more than 255 bytes, the most a file's name may have: shorten it")]
    TooLong,
    /// A control character.
    #[error("a control character (a line end, a tab, an escape): remove it")]
    Control,
}
