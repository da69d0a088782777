//! A CSV manifest as a source: read whole once to find its faults, then lazily, row by row.
//!
//! The first pass makes sure that nothing is sent for a manifest with a fault anywhere; the second
//! reads the same bytes by the same rules. Memory is one row and one buffer, however long the
//! manifest. Says what a row means; opens no file that it names.

mod layout;

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{PathBuf, absolute};

use layout::Layout;

use super::candidate::{Candidate, Source};
use super::cells::Cells;
use super::dialect::{Dialect, HEAD};
use super::fault::{BadRow, BadRows, ManifestError, ManifestFault};
use super::path_map::PathMap;
use super::scan::{RawRow, Scanner};
use crate::model::{ErrorCode, RowFailure};
use crate::text::plain;

/// Bytes read from the manifest at a time.
const BUFFER: usize = 64 * 1024;

/// Where a manifest comes from.
pub enum ManifestInput {
    /// A file. One that cannot be read twice (a FIFO, `/dev/stdin`) is treated as a stream.
    File(PathBuf),
    /// A stream, called `-` in messages. It is read once, to its end, into an unnamed temporary
    /// file.
    Stream(Box<dyn Read + Send>),
}

impl ManifestInput {
    /// Standard input.
    #[must_use]
    pub fn stdin() -> Self {
        Self::Stream(Box::new(io::stdin()))
    }

    fn shown(&self) -> String {
        match self {
            Self::File(path) => plain(&path.to_string_lossy()),
            Self::Stream(_) => "-".to_owned(),
        }
    }

    /// What relative paths are relative to when no root is given.
    fn folder(&self) -> io::Result<PathBuf> {
        match self {
            // `<(command)` arrives as /dev/fd/63: the folder of that is no one's library.
            Self::File(path) if !path.starts_with("/dev") && !path.starts_with("/proc") => {
                let mut folder = absolute(path)?;
                folder.pop();
                Ok(folder)
            }
            _ => std::env::current_dir(),
        }
    }

    /// The manifest as a file, to be read twice, and how it is written.
    fn open(self, delimiter: Option<u8>) -> Result<(File, Dialect), ManifestFault> {
        let path = match self {
            Self::Stream(stream) => return spool(stream, delimiter),
            Self::File(path) => path,
        };
        // The type first: what cannot be read twice must not be opened twice either.
        let meta = std::fs::metadata(&path).map_err(ManifestFault::Unreadable)?;
        if meta.is_dir() {
            return Err(ManifestFault::Folder);
        }
        let mut file = File::open(&path).map_err(ManifestFault::Unreadable)?;
        if !meta.is_file() {
            return spool(file, delimiter);
        }
        let dialect = Dialect::find(&head(&mut file)?, delimiter)?;
        Ok((file, dialect))
    }
}

impl fmt::Debug for ManifestInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManifestInput({})", self.shown())
    }
}

fn spool(mut stream: impl Read, delimiter: Option<u8>) -> Result<(File, Dialect), ManifestFault> {
    let head = head(&mut stream)?;
    // Before the rest is read: what is no manifest may have no end either, as /dev/zero.
    let dialect = Dialect::find(&head, delimiter)?;
    let mut file = tempfile::tempfile().map_err(ManifestFault::Spool)?;
    io::copy(&mut head.as_slice().chain(stream), &mut file).map_err(ManifestFault::Spool)?;
    Ok((file, dialect))
}

/// How a manifest is to be read.
#[derive(Debug, Clone, Default)]
pub struct ManifestOptions {
    /// The base of relative paths; the manifest's folder when not given (a stream: the current
    /// folder).
    pub root: Option<PathBuf>,
    /// The byte between fields; found from the header when not given.
    pub delimiter: Option<u8>,
    /// Where the folders of another machine's paths are here; the first that fits a path counts.
    pub path_map: Vec<PathMap>,
    /// Whether rows that cannot be used become refused rows instead of a fault of the manifest.
    pub lenient: bool,
}

