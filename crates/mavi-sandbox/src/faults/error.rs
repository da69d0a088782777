//! Why a text is no script of faults. It does not find what is wrong; `check` does.

use std::io;

/// What is wrong with a part of a script. The caller adds the line.
pub(super) type Problem = String;

/// Why a text is no script of faults.
#[derive(Debug, thiserror::Error)]
pub enum FaultsError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It is no TOML, or holds a key or a value that is not allowed. The message shows the line and what is allowed.
    #[error("{0}")]
    Format(#[from] toml::de::Error),
    /// A rule, limit or preset contradicts itself.
    #[error("line {line}, {what}: {words}")]
    Rule {
        /// Where it begins, from 1.
        line: usize,
        /// Which one it is.
        what: String,
        /// What is wrong and what would be right.
        words: String,
    },
}
