//! What `SQLite`'s errors mean for a ledger.

use rusqlite::ErrorCode as Sqlite;
use rusqlite::ffi::{
    SQLITE_IOERR_CHECKRESERVEDLOCK, SQLITE_IOERR_LOCK, SQLITE_IOERR_RDLOCK, SQLITE_IOERR_SHMLOCK,
    SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_UNLOCK, SQLITE_PROTOCOL,
    SQLITE_READONLY_ROLLBACK,
};

use crate::ledger::types::{LedgerError, Location, ScratchError};

/// What `SQLite` says of a file system that cannot lock, or not share memory, which is how it locks.
const LOCKING: [i32; 7] = [
    SQLITE_IOERR_CHECKRESERVEDLOCK,
    SQLITE_IOERR_LOCK,
    SQLITE_IOERR_RDLOCK,
    SQLITE_IOERR_UNLOCK,
    SQLITE_IOERR_SHMLOCK,
    SQLITE_IOERR_SHMMAP,
    SQLITE_PROTOCOL,
];

pub(super) fn error(location: impl Into<Location>, error: &rusqlite::Error) -> LedgerError {
    let location = location.into();
    let text = error.to_string();
    let exactly = error.sqlite_error().map(|error| error.extended_code);
    match error.sqlite_error_code() {
        // Its making was cut off, which a writer undoes and a reader cannot. Later on there is
        // no rollback journal: the write-ahead log has taken its place.
        Some(_) if exactly == Some(SQLITE_READONLY_ROLLBACK) => LedgerError::Missing { location },
        // A value of the wrong type (no code) is damage as well: this program never wrote it.
        Some(Sqlite::NotADatabase | Sqlite::DatabaseCorrupt) | None => {
            LedgerError::Damaged { location, text }
        }
        Some(Sqlite::DiskFull) => LedgerError::Full { location },
        Some(Sqlite::ReadOnly | Sqlite::PermissionDenied) => LedgerError::Denied { location },
        // Its shared memory finds no room.
        _ if exactly == Some(SQLITE_IOERR_SHMSIZE) => LedgerError::Full { location },
        _ if exactly.is_some_and(|code| LOCKING.contains(&code)) => {
            LedgerError::CannotLock { location, text }
        }
        Some(_) => LedgerError::Failed { location, text },
    }
}

impl From<rusqlite::Error> for ScratchError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}
