//! What is suspicious about a file, for people and for programs. Opens no file.

use std::fmt;

use crate::model::RowFailure;

/// What is suspicious about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Warning {
    /// It cannot be opened: its row would fail.
    Unreadable(RowFailure),
    /// It was modified a moment ago.
    StillWritten,
    /// Its bytes are of another format than its extension says.
    OtherFormat {
        /// In lower case.
        extension: String,
        /// What the bytes are, where that is known.
        found: Option<&'static str>,
    },
    /// An MP4, MOV or M4A without the part that says how to play it.
    NoMoov,
    /// An MP4, MOV or M4A whose last part extends beyond the end of the file.
    CutOff {
        /// Bytes that are missing.
        missing: u64,
    },
}

impl Warning {
    /// The word for programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::StillWritten => "still_written",
            Self::OtherFormat { .. } => "other_format",
            Self::NoMoov => "no_moov",
            Self::CutOff { .. } => "cut_off",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(failure) => write!(f, "it would fail as {failure}"),
            Self::StillWritten => f.write_str(
                "modified within the last minute: make sure that no one writes to it any more",
            ),
            Self::OtherFormat { extension, found } => {
                let found = found.unwrap_or("something else");
                write!(
                    f,
                    "named .{extension}, but its bytes are {found}: rename or convert it"
                )
            }
            Self::NoMoov => f.write_str(
                "a recording that was cut off (no moov box): fix it, or record it again",
            ),
            Self::CutOff { missing } => {
                write!(f, "cut off, {missing} bytes are missing: copy it again")
            }
        }
    }
}
