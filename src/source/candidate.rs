//! One input row and the stream it comes in: what every source yields.
//!
//! Knows neither manifests nor folders.

use std::fmt;
use std::path::PathBuf;

use super::cells::Cells;
use crate::model::{RowFailure, Sha256};

/// One input row: a file to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Absolute path of the file; the key under which the ledger knows it. Relative parts (`..`,
    /// symbolic links) are left as they are. Empty when `failure` is set and no path is known.
    pub path: PathBuf,
    /// The name to send, where the manifest has one; else the path's last part is sent.
    pub name: Option<String>,
    /// What the manifest says the bytes hash to.
    pub expected_sha256: Option<Sha256>,
    /// The row's own columns, as they go into the report.
    pub cells: Cells,
    /// Set when the source already knows that this row cannot be uploaded.
    pub failure: Option<RowFailure>,
}

/// A lazy stream of candidates with the names of their columns.
pub trait Source: Iterator<Item = Candidate> + Send {
    /// The header of the columns that `Candidate::cells` carries, in order.
    fn columns(&self) -> &Cells;

    /// What came up since the last call that is worth a warning and is no row.
    fn take_notices(&mut self) -> Vec<Notice> {
        Vec::new()
    }
}

/// Something that a source met and that is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What was met.
    pub kind: NoticeKind,
    /// Where.
    pub path: PathBuf,
}

/// What a source can meet besides rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// A symbolic link to a folder above it.
    LinkLoop,
    /// A file or folder that a system or a program keeps for itself: no row was made for it.
    SystemFile,
}

impl NoticeKind {
    /// The kind, in one word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::LinkLoop => "link_loop",
            Self::SystemFile => "system_file",
        }
    }

    /// What was met, and what follows from it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::LinkLoop => {
                "a symbolic link to a folder above it: what is in there is walked once"
            }
            Self::SystemFile => "a system file or folder: left out",
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.kind.text())
    }
}

/// The candidates of a source; `notice` is called with each notice before the candidate that follows it.
pub(crate) fn candidates(
    mut source: Box<dyn Source>,
    mut notice: impl FnMut(Notice),
) -> impl Iterator<Item = Candidate> {
    std::iter::from_fn(move || {
        let next = source.next();
        source.take_notices().into_iter().for_each(&mut notice);
        next
    })
}
