//! What can be wrong with a ledger, and what to do about it.

use std::fmt;
use std::path::Path;

/// Where a ledger is, in words that may be shown: a file's path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location(String);

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self(path.display().to_string())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A temporary table failed; in its storage's words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ScratchError(pub(in crate::ledger) String);

/// Why the ledger cannot be used. Names the ledger and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process writes to it.
    #[error(
        "ledger {location}: in use by pid {pid}: wait for it to end, or give --ledger another file"
    )]
    InUse {
        /// The ledger.
        location: Location,
        /// The holder, as it wrote itself down; `?` when it did not.
        pid: String,
    },
    /// Not a ledger, or a damaged one.
    #[error(
        "ledger {location}: damaged or not a ledger ({text}): nothing was changed; restore it from a \
         copy, or give --ledger another file (which then knows nothing of earlier uploads)"
    )]
    Damaged {
        /// The ledger.
        location: Location,
        /// `SQLite`'s words.
        text: String,
    },
    /// Written by a later version of this program.
    #[error(
        "ledger {location}: written by a newer mavi (schema {found}, this one knows {known}): update mavi"
    )]
    Newer {
        /// The ledger.
        location: Location,
        /// Its schema.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// Written by an earlier version of this program, where it must not be changed.
    #[error("ledger {location}: written by an earlier mavi: mavi status brings it up to date")]
    Older {
        /// The ledger.
        location: Location,
    },
    /// It belongs to another service.
    #[error(
        "ledger {location}: belongs to {theirs}, not to {ours}: give --ledger another file, or \
         --adopt-ledger when both are the same service"
    )]
    OtherService {
        /// The ledger.
        location: Location,
        /// The base URL it was made for.
        theirs: String,
        /// The base URL of this run.
        ours: String,
    },
    /// It belongs to another account.
    #[error(
        "ledger {location}: belongs to another account (key fingerprint {theirs}, this key has {ours}): \
         give --ledger another file, or --adopt-ledger when both keys are of one account"
    )]
    OtherAccount {
        /// The ledger.
        location: Location,
        /// The fingerprint of the key it was made with.
        theirs: String,
        /// The fingerprint of this run's key.
        ours: String,
    },
    /// A symbolic link: another user may decide what it points to.
    #[error("ledger {location}: is a symbolic link: remove it, or give --ledger the file itself")]
    Symlink {
        /// The ledger, or the lock beside it.
        location: Location,
    },
    /// A folder, a FIFO or a device.
    #[error("ledger {location}: is no file: give --ledger a file's name")]
    NoFile {
        /// The ledger.
        location: Location,
    },
    /// There is none.
    #[error(
        "ledger {location}: not there: nothing was uploaded with it yet, or --ledger names another file"
    )]
    Missing {
        /// The ledger.
        location: Location,
    },
    /// Its folder is not there.
    #[error("ledger {location}: its folder does not exist: make it first")]
    NoFolder {
        /// The ledger.
        location: Location,
    },
    /// It, or its folder, may not be written to.
    #[error(
        "ledger {location}: may not be written to: make it and its folder writable, or give --ledger another file"
    )]
    Denied {
        /// The ledger.
        location: Location,
    },
    /// The disk is full.
    #[error(
        "ledger {location}: no space left on the device: make space, then run the same command again to go on"
    )]
    Full {
        /// The ledger.
        location: Location,
    },
    /// Its file system cannot lock it, so that two processes might write.
    #[error(
        "ledger {location}: cannot be locked ({text}): its file system may not be able to: give \
         --ledger a place on a local disk"
    )]
    CannotLock {
        /// The ledger.
        location: Location,
        /// The system's words.
        text: String,
    },
    /// The system or `SQLite` failed in another way.
    #[error("ledger {location}: {text}: see whether its disk and file system are well")]
    Failed {
        /// The ledger.
        location: Location,
        /// The system's words.
        text: String,
    },
}

impl LedgerError {
    /// The task that writes to the ledger ended by a defect of this program.
    #[must_use]
    pub fn panicked() -> Self {
        Self::Failed {
            location: Location::default(),
            text: "a defect of mavi ended the writer".to_owned(),
        }
    }

    /// Whether naming another file or another folder helps, and not repairing a disk or
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

    pub(in crate::ledger) fn io(path: &Path, error: &std::io::Error) -> Self {
        let location = path.into();
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::Full { location },
            std::io::ErrorKind::NotFound => Self::Missing { location },
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Self::Denied { location }
            }
            _ => Self::Failed {
                location,
                text: error.to_string(),
            },
        }
    }

    /// An error met while making a file of the ledger: only its folder can be missing then.
    pub(crate) fn making(path: &Path, error: &std::io::Error) -> Self {
        match Self::io(path, error) {
            Self::Missing { location } => Self::NoFolder { location },
            other => other,
        }
    }
}
