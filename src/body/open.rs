//! A local file, opened so that nothing surprising can come of it.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::error::{ErrorCode, Refusal};
use crate::refuse::refuse;

/// What tells whether a file is still the one that was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileStamp {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change of content, in nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Time of the last change of content or attributes, where the system has one.
    ctime_ns: i64,
    /// Device and inode, where the system has them.
    inode: (u64, u64),
    /// More than one name leads to the file, where the system tells.
    linked: bool,
}

impl FileStamp {
    /// Reads the stamp off a file's metadata.
    #[must_use]
    pub fn of(meta: &Metadata) -> Self {
        let (ctime_ns, inode, linked) = identity(meta);
        Self {
            size: meta.len(),
            mtime_ns: mtime_ns(meta),
            ctime_ns,
            inode,
            linked,
        }
    }

    /// Whether the file may be met again by another name: then an equal stamp means equal bytes.
    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.linked
    }

    /// What differs from `earlier` in a file all of whose bytes were read before: as
    /// [`Self::difference`], save that another name or other rights make no other content.
    pub(crate) fn outdates(&self, earlier: &Self) -> Option<String> {
        let ctime_ns = earlier.ctime_ns;
        Self { ctime_ns, ..*self }.difference(earlier)
    }

    /// What differs from `earlier`, in words; `None` when nothing does.
    pub(super) fn difference(&self, earlier: &Self) -> Option<String> {
        if self.inode != earlier.inode {
            Some("another file stands at its path".to_owned())
        } else if self.size != earlier.size {
            Some(format!("{} bytes became {}", earlier.size, self.size))
        } else if (self.mtime_ns, self.ctime_ns) != (earlier.mtime_ns, earlier.ctime_ns) {
            Some("it was written to".to_owned())
        } else {
            None
        }
    }
}

fn mtime_ns(meta: &Metadata) -> i64 {
    let Ok(modified) = meta.modified() else {
        return 0;
    };
    match modified.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |ns| -ns),
    }
}

#[cfg(unix)]
fn identity(meta: &Metadata) -> (i64, (u64, u64), bool) {
    use std::os::unix::fs::MetadataExt;
    let ctime_ns = meta
        .ctime()
        .saturating_mul(1_000_000_000)
        .saturating_add(meta.ctime_nsec());
    (ctime_ns, (meta.dev(), meta.ino()), meta.nlink() > 1)
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (i64, (u64, u64), bool) {
    (0, (0, 0), false)
}

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
    /// The type is looked at before opening, since opening a FIFO waits for a writer and opening a
    /// device may do anything; and again afterwards, since the path may have changed hands.
    ///
    /// # Errors
    /// `not_found`, `permission`, `not_regular`, `io`, with words for the report; and
    /// `no_descriptors`, which says nothing about the file.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        let refuse = |error: io::Error| refuse(&error);
        must_be_regular(&std::fs::metadata(path).map_err(refuse)?)?;
        let file = without_waiting(OpenOptions::new().read(true))
            .open(path)
            .map_err(refuse)?;
        Self::opened(file, path)
    }

    /// The file at `path`, which was just opened.
    pub(super) fn opened(file: File, path: &Path) -> Result<Self, Refusal> {
        let meta = file.metadata().map_err(|error| refuse(&error))?;
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

    /// The file alone, for whoever reads parts of it.
    #[must_use]
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

fn must_be_regular(meta: &Metadata) -> Result<(), Refusal> {
    if meta.is_file() {
        return Ok(());
    }
    let what = if meta.is_dir() {
        "a directory"
    } else {
        "a FIFO, socket or device"
    };
    Err(Refusal::new(
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