/// A manifest that has been checked; an iterator over its rows.
#[derive(Debug)]
pub struct Manifest {
    columns: Cells,
    layout: Layout,
    rows: u64,
    left: u64,
    scanner: Scanner<BufReader<File>>,
    row: RawRow,
}

impl Manifest {
    /// Opens a manifest and checks it from the first byte to the last. Blocking.
    ///
    /// # Errors
    /// Everything that makes a row, or the whole manifest, open to doubt; see [`ManifestFault`].
    pub fn open(input: ManifestInput, options: ManifestOptions) -> Result<Self, ManifestError> {
        let manifest = input.shown();
        Self::check(input, options).map_err(|fault| ManifestError { manifest, fault })
    }

    fn check(input: ManifestInput, options: ManifestOptions) -> Result<Self, ManifestFault> {
        let base = base(&input, options.root)?;
        let (mut file, dialect) = input.open(options.delimiter)?;
        let layout = Layout {
            width: dialect.header.len(),
            columns: dialect.columns,
            path_map: options.path_map,
            base,
        };
        let rows = check_rows(&mut file, &dialect, &layout, options.lenient)?;
        Ok(Self {
            columns: Cells::encode(dialect.header.iter().map(Vec::as_slice)),
            layout,
            rows,
            left: rows,
            scanner: scan_rows(file, &dialect)?,
            row: RawRow::default(),
        })
    }

    /// How many rows the manifest has, refused ones included.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The last row, of a manifest that is no longer what was checked.
    fn changed(&mut self) -> Candidate {
        self.left = 0;
        let text = "the manifest changed while it was read: leave it alone and run the same \
                    command again";
        let failure = RowFailure::new(ErrorCode::Manifest, text);
        self.layout.refused(&RawRow::default(), Some(failure))
    }
}

impl Iterator for Manifest {
    type Item = Candidate;

    fn next(&mut self) -> Option<Candidate> {
        self.left = self.left.checked_sub(1)?;
        match self.scanner.read(&mut self.row) {
            Ok(true) => Some(self.layout.candidate(&self.row)),
            Ok(false) | Err(_) => Some(self.changed()),
        }
    }
}

impl Source for Manifest {
    fn columns(&self) -> &Cells {
        &self.columns
    }
}

fn base(input: &ManifestInput, root: Option<PathBuf>) -> Result<PathBuf, ManifestFault> {
    let Some(root) = root else {
        return input.folder().map_err(ManifestFault::Unreadable);
    };
    if !root.is_dir() {
        let root = plain(&root.to_string_lossy());
        return Err(ManifestFault::Root { root });
    }
    absolute(&root).map_err(ManifestFault::Unreadable)
}

fn head(input: &mut impl Read) -> Result<Vec<u8>, ManifestFault> {
    let mut head = Vec::new();
    let read = input.take(HEAD).read_to_end(&mut head);
    read.map_err(ManifestFault::Unreadable)?;
    Ok(head)
}

/// A scanner that stands before the first row.
fn scan_rows<F: Read + Seek>(
    mut file: F,
    dialect: &Dialect,
) -> Result<Scanner<BufReader<F>>, ManifestFault> {
    file.seek(SeekFrom::Start(dialect.start))
        .map_err(ManifestFault::Unreadable)?;
    let reader = BufReader::with_capacity(BUFFER, file);
    let mut scanner = Scanner::at_line(dialect.line, reader, dialect.delimiter);
    scanner.read(&mut RawRow::default())?;
    Ok(scanner)
}

/// The first pass: counts the rows and gathers what is wrong with them.
fn check_rows(
    file: &mut File,
    dialect: &Dialect,
    layout: &Layout,
    lenient: bool,
) -> Result<u64, ManifestFault> {
    let mut scanner = scan_rows(file, dialect)?;
    let (mut row, mut rows, mut bad) = (RawRow::default(), 0, BadRows::default());
    while scanner.read(&mut row)? {
        rows += 1;
        if let Some(fault) = layout.fault(&row) {
            bad.add(BadRow {
                line: row.line(),
                fault,
            });
        }
    }
    if bad.total > 0 && !lenient {
        return Err(ManifestFault::Rows(bad));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests;
