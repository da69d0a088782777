//! A report, read: what each row says of its asset. Asks the service nothing.
//!
//! Takes reports as `mavi upload` writes them, and as they come back from a spreadsheet (byte-order
//! mark, semicolons or tabs, CRLF).

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use sha2::Digest;

use crate::ledger::Status;
use crate::model::{AssetId, Sha256};
use crate::report::COLUMNS;
use crate::source::{ManifestFault, RawRow, Scanner};
use crate::text::plain;

/// Bytes read from the report at a time.
const BUFFER: usize = 64 * 1024;

/// The delimiters tried, in this order.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Our columns, by their place among [`COLUMNS`].
const ASSET_ID: usize = 0;
const STATUS: usize = 1;
const BYTES: usize = 2;
const SHA256: usize = 3;

/// Why a report cannot be read: which one, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("report {report}: {fault}")]
pub struct ReadError {
    /// The report.
    pub report: String,
    /// What is wrong.
    pub fault: ReadFault,
}

/// What is wrong with a report.
// The causes are part of the words and not sources: printing a chain shows them once.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// The system's error.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// A folder, FIFO, socket or device: it is read twice.
    #[error("is no file: give the CSV file that mavi upload wrote")]
    NotAFile,
    /// A spreadsheet's "Unicode text".
    #[error("is UTF-16: save it as CSV UTF-8")]
    Utf16,
    /// Another CSV.
    #[error("is no report of mavi's: its header does not end in {}", COLUMNS.join(", "))]
    NotOurs,
    /// Text that is no CSV.
    #[error("{0}")]
    Text(ManifestFault),
    /// A row that no report has.
    #[error(
        "line {line}: {what}: give the report as mavi wrote it (mavi report makes it anew from the ledger)"
    )]
    Row {
        /// Where the row begins.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl From<ManifestFault> for ReadFault {
    fn from(fault: ManifestFault) -> Self {
        Self::Text(fault)
    }
}

/// What a row of status `success` or `pending` says of its asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedAsset {
    /// Where the row begins, counted from 1.
    pub line: u64,
    /// What its file is called: the `path` column, else the first one. As it came.
    pub name: String,
    /// The asset.
    pub asset_id: AssetId,
    /// It is `pending`, not `success`.
    pub pending: bool,
    /// The file's size.
    pub bytes: Option<u64>,
    /// The digest of the bytes that were sent.
    pub sha256: Option<Sha256>,
}

impl ReportedAsset {
    /// A hash of the asset's id, evenly spread and the same for ever.
    pub(super) fn key(&self) -> u64 {
        let digest = sha2::Sha256::digest(self.asset_id.as_str().as_bytes());
        let first = digest.iter().take(8);
        first.fold(0, |key, byte| key << 8 | u64::from(*byte))
    }
}

/// A row, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportedRow {
    /// It has an asset to ask about.
    Asset(ReportedAsset),
    /// `failed` or `not_started`: nothing to ask.
    Other(Status),
}

/// A report whose header was found right.
#[derive(Debug)]
pub struct Report {
    shown: String,
    file: File,
    layout: Layout,
}

#[derive(Debug, Clone, Copy)]
struct Layout {
    /// Bytes of the byte-order mark.
    mark: u64,
    delimiter: u8,
    /// Columns of the input, before ours.
    own: usize,
    /// Which of them names the file.
    name: usize,
}

impl Report {
    /// Opens a report and reads its header. Blocking.
    ///
    /// # Errors
    /// When it cannot be read or is no report.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let shown = plain(&path.to_string_lossy());
        match open(path) {
            Ok((file, layout)) => Ok(Self {
                shown,
                file,
                layout,
            }),
            Err(fault) => Err(ReadError {
                report: shown,
                fault,
            }),
        }
    }

    /// The report, as messages call it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// All rows, from the first. One iterator at a time: they share the file's position.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn rows(&self) -> Result<ReportedRows, ReadError> {
        let layout = self.layout;
        let rows = self.file.try_clone().map_err(ReadFault::Unreadable);
        let scanner = rows.and_then(|file| layout.scan(file));
        Ok(ReportedRows {
            scanner: scanner.map_err(|fault| self.failed(fault))?,
            row: RawRow::default(),
            layout,
            shown: self.shown.clone(),
        })
    }

    fn failed(&self, fault: ReadFault) -> ReadError {
        let report = self.shown.clone();
        ReadError { report, fault }
    }
}

/// The rows of a report, one at a time.
#[derive(Debug)]
pub struct ReportedRows {
    scanner: Scanner<BufReader<File>>,
    row: RawRow,
    layout: Layout,
    shown: String,
}

