//! Why a report cannot be written. Knows neither its content nor where it is used.

use std::io;
use std::path::{Path, PathBuf};

use crate::ledger::LedgerError;

/// Stands for the report's name where that is not known.
const UNNAMED: &str = "-";

/// Why the report cannot be written. Names the file and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file that this program did not write stands there.
    #[error(
        "report {0}: exists and was not written by mavi: give --report another name, or --overwrite"
    )]
    NotOurs(PathBuf),
    /// A file of the ledger's stands there, or is about to.
    #[error("report {0}: is the ledger's own file: give --report another name")]
    OfLedger(PathBuf),
    /// An error of the system.
    #[error("report {path}: {text}")]
    Io {
        /// The report.
        path: PathBuf,
        /// Its kind.
        kind: io::ErrorKind,
        /// The error in words.
        text: String,
    },
    /// The ledger, from which the report is made.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl ReportError {
    /// Whether the reader of a pipe is gone.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(
            self,
            Self::Io {
                kind: io::ErrorKind::BrokenPipe,
                ..
            }
        )
    }

    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        let kind = error.kind();
        let text = match kind {
            io::ErrorKind::StorageFull => "no space left on the device".to_owned(),
            io::ErrorKind::NotFound => "its folder does not exist: make it first".to_owned(),
            io::ErrorKind::PermissionDenied => "its folder may not be written to".to_owned(),
            io::ErrorKind::InvalidFilename => "its name is too long: shorten it".to_owned(),
            _ => error.to_string(),
        };
        Self::Io {
            path: path.to_owned(),
            kind,
            text,
        }
    }

    /// Puts the report's name to an error that arose without it.
    pub(super) fn named(self, report: &Path) -> Self {
        match self {
            Self::Io { path, kind, text } if path == Path::new(UNNAMED) => Self::Io {
                path: report.to_owned(),
                kind,
                text,
            },
            other => other,
        }
    }
}

impl From<io::Error> for ReportError {
    fn from(error: io::Error) -> Self {
        Self::io(Path::new(UNNAMED), &error)
    }
}
