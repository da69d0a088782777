//! What can be wrong with a ledger, and what to do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode as Sqlite;
use rusqlite::ffi::{
    SQLITE_IOERR_CHECKRESERVEDLOCK, SQLITE_IOERR_LOCK, SQLITE_IOERR_RDLOCK, SQLITE_IOERR_SHMLOCK,
    SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_UNLOCK, SQLITE_PROTOCOL,
    SQLITE_READONLY_ROLLBACK,
};

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

/// Why the ledger cannot be used. Names the file and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process writes to it.
    #[error(
        "ledger {path}: in use by pid {pid}: wait for it to end, or give --ledger another file"
    )]
    InUse {
        /// The ledger.
        path: PathBuf,
        /// The holder, as it wrote itself down; `?` when it did not.
        pid: String,
    },
    /// Not a ledger, or a damaged one.
    #[error(
        "ledger {path}: damaged or not a ledger ({text}): nothing was changed; restore it from a \
         copy, or give --ledger another file (which then knows nothing of earlier uploads)"
    )]
    Damaged {
        /// The ledger.
        path: PathBuf,
        /// `SQLite`'s words.
        text: String,
    },
    /// Written by a later version of this program.
    #[error(
        "ledger {path}: written by a newer mavi (schema {found}, this one knows {known}): update mavi"
    )]
    Newer {
        /// The ledger.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// Written by an earlier version of this program, where it must not be changed.
    #[error("ledger {path}: written by an earlier mavi: mavi status brings it up to date")]
    Older {
        /// The ledger.
        path: PathBuf,
    },
    /// It belongs to another service.
    #[error(
        "ledger {path}: belongs to {theirs}, not to {ours}: give --ledger another file, or \
         --adopt-ledger when both are the same service"
    )]
    OtherService {
        /// The ledger.
        path: PathBuf,
        /// The base URL it was made for.
        theirs: String,
        /// The base URL of this run.
        ours: String,
    },
    /// It belongs to another account.
    #[error(
        "ledger {path}: belongs to another account (key fingerprint {theirs}, this key has {ours}): \
         give --ledger another file, or --adopt-ledger when both keys are of one account"
    )]
    OtherAccount {
        /// The ledger.
        path: PathBuf,
        /// The fingerprint of the key it was made with.
        theirs: String,
        /// The fingerprint of this run's key.
        ours: String,
    },
    /// A symbolic link: somebody else may decide what it points to.
    #[error("ledger {path}: is a symbolic link: remove it, or give --ledger the file itself")]
    Symlink {
        /// The ledger, or the lock beside it.
        path: PathBuf,
    },
    /// A folder, a FIFO or a device.
    #[error("ledger {path}: is no file: give --ledger a file's name")]
    NoFile {
        /// The ledger.
        path: PathBuf,
    },
    /// There is none.
    #[error(
        "ledger {path}: not there: nothing was uploaded with it yet, or --ledger names another file"
    )]
    Missing {
        /// The ledger.
        path: PathBuf,
    },
    /// Its folder is not there.
    #[error("ledger {path}: its folder does not exist: make it first")]
    NoFolder {
        /// The ledger.
        path: PathBuf,
    },
    /// It, or its folder, may not be written to.
    #[error(
        "ledger {path}: may not be written to: make it and its folder writable, or give --ledger another file"
    )]
    Denied {
        /// The ledger.
        path: PathBuf,
    },
    /// The disk is full.
    #[error(
        "ledger {path}: no space left on the device: make space, then run the same command again to go on"
    )]
    Full {
        /// The ledger.
        path: PathBuf,
    },
    /// Its file system does not keep two writers apart.
    #[error(
        "ledger {path}: cannot be locked ({text}): its file system may not be able to: give \
         --ledger a place on a local disk"
    )]
    CannotLock {
        /// The ledger.
        path: PathBuf,
        /// The system's words.
        text: String,
    },
    /// The system or `SQLite` failed in another way.
    #[error("ledger {path}: {text}: see whether its disk and file system are well")]
    Failed {
        /// The ledger.
        path: PathBuf,
        /// The system's words.
        text: String,
    },
}

impl LedgerError {
    /// The task that writes to the ledger ended by a defect of this program.
    #[must_use]
    pub fn panicked() -> Self {
        Self::Failed {
            path: PathBuf::new(),
            text: "a defect of mavi ended the writer".to_owned(),
        }
    }

    /// Whether it is mended by naming another file or another folder, not by mending a disk or by
    /// waiting.
    #[must_use]
    pub fn is_setup(&self) -> bool {
        match self {
            Self::Newer { .. }
            | Self::Older { .. }
            | Self::OtherService { .. }
            | Self::OtherAccount { .. }
            | Self::Symlink { .. }
            | Self::NoFile { .. }
            | Self::Missing { .. }
            | Self::Denied { .. }
            | Self::NoFolder { .. } => true,
            Self::InUse { .. }
            | Self::Damaged { .. }
            | Self::Full { .. }
            | Self::CannotLock { .. }
            | Self::Failed { .. } => false,
        }
    }

    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::Full { path },
            std::io::ErrorKind::NotFound => Self::Missing { path },
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Self::Denied { path }
            }
            _ => Self::Failed {
                path,
                text: error.to_string(),
            },
        }
    }

    /// An error met while making a file of the ledger: only its folder can be missing then.
    pub(crate) fn making(path: &Path, error: &std::io::Error) -> Self {
        match Self::io(path, error) {
            Self::Missing { path } => Self::NoFolder { path },
            other => other,
        }
    }

    pub(super) fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        let text = error.to_string();
        let exactly = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            // Its making was cut off, which a writer undoes and a reader cannot. Later on there is
            // no rollback journal: the write-ahead log has taken its place.
            Some(_) if exactly == Some(SQLITE_READONLY_ROLLBACK) => Self::Missing { path },
            // A value of the wrong type (no code) is damage as well: this program never wrote it.
            Some(Sqlite::NotADatabase | Sqlite::DatabaseCorrupt) | None => {
                Self::Damaged { path, text }
            }
            Some(Sqlite::DiskFull) => Self::Full { path },
            Some(Sqlite::ReadOnly | Sqlite::PermissionDenied) => Self::Denied { path },
            // Its shared memory finds no room.
            _ if exactly == Some(SQLITE_IOERR_SHMSIZE) => Self::Full { path },
            _ if exactly.is_some_and(|code| LOCKING.contains(&code)) => {
                Self::CannotLock { path, text }
            }
            Some(_) => Self::Failed { path, text },
        }
    }
}
