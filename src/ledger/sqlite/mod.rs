//! The ledger as one `SQLite` file.
//!
//! `schema_1.sql` and the scripts that follow it describe the tables. No type and no statement of
//! `SQLite` leaves this folder.

mod admit;
mod apply;
mod batch;
mod convert;
mod error;
mod file_table;
mod files;
mod identity;
mod lock;
mod lookup;
mod orphan;
mod overview;
mod queue;
mod report_row;
mod run;
mod schema;
mod share;
mod survey;
#[cfg(test)]
mod tests;
mod timeline;

use std::path::{Path, PathBuf};

use error::error;
pub(crate) use file_table::FileTable;
use lock::Lock;
pub use orphan::Orphans;
use rusqlite::Connection;

use super::types::{LedgerError, Location, RunId};

/// The ledger, open for reading.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    location: Location,
}

/// The ledger, open for writing. Holds the lock that keeps other writers out; dropping it frees it.
#[derive(Debug)]
pub struct Ledger {
    reader: Reader,
    is_new: bool,
    _lock: Lock,
}

impl Reader {
    /// Opens a ledger that another process may be writing to. One that an earlier version of this
    /// program made is brought up to this one's tables first, which takes a writer's lock.
    ///
    /// # Errors
    /// When it is not there, damaged, or of a newer version.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        match schema::open_to_read(path)? {
            Some(connection) => Ok(Self {
                connection,
                location: path.into(),
            }),
            None => Ok(Ledger::open(path)?.reader),
        }
    }

    /// Opens a ledger as [`Self::open`] does, and leaves no trace of it on the disk. A writer that
    /// begins later on is not noticed: what is read may then be wrong, with or without an error.
    ///
    /// # Errors
    /// As [`Self::open`], and when an earlier version of this program made it.
    pub fn open_untouched(path: &Path) -> Result<Self, LedgerError> {
        let location = path.into();
        match schema::open_untouched(path)? {
            Some(connection) => Ok(Self {
                connection,
                location,
            }),
            None => Err(LedgerError::Older { location }),
        }
    }

    fn failed(&self, error: &rusqlite::Error) -> LedgerError {
        self::error(self.location.clone(), error)
    }
}

impl std::ops::Deref for Ledger {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Ledger {
    /// Opens a ledger for writing, making it when it is not there.
    ///
    /// # Errors
    /// When another process writes to it, or it cannot be used.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let lock = Lock::take(path)?;
        let (connection, is_new) = schema::open(path)?;
        let reader = Reader {
            connection,
            location: path.into(),
        };
        Ok(Self {
            reader,
            is_new,
            _lock: lock,
        })
    }

    /// Whether this process made it.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Removes a ledger and all it knows; one that is not there stays so. The lock's file stays: it
    /// keeps other writers out meanwhile.
    ///
    /// # Errors
    /// When another process writes to it, or it cannot be removed.
    pub fn discard(path: &Path) -> Result<(), LedgerError> {
        let _lock = Lock::take(path)?;
        let kept = files::lock_path(path);
        let files = Self::own_files(path).into_iter();
        let mut files = files.filter(|file| *file != kept);
        files.try_for_each(|file| match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(LedgerError::io(&file, &error))
            }
            _ => Ok(()),
        })
    }

    /// The files that belong to a ledger at `path`: never to be uploaded.
    #[must_use]
    pub fn own_files(path: &Path) -> Vec<PathBuf> {
        files::own_files(path)
    }
}
