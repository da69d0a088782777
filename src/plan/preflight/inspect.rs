//! Inspects one file. Reads some bytes of it, never its content.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;

use super::magic::{self, FileFormat};
use super::{Warning, boxes};
use crate::body::LocalFile;
use crate::model::FileVersion;

/// A file that changed so many seconds ago may still be written.
const FRESH: i64 = 60;

/// Inspects a file that would be uploaded; `version` is what the disk says of it.
pub(crate) fn preflight(path: &Path, version: FileVersion, now: Timestamp) -> Vec<Warning> {
    let mut warnings = Vec::new();
    // A file server's clock may be a little ahead: the file may be new all the same.
    let age = now.as_second() - version.mtime_ns.div_euclid(1_000_000_000);
    if age.abs() < FRESH {
        warnings.push(Warning::StillWritten);
    }
    match LocalFile::open(path) {
        Ok(file) => warnings.extend(inspect(path, file.into_file(), version.size)),
        Err(failure) => warnings.push(Warning::Unreadable(failure)),
    }
    warnings
}

/// A disk that fails here fails in the run, too, and is reported there.
fn inspect(path: &Path, mut file: File, size: u64) -> Option<Warning> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    let accepted = magic::formats_of(&extension)?;
    let head = head(&mut file).ok()?;
    let found = magic::format_of(&head);
    if !found.is_some_and(|format| accepted.contains(&format)) {
        let found = found.map(FileFormat::words);
        return Some(Warning::OtherFormat { extension, found });
    }
    match found {
        Some(FileFormat::IsoMedia) => boxes::check(&mut file, size).ok().flatten(),
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
