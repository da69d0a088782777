//! Rows by cause, with an example each. Memory grows with the causes, not with the rows.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Rows by cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Causes(BTreeMap<Cow<'static, str>, CauseSummary>);

/// The rows of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseSummary {
    /// How many.
    pub rows: u64,
    /// The text of the first of them.
    pub text: String,
    /// Its file.
    pub example: PathBuf,
}

impl Causes {
    pub(super) fn add(&mut self, code: Cow<'static, str>, text: &str, path: &Path) {
        let cause = self.0.entry(code).or_insert_with(|| CauseSummary {
            rows: 0,
            text: text.to_owned(),
            example: path.to_owned(),
        });
        cause.rows += 1;
    }

    /// Code and cause, the most frequent first.
    #[must_use]
    pub fn by_frequency(&self) -> Vec<(&str, &CauseSummary)> {
        let mut causes: Vec<_> = self
            .0
            .iter()
            .map(|(code, cause)| (&**code, cause))
            .collect();
        causes.sort_by_key(|(_, cause)| std::cmp::Reverse(cause.rows));
        causes
    }

    /// Rows of all causes together.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.values().map(|cause| cause.rows).sum()
    }
}
