//! The files of a ledger: its own and those that `SQLite` and the lock put beside it.

use std::path::{Path, PathBuf};

/// All of them: never to be uploaded.
pub(super) fn own_files(path: &Path) -> Vec<PathBuf> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    vec![
        path.to_owned(),
        beside("-wal"),
        beside("-shm"),
        beside("-journal"),
        lock_path(path),
    ]
}

/// The lock's file: the ledger's name with `.lock` behind it. It stays when the lock is freed, since
/// removing it would let two processes lock two different files of one name.
pub(super) fn lock_path(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
