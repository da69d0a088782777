//! What the service would choke on, seen in the file itself: another format than its name says, a
//! recording that was cut off, a file that somebody still writes.
//!
//! Reads some bytes of a file, never its content. What it finds is a warning: the service has the
//! last word on what it takes.

mod boxes;
mod magic;

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;

use crate::body::LocalFile;
use crate::model::{FileVersion, RowFailure};
use magic::Format;

/// A file that changed so many seconds ago may still be written.
const FRESH: i64 = 60;

/// What is suspicious about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// It cannot be opened: its row would fail.
    Unreadable(RowFailure),
    /// It was modified a moment ago.
    StillWritten,
    /// Its bytes are of another format than its extension says.
    OtherFormat {
        /// In lower case.
        extension: String,
        /// What the bytes are, where that is known.
        found: Option<&'static str>,
    },
    /// An MP4, MOV or M4A without the part that says how to play it.
    NoMoov,
    /// An MP4, MOV or M4A whose last part goes on behind the end of the file.
    CutOff {
        /// Bytes that are missing.
        missing: u64,
    },
}

impl Warning {
    /// The word for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::StillWritten => "still_written",
            Self::OtherFormat { .. } => "other_format",
            Self::NoMoov => "no_moov",
            Self::CutOff { .. } => "cut_off",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(refusal) => write!(f, "it would fail as {refusal}"),
            Self::StillWritten => f.write_str(
                "modified within the last minute: make sure that nobody writes to it any more",
            ),
            Self::OtherFormat { extension, found } => {
                let found = found.unwrap_or("something else");
                write!(
                    f,
                    "named .{extension}, but its bytes are {found}: rename or convert it"
                )
            }
            Self::NoMoov => f.write_str(
                "a recording that was cut off (no moov box): mend it, or record it again",
            ),
            Self::CutOff { missing } => {
                write!(f, "cut off, {missing} bytes are missing: copy it again")
            }
        }
    }
}

/// Looks into a file that would go up; `version` is what the disk says of it.
#[must_use]
pub fn preflight(path: &Path, version: FileVersion, now: Timestamp) -> Vec<Warning> {
    let mut warnings = Vec::new();
    // A clock that is a little ahead, on a file server, is no proof that all is written.
    let age = now.as_second() - version.mtime_ns.div_euclid(1_000_000_000);
    if age.abs() < FRESH {
        warnings.push(Warning::StillWritten);
    }
    match LocalFile::open(path) {
        Ok(file) => warnings.extend(look_into(path, file.into_file(), version.size)),
        Err(refusal) => warnings.push(Warning::Unreadable(refusal)),
    }
    warnings
}

/// A disk that fails here fails in the run, too, and is told there.
fn look_into(path: &Path, mut file: File, size: u64) -> Option<Warning> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    let accepted = magic::formats_of(&extension)?;
    let head = head(&mut file).ok()?;
    let found = magic::format_of(&head);
    if !found.is_some_and(|format| accepted.contains(&format)) {
        let found = found.map(Format::words);
        return Some(Warning::OtherFormat { extension, found });
    }
    match found {
        Some(Format::IsoMedia) => boxes::check(&mut file, size).ok().flatten(),
        _ => None,
    }
}

fn head(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(magic::HEAD);
    file.take(magic::HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

#[cfg(test)]
mod tests;
