//! The program's own files, told apart from those to upload.
//!
//! Names are compared first, and folders only when a name fits: almost no file costs more than that.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// What stands behind a database's name in the files it works with.
const SIBLINGS: [&[u8]; 3] = [b"-wal", b"-shm", b"-journal"];

/// The report, the ledger, and what stands beside them while they are written.
#[derive(Debug)]
pub(super) struct OwnFiles(Vec<Own>);

#[derive(Debug)]
struct Own {
    path: PathBuf,
    /// Its folder with all symbolic links resolved, from when it was first needed.
    folder: Option<PathBuf>,
}

impl OwnFiles {
    pub(super) fn new(paths: Vec<PathBuf>) -> Self {
        let own = |path| Own { path, folder: None };
        Self(paths.into_iter().map(own).collect())
    }

    /// Whether a file is one of them: by name (`NAME`, `NAME-wal` and its like, `NAME.*`,
    /// `.NAME*`) and by folder.
    pub(super) fn contain(&mut self, path: &Path) -> bool {
        let Some(name) = path.file_name() else {
            return false;
        };
        self.0
            .iter_mut()
            .any(|own| own.is_named(name) && own.is_beside(path))
    }
}

impl Own {
    fn is_named(&self, name: &OsStr) -> bool {
        let name = name.as_encoded_bytes();
        let own = self.path.file_name().unwrap_or_default().as_encoded_bytes();
        let hidden = name
            .strip_prefix(b".")
            .is_some_and(|rest| rest.starts_with(own));
        let sibling = |rest: &[u8]| rest.is_empty() || rest[0] == b'.' || SIBLINGS.contains(&rest);
        !own.is_empty() && (hidden || name.strip_prefix(own).is_some_and(sibling))
    }

    fn is_beside(&mut self, path: &Path) -> bool {
        if self.folder.is_none() {
            self.folder = real_folder(&self.path);
        }
        self.folder.is_some() && self.folder == real_folder(path)
    }
}

fn real_folder(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    fs::canonicalize(folder).ok()
}
