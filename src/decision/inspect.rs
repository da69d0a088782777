//! Whether one file may be uploaded, by its name and metadata alone.
//!
//! One `stat` a file and nothing opened: opening a FIFO would wait for a writer, and a million
//! files are inspected before the first call. A file is checked once more when it is opened.

use std::fs::{self, Metadata};
use std::path::Path;

use crate::model::{AUDIO, ErrorCode, FileStamp, FileVersion, IMAGE, RowFailure, VIDEO, is_media};
use crate::source::Candidate;

/// The largest file the service takes: 5 GB, counted as 5 × 2³⁰ bytes.
pub const MAX_SIZE: u64 = 5_368_709_120;

/// A direct upload takes files under 500 MB.
pub const DIRECT_SIZE: u64 = 500_000_000;

/// What the service, or the user, lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The largest file that is taken, in bytes; a file of exactly this size passes.
    pub max_size: u64,
    /// Whether files of formats the service does not list are sent all the same.
    pub all_types: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_size: MAX_SIZE,
            all_types: false,
        }
    }
}

/// Inspects a file, through symbolic links, without opening it.
pub(crate) fn inspect(path: &Path, rules: &Rules) -> Result<FileStamp, RowFailure> {
    let meta = fs::metadata(path).map_err(|error| RowFailure::from_io(&error))?;
    if !meta.is_file() {
        return Err(not_regular(&meta));
    }
    if !rules.all_types && !is_media(path) {
        return Err(unsupported(path));
    }
    if meta.len() == 0 {
        let text = "the file is empty (0 bytes): replace it or leave it out";
        return Err(RowFailure::new(ErrorCode::Empty, text));
    }
    if meta.len() > rules.max_size {
        return Err(too_large(meta.len(), rules.max_size));
    }
    Ok(FileStamp::of(&meta))
}

/// What the disk says of an input row: its file, or why it cannot be uploaded.
pub(crate) fn inspect_candidate(
    candidate: &Candidate,
    rules: &Rules,
) -> Result<FileVersion, RowFailure> {
    if let Some(failure) = &candidate.failure {
        return Err(failure.clone());
    }
    let stamp = inspect(&candidate.path, rules)?;
    check_name(candidate.name.as_deref(), rules)?;
    Ok(FileVersion::from(&stamp))
}

fn not_regular(meta: &Metadata) -> RowFailure {
    let text = if meta.is_dir() {
        "a folder, not a file: to upload what is in it, give the folder itself as a PATH"
    } else {
        "a FIFO, socket or device, not a regular file: copy its content to a file first"
    };
    RowFailure::new(ErrorCode::NotRegular, text)
}

/// A name that is sent in place of the path's own has to name a format, too.
fn check_name(name: Option<&str>, rules: &Rules) -> Result<(), RowFailure> {
    match name.map(Path::new) {
        Some(name) if !rules.all_types && !is_media(name) => {
            let RowFailure { code, text } = unsupported(name);
            Err(RowFailure::new(code, format!("the name column: {text}")))
        }
        _ => Ok(()),
    }
}

fn unsupported(path: &Path) -> RowFailure {
    let what = if path.extension().is_none() {
        "a name without an extension"
    } else {
        "this extension is not one the service takes"
    };
    let formats = [&VIDEO[..], &AUDIO, &IMAGE].concat().join(" ");
    let text = format!("{what} ({formats}): convert it, or try it with --all-files");
    RowFailure::new(ErrorCode::UnsupportedType, text)
}

fn too_large(size: u64, limit: u64) -> RowFailure {
    let way_out = if limit == DIRECT_SIZE - 1 {
        "send it without --via direct"
    } else {
        "split or compress the file"
    };
    let text = format!("{size} bytes are more than the limit of {limit}: {way_out}");
    RowFailure::new(ErrorCode::TooLarge, text)
}

#[cfg(test)]
mod tests;
