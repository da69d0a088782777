//! One writing process at a time.
//!
//! An advisory lock on a file beside the ledger, which the system frees when its holder dies in
//! whatever way. Readers take no lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use super::files::lock_path;
use crate::ledger::types::LedgerError;

/// How often a lock that is held is tried, and how long after each other: a process that only asks
/// who holds it has it for an instant.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// Held for as long as this process may write to the ledger.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or reports at once who holds it.
    pub(super) fn take(ledger: &Path) -> Result<Self, LedgerError> {
        let failed = |error: &std::io::Error| LedgerError::making(ledger, error);
        let mut file = open(ledger)?;
        match try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LedgerError::InUse {
                    location: ledger.into(),
                    pid: written_pid(file),
                });
            }
            Err(TryLockError::Error(error)) => {
                return Err(LedgerError::CannotLock {
                    location: ledger.into(),
                    text: error.to_string(),
                });
            }
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()))
            .map_err(|e| failed(&e))?;
        Ok(Self { _file: file })
    }

    /// Who holds the lock, as it wrote itself down; no one has to wait for the answer.
    pub(super) fn holder(ledger: &Path) -> Result<Option<String>, LedgerError> {
        let failed = |error: &std::io::Error| LedgerError::io(ledger, error);
        let file = match File::open(lock_path(ledger)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(|e| failed(&e))?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(written_pid(file))),
            Err(TryLockError::Error(error)) => Err(failed(&error)),
        }
    }
}

/// Opens a ledger's lock, making it where it is not there; through no link, since it is cut to
/// nothing before it is written.
fn open(ledger: &Path) -> Result<File, LedgerError> {
    let path = lock_path(ledger);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
        options.mode(0o600).custom_flags(flags);
    }
    options.open(&path).map_err(|error| {
        let meta = std::fs::symlink_metadata(&path);
        if meta.is_ok_and(|meta| meta.is_symlink()) {
            LedgerError::Symlink {
                location: path.as_path().into(),
            }
        } else {
            LedgerError::making(ledger, &error)
        }
    })
}

fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
            settled => return settled,
        }
    }
    file.try_lock()
}

/// What the holder wrote into the file; `?` when it wrote nothing.
fn written_pid(file: File) -> String {
    let mut pid = String::new();
    match file.take(20).read_to_string(&mut pid) {
        Ok(1..) => pid,
        _ => "?".to_owned(),
    }
}