impl Iterator for ReportedRows {
    type Item = Result<ReportedRow, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.scanner.read(&mut self.row) {
            Ok(true) => self.layout.row(&self.row),
            Ok(false) => return None,
            Err(fault) => Err(ReadFault::Text(fault)),
        };
        Some(row.map_err(|fault| ReadError {
            report: self.shown.clone(),
            fault,
        }))
    }
}

fn open(path: &Path) -> Result<(File, Layout), ReadFault> {
    // The type first: opening a FIFO would wait for a writer.
    let meta = std::fs::metadata(path).map_err(ReadFault::Unreadable)?;
    if !meta.is_file() {
        return Err(ReadFault::NotAFile);
    }
    let mut file = File::open(path).map_err(ReadFault::Unreadable)?;
    let mut start = Vec::new();
    let read = (&mut file).take(BOM.len() as u64).read_to_end(&mut start);
    read.map_err(ReadFault::Unreadable)?;
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        return Err(ReadFault::Utf16);
    }
    let mark = if start == BOM { BOM.len() as u64 } else { 0 };
    for delimiter in DELIMITERS {
        if let Some(layout) = Layout::find(&mut file, mark, delimiter)? {
            return Ok((file, layout));
        }
    }
    Err(ReadFault::NotOurs)
}

impl Layout {
    /// Reads the header; nothing when it does not end in our columns with this delimiter.
    fn find(file: &mut File, mark: u64, delimiter: u8) -> Result<Option<Self>, ReadFault> {
        file.seek(SeekFrom::Start(mark))
            .map_err(ReadFault::Unreadable)?;
        let mut header = RawRow::default();
        let mut scanner = Scanner::new(BufReader::with_capacity(BUFFER, file), delimiter);
        // `"path";"name"` split at commas has text after a quote: the next delimiter may do.
        if !matches!(scanner.read(&mut header), Ok(true)) {
            return Ok(None);
        }
        let names: Vec<&[u8]> = header.fields().collect();
        if !names.ends_with(&COLUMNS.map(str::as_bytes)) {
            return Ok(None);
        }
        let own = names.len() - COLUMNS.len();
        let name = names[..own].iter().position(|name| *name == b"path");
        Ok(Some(Self {
            mark,
            delimiter,
            own,
            name: name.unwrap_or(0),
        }))
    }

    /// A scanner that stands before the first row.
    fn scan(self, mut file: File) -> Result<Scanner<BufReader<File>>, ReadFault> {
        file.seek(SeekFrom::Start(self.mark))
            .map_err(ReadFault::Unreadable)?;
        let reader = BufReader::with_capacity(BUFFER, file);
        let mut scanner = Scanner::new(reader, self.delimiter);
        scanner.read(&mut RawRow::default())?;
        Ok(scanner)
    }

    fn row(self, row: &RawRow) -> Result<ReportedRow, ReadFault> {
        let line = row.line();
        let wrong = |what| ReadFault::Row { line, what };
        // A spreadsheet leaves empty fields at a row's end away.
        if row.len() <= self.own + STATUS || row.len() > self.own + COLUMNS.len() {
            return Err(wrong("not as many fields as the header has"));
        }
        let ours = |at| str::from_utf8(row.field(self.own + at).unwrap_or_default());
        let ours = |at| ours(at).map_err(|_| wrong("not UTF-8"));
        let status = Status::parse(ours(STATUS)?).ok_or_else(|| wrong("no status of mavi's"))?;
        if !matches!(status, Status::Success | Status::Pending) {
            return Ok(ReportedRow::Other(status));
        }
        let asset_id = AssetId::parse(ours(ASSET_ID)?).ok_or_else(|| wrong("no asset id"))?;
        let bytes = optional(ours(BYTES)?, |text| text.parse().ok());
        let sha256 = optional(ours(SHA256)?, Sha256::from_hex);
        let own = if self.own == 0 {
            None
        } else {
            row.field(self.name)
        };
        Ok(ReportedRow::Asset(ReportedAsset {
            line,
            name: String::from_utf8_lossy(own.unwrap_or_default()).into_owned(),
            asset_id,
            pending: status == Status::Pending,
            bytes: bytes.ok_or_else(|| wrong("its bytes are no number"))?,
            sha256: sha256.ok_or_else(|| wrong("its sha256 is not 64 hex digits"))?,
        }))
    }
}

/// Reads a cell that may be empty; `None` when it cannot be read.
#[expect(clippy::option_option, reason = "absent is not wrong")]
fn optional<T>(cell: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if cell.is_empty() {
        return Some(None);
    }
    read(cell).map(Some)
}

#[cfg(test)]
mod tests;
