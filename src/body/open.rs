//! A local file, opened so that nothing surprising can come of it.
//!
//! Reads no byte of it.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{ErrorCode, FileStamp, RowFailure};

/// A regular file, open for reading, with the stamp it had then.
#[derive(Debug)]
pub struct LocalFile {
    pub(super) file: File,
    pub(super) path: PathBuf,
    stamp: FileStamp,
}

impl LocalFile {
    /// Opens a file; blocking.
    ///
    /// Its type is checked before opening, since opening a FIFO waits for a writer and opening a
    /// device may do anything; and again afterwards, since another file may stand at the path.
    ///
    /// # Errors
    /// `not_found`, `permission`, `not_regular`, `io`, with words for the report; and
    /// `no_descriptors`, which says nothing about the file.
    pub fn open(path: &Path) -> Result<Self, RowFailure> {
        let failure = |error: io::Error| RowFailure::from_io(&error);
        must_be_regular(&std::fs::metadata(path).map_err(failure)?)?;
        let file = without_waiting(OpenOptions::new().read(true))
            .open(path)
            .map_err(failure)?;
        let meta = file.metadata().map_err(failure)?;
        must_be_regular(&meta)?;
        Ok(Self {
            file,
            path: path.to_owned(),
            stamp: FileStamp::of(&meta),
        })
    }

    /// A file that is read from somewhere else than from `path`, whose stamp it has: its bytes come
    /// when a test wants them to.
    #[cfg(test)]
    pub(crate) fn read_from(file: File, path: &Path) -> Self {
        let stamp = FileStamp::of(&std::fs::metadata(path).unwrap());
        Self {
            file,
            path: path.to_owned(),
            stamp,
        }
    }

    /// The stamp at the time of opening.
    #[must_use]
    pub fn stamp(&self) -> &FileStamp {
        &self.stamp
    }

    /// The file alone, to read parts of it.
    pub(crate) fn into_file(self) -> File {
        self.file
    }

    /// Whether the open file, and the file at its path, are still what was opened.
    pub(super) fn difference(&self) -> io::Result<Option<String>> {
        let open = FileStamp::of(&self.file.metadata()?);
        if let Some(difference) = open.difference(&self.stamp) {
            return Ok(Some(difference));
        }
        match std::fs::metadata(&self.path) {
            Ok(meta) => Ok(FileStamp::of(&meta).difference(&self.stamp)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Some("it was removed".to_owned()))
            }
            Err(error) => Err(error),
        }
    }
}

fn must_be_regular(meta: &Metadata) -> Result<(), RowFailure> {
    if meta.is_file() {
        return Ok(());
    }
    let what = if meta.is_dir() {
        "a directory"
    } else {
        "a FIFO, socket or device"
    };
    Err(RowFailure::new(
        ErrorCode::NotRegular,
        format!("{what}, not a regular file"),
    ))
}

#[cfg(unix)]
fn without_waiting(options: &mut OpenOptions) -> &OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
}

#[cfg(not(unix))]
fn without_waiting(options: &mut OpenOptions) -> &OpenOptions {
    options
}

#[cfg(test)]
mod tests;
