//! What a run would meet, looked at beforehand: one small check each, from the key's way out of
//! this machine to the disk under the ledger.
//!
//! Uploads nothing, asks for no asset, and writes nothing but files that are gone at once. A check
//! gives facts ([`Finding`]); a check whose ground another one found missing is skipped. Where the
//! settings come from is no matter here, and the terminal is unknown.

mod disk;
mod network;
#[cfg(test)]
mod tests;

use crate::run::fd_limit;

pub use disk::{ledger, report, space};
pub use network::{account, clock, connection, names, proxy, trust};

use crate::model::{ApiKey, Rates};
use crate::pipeline::Concurrency;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Nothing to do.
    Ok,
    /// A run may go on, and may be the worse for it.
    Warn,
    /// A run would end by this.
    Fail(Blame),
    /// Not looked at.
    Skip,
}

/// What a run would end by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// What was typed or configured.
    Setup,
    /// The account.
    Account,
    /// The way to the service, or the service.
    Outage,
    /// This machine.
    Local,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at; a stable word.
    pub check: &'static str,
    /// How it came out.
    pub grade: Grade,
    /// What was found. Holds no secret.
    pub says: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    /// Nothing to do.
    pub fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self::new(check, Grade::Ok, says, None)
    }

    /// A run may be the worse for it.
    pub fn warn(check: &'static str, says: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(check, Grade::Warn, says, Some(hint.into()))
    }

    /// A run would end by it. What is found may say already what to do.
    pub fn fail(check: &'static str, blame: Blame, says: impl Into<String>) -> Self {
        Self::new(check, Grade::Fail(blame), says, None)
    }

    /// Not looked at, for want of `ground`.
    #[must_use]
    pub fn skip(check: &'static str, ground: &str) -> Self {
        Self::new(check, Grade::Skip, format!("needs {ground}"), None)
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn hinting(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Whether a run would end by it.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self.grade, Grade::Fail(_))
    }

    fn new(
        check: &'static str,
        grade: Grade,
        says: impl Into<String>,
        hint: Option<String>,
    ) -> Self {
        Self {
            check,
            grade,
            says: says.into(),
            hint,
        }
    }
}

/// Whether a key looks like one. `from` is where it was found.
#[must_use]
pub fn key_shape(key: &ApiKey, from: &str) -> Finding {
    if key.expose().starts_with("sk-mavi-") {
        return Finding::ok("key", format!("from {from}"));
    }
    Finding::warn(
        "key",
        format!("from {from}, and not of the usual shape (sk-mavi-...)"),
        "make sure that it is the MAVI key and that all of it was copied",
    )
}

/// Whether the rates keep to the documented limits.
#[must_use]
pub fn limits(rates: &Rates) -> Finding {
    let Rates { sign, upload, poll } = *rates;
    let says = [("sign", sign), ("send", upload), ("status", poll)];
    let says = says.map(|(word, rate)| match rate {
        0.0 => format!("{word} without a limit"),
        rate => format!("{word} {rate} a second"),
    });
    let says = says.join(", ");
    if [sign, upload, poll]
        .iter()
        .all(|rate| *rate > 0.0 && *rate <= 1.0)
    {
        return Finding::ok("limits", says);
    }
    Finding::warn(
        "limits",
        says,
        "the service documents 1 a second for each account: only set more where it was agreed",
    )
}

/// Whether the system lets as many files be open as the uploads at once need.
#[must_use]
pub fn open_files(mut concurrency: Concurrency) -> Finding {
    match fd_limit::lower(&mut concurrency) {
        None => Finding::ok("open files", "enough for the uploads at once"),
        Some(words) => Finding::warn("open files", words, "raise the limit, or lower -j"),
    }
}
