//! What the system tells of a file at once: no disk, no network, no other process has to answer.
//!
//! To ask a blocking thread costs two wake-ups, far more than the question when all of it is in the
//! system's caches, as for a file that was listed just now; a tenth of the whole client for small
//! files (docs/performance.md). Linux can be asked to answer from its caches or not at all; whoever
//! gets `None` here asks again where waiting harms nobody.

use std::io;
use std::path::Path;

use super::{FileStamp, LocalFile};

impl LocalFile {
    /// As [`Self::open`], without waiting. `None`: that cannot be, or something is amiss.
    pub(crate) fn open_cached(path: &Path) -> Option<Self> {
        let file = system::open(path)?;
        Self::opened(file, path).ok()
    }

    /// Fills the buffer with the file's first bytes, without waiting. `None`: the page cache lacks
    /// some of them, the file has fewer, or its file system cannot tell.
    pub(super) fn read_cached(&self, buffer: &mut [u8]) -> Option<()> {
        system::read(&self.file, buffer)
    }

    /// As [`Self::difference`], of a file of which [`Self::read_cached`] could read; an error where
    /// that would have to wait.
    pub(super) fn difference_cached(&self) -> io::Result<Option<String>> {
        self.difference_by(|path| {
            FileStamp::cached(path).ok_or_else(|| io::ErrorKind::WouldBlock.into())
        })
    }
}

impl FileStamp {
    /// The stamp of the file at `path`, without waiting. `None`: that cannot be, or something is
    /// amiss.
    pub(crate) fn cached(path: &Path) -> Option<Self> {
        let place = system::find(path)?;
        Some(Self::of(&place.metadata().ok()?))
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs::File;
    use std::io::IoSliceMut;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, StatxFlags, openat2, statx};
    use rustix::io::{ReadWriteFlags, preadv2};

    pub(super) fn open(path: &Path) -> Option<File> {
        // Looked at first, since opening a device may do anything.
        let is_regular = find(path)?.metadata().ok()?.is_file();
        is_regular.then(|| reach(path, OFlags::RDONLY | OFlags::NONBLOCK))?
    }

    /// The place of the file, not opened, in a file system on a block device: with the inode in
    /// memory those need no disk to tell of it. Others (NFS, FUSE) may ask a server.
    pub(super) fn find(path: &Path) -> Option<File> {
        let place = reach(path, OFlags::PATH)?;
        let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
        let known = statx(&place, c"", flags, StatxFlags::empty()).ok()?;
        (known.stx_dev_major != 0).then_some(place)
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
    use std::fs::File;
    use std::path::Path;

    pub(super) fn open(_: &Path) -> Option<File> {
        None
    }

    pub(super) fn find(_: &Path) -> Option<File> {
        None
    }

    pub(super) fn read(_: &File, _: &mut [u8]) -> Option<()> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_the_caches_tell_is_what_the_disk_tells() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp4");
        std::fs::write(&path, "bytes").unwrap();
        let stamp = FileStamp::of(&std::fs::metadata(&path).unwrap());
        // Which file systems can answer is for the system to say: none has to.
        for cached in [
            FileStamp::cached(&path),
            LocalFile::open_cached(&path).map(|file| *file.stamp()),
        ] {
            assert!(cached.is_none_or(|cached| cached == stamp), "{cached:?}");
        }
    }

    #[test]
    fn case_078_what_is_no_regular_file_is_left_to_those_who_may_wait() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.mp4");
        for path in [
            Path::new("/proc/version"),
            Path::new("/dev/null"),
            folder.path(),
            &missing,
        ] {
            assert!(LocalFile::open_cached(path).is_none(), "{}", path.display());
        }
        assert!(FileStamp::cached(&missing).is_none());
    }
}
