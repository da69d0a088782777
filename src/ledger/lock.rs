//! One writing process at a time.
//!
//! An advisory lock on a file beside the ledger, which the system frees when its holder dies in
//! whatever way. Readers take no lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::LedgerError;

/// Held for as long as this process may write to the ledger.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// The lock's file: the ledger's name with `.lock` behind it. It stays when the lock is freed, since
/// removing it would let two processes lock two different files of one name.
pub(super) fn lock_path(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

impl Lock {
    /// Takes the lock, or says at once who holds it.
    pub(super) fn take(ledger: &Path) -> Result<Self, LedgerError> {
        let failed = |error: &std::io::Error| LedgerError::io(ledger, error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(lock_path(ledger)).map_err(|e| failed(&e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let read = file.take(20).read_to_string(&mut pid).is_ok();
                let pid = if read && !pid.is_empty() {
                    pid
                } else {
                    "?".to_owned()
                };
                return Err(LedgerError::InUse {
                    path: ledger.to_owned(),
                    pid,
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()))
            .map_err(|e| failed(&e))?;
        Ok(Self { _file: file })
    }
}
