//! What one row of a manifest means: its file, its name, its digest, its cells.
//!
//! The first pass asks for faults, the second for candidates, and both by the same rules. The disk
//! is asked only where the text alone leaves open what is meant: a path with a line end in it, or
//! with spaces around it.

use std::fs;
use std::path::{Path, PathBuf, absolute};

use crate::model::{ErrorCode, RowFailure, Sha256};
use crate::source::candidate::Candidate;
use crate::source::cells::Cells;
use crate::source::dialect::Columns;
use crate::source::fault::{BadRow, NameFault, RowFault};
use crate::source::foreign::windows_path;
use crate::source::path_map::PathMap;
use crate::source::scan::RawRow;

/// The most bytes that file systems let a name have.
const LONGEST_NAME: usize = 255;

/// How rows are to be understood.
#[derive(Debug)]
pub(super) struct Layout {
    /// Fields of the header, and so of every row.
    pub(super) width: usize,
    /// The columns that mean something.
    pub(super) columns: Columns,
    /// Where the folders of another machine's paths are here.
    pub(super) path_map: Vec<PathMap>,
    /// What relative paths are relative to; absolute.
    pub(super) base: PathBuf,
}

impl Layout {
    /// What is wrong with a row, if anything is.
    pub(super) fn fault(&self, row: &RawRow) -> Option<RowFault> {
        if row.len() != self.width {
            let (found, wanted) = (row.len(), self.width);
            return Some(RowFault::Fields { found, wanted });
        }
        let path = row.field(self.columns.path).unwrap_or_default();
        if path.trim_ascii().is_empty() {
            Some(RowFault::NoPath)
        } else if path.contains(&0) {
            Some(RowFault::PathHasNul)
        } else if path.iter().any(|b| matches!(b, b'\n' | b'\r')) && !self.exists(path) {
            Some(RowFault::PathSpansLines)
        } else if self.sha256(row).is_err() {
            Some(RowFault::BadSha256)
        } else {
            self.name(row)
                .and_then(|name| name_fault(&name))
                .map(RowFault::BadName)
        }
    }

    /// The candidate that a row stands for; a row with a fault is refused.
    pub(super) fn candidate(&self, row: &RawRow) -> Candidate {
        let mut candidate = self.refused(row, None);
        if let Some(fault) = self.fault(row) {
            let bad = BadRow {
                line: row.line(),
                fault,
            };
            candidate.failure = Some(RowFailure::new(ErrorCode::Manifest, bad.to_string()));
            return candidate;
        }
        let cell = row.field(self.columns.path).unwrap_or_default();
        match self.resolve(cell) {
            Ok(path) => {
                candidate.failure = self
                    .spaces_to_blame(cell, &path)
                    .or_else(|| windows_path(cell, &path));
                candidate.path = path;
            }
            Err(failure) => candidate.failure = Some(failure),
        }
        candidate.name = self.name(row);
        candidate.expected_sha256 = self.sha256(row).ok().flatten();
        candidate
    }

    /// A candidate without a file, with the row's cells brought to the header's width.
    pub(super) fn refused(&self, row: &RawRow, failure: Option<RowFailure>) -> Candidate {
        let cell = |index| row.field(index).unwrap_or_default();
        Candidate {
            path: PathBuf::new(),
            name: None,
            expected_sha256: None,
            cells: Cells::encode((0..self.width).map(cell)),
            failure,
        }
    }

    fn name(&self, row: &RawRow) -> Option<String> {
        let name = row.field(self.columns.name?)?;
        let blank = name.trim_ascii().is_empty();
        (!blank).then(|| String::from_utf8_lossy(name).into_owned())
    }

    fn sha256(&self, row: &RawRow) -> Result<Option<Sha256>, ()> {
        let digits = self.columns.sha256.and_then(|index| row.field(index));
        let digits = digits.unwrap_or_default().trim_ascii();
        if digits.is_empty() {
            return Ok(None);
        }
        let text = str::from_utf8(digits).map_err(drop)?;
        Sha256::from_hex(text).map(Some).ok_or(())
    }

    /// The absolute path that a cell means, with `..`, `~` and spaces as written.
    fn resolve(&self, cell: &[u8]) -> Result<PathBuf, RowFailure> {
        if is_url(cell) {
            let text = "a URL where a path belongs: download the file and give its local path";
            return Err(RowFailure::new(ErrorCode::NotLocal, text));
        }
        let mapped = self.path_map.iter().find_map(|map| map.apply(cell));
        let written = as_path(mapped.as_deref().unwrap_or(cell))?;
        absolute(self.base.join(written)).map_err(|error| RowFailure::from_io(&error))
    }

    fn exists(&self, cell: &[u8]) -> bool {
        self.resolve(cell).is_ok_and(|path| is_there(&path))
    }

    fn spaces_to_blame(&self, cell: &[u8], path: &Path) -> Option<RowFailure> {
        let trimmed = cell.trim_ascii();
        let to_blame = trimmed.len() < cell.len() && !is_there(path) && self.exists(trimmed);
        to_blame.then(|| {
            let text = "no such file; without the spaces around its path it exists: \
                        remove them from the manifest";
            RowFailure::new(ErrorCode::NotFound, text)
        })
    }
}

/// What keeps a name from being a file's. Its extension is not judged here.
fn name_fault(name: &str) -> Option<NameFault> {
    if name.contains('/') {
        Some(NameFault::Slash)
    } else if name == "." || name == ".." {
        Some(NameFault::Dots)
    } else if name.len() > LONGEST_NAME {
        Some(NameFault::TooLong)
    } else if name.chars().any(char::is_control) {
        Some(NameFault::Control)
    } else {
        None
    }
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether the text is `scheme://...`, or `file:/...`, which RFC 8089 allows as well. One letter is
/// no scheme but a Windows drive.
fn is_url(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii_start();
    let Some(colon) = cell.iter().position(|&b| b == b':') else {
        return false;
    };
    let (scheme, rest) = (&cell[..colon], &cell[colon + 1..]);
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let named = scheme.len() > 1 && scheme[0].is_ascii_alphabetic() && scheme.iter().all(allowed);
    let file = scheme.eq_ignore_ascii_case(b"file") && rest.starts_with(b"/");
    named && (file || rest.starts_with(b"//"))
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "elsewhere not every cell is a path"
)]
fn as_path(cell: &[u8]) -> Result<&Path, RowFailure> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    Ok(Path::new(OsStr::from_bytes(cell)))
}

#[cfg(not(unix))]
fn as_path(cell: &[u8]) -> Result<&Path, RowFailure> {
    let text = "the path is not UTF-8: save the manifest as CSV UTF-8";
    let failure = |_| RowFailure::new(ErrorCode::Manifest, text);
    str::from_utf8(cell).map(Path::new).map_err(failure)
}
