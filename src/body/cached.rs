//! What the system tells of a file at once: no disk, no network, no other process has to answer.
//!
//! To ask a blocking thread costs two wake-ups, far more than the question when all of it is in the
//! system's caches, as for a file that was listed just now; a tenth of the whole client for small
//! files (docs/performance.md). Linux can be asked to answer from its caches or not at all; whoever
//! gets `None` here asks again where waiting harms nobody.

use std::path::Path;

use super::LocalFile;
use crate::model::FileStamp;

impl LocalFile {
    /// As [`Self::open`], without waiting. `None`: that cannot be, or something is amiss.
    pub(crate) fn open_cached(path: &Path) -> Option<Self> {
        let file = system::open(path)?;
        Self::opened(file, path).ok()
    }

    /// Fills the buffer with the file's first bytes, without waiting. `None`: the page cache lacks
    /// some of them, its file system cannot tell, or the file is no longer what was opened.
    pub(super) fn read_cached(&self, buffer: &mut [u8]) -> Option<()> {
        system::read(&self.file, buffer)?;
        let now = FileStamp::of(&self.file.metadata().ok()?);
        (now == *self.stamp()).then_some(())
    }
}

/// The stamp of the regular file at `path`, without waiting. `None`: that cannot be, or something
/// is amiss.
pub(crate) fn cached_stamp(path: &Path) -> Option<FileStamp> {
    system::look(path).map(|meta| FileStamp::of(&meta))
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs::{File, Metadata};
    use std::io::IoSliceMut;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, StatxFlags, openat2, statx};
    use rustix::io::{ReadWriteFlags, preadv2};

    pub(super) fn open(path: &Path) -> Option<File> {
        // Looked at first, since opening a device may do anything.
        look(path)?;
        reach(path, OFlags::RDONLY | OFlags::NONBLOCK)
    }

    /// What is known of a regular file, not opened, in a file system on a block device: with the
    /// inode in memory those need no disk to tell of it. Others (NFS, FUSE) may ask a server.
    pub(super) fn look(path: &Path) -> Option<Metadata> {
        let place = reach(path, OFlags::PATH)?;
        let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
        let known = statx(&place, c"", flags, StatxFlags::empty()).ok()?;
        if known.stx_dev_major == 0 {
            return None;
        }
        place.metadata().ok().filter(Metadata::is_file)
    }

    pub(super) fn read(file: &File, buffer: &mut [u8]) -> Option<()> {
        let wanted = buffer.len();
        let buffers = &mut [IoSliceMut::new(buffer)];
        let read = preadv2(file, buffers, 0, ReadWriteFlags::NOWAIT).ok()?;
        (read == wanted).then_some(())
    }

    /// Goes along the path in the kernel's cache of names (Linux 5.12).
    fn reach(path: &Path, flags: OFlags) -> Option<File> {
        let flags = flags | OFlags::CLOEXEC;
        let opened = openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED);
        opened.map(File::from).ok()
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::fs::{File, Metadata};
    use std::path::Path;

    pub(super) fn open(_: &Path) -> Option<File> {
        None
    }

    pub(super) fn look(_: &Path) -> Option<Metadata> {
        None
    }

    pub(super) fn read(_: &File, _: &mut [u8]) -> Option<()> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
