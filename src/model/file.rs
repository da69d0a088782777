//! What a file is recognised by: its number, its size and times, its identity on disk.
//!
//! Reads metadata that it is given; touches no disk.

use std::fs::Metadata;
use std::time::UNIX_EPOCH;

/// The ledger's number for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub i64);

/// Size and time by which a later run recognises a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileVersion {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change of content, in nanoseconds since 1970.
    pub mtime_ns: i64,
}

impl From<&FileStamp> for FileVersion {
    fn from(stamp: &FileStamp) -> Self {
        Self {
            size: stamp.size,
            mtime_ns: stamp.mtime_ns,
        }
    }
}

/// By what a file is recognised as the one that was met before.
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
    /// More than one name leads to the file, where the system says so.
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
    pub(crate) fn difference(&self, earlier: &Self) -> Option<String> {
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
