//! The settings' side: key, rates, open files.

use super::Finding;
use crate::model::{ApiKey, Rates};
use crate::pipeline::Concurrency;
use crate::run::fd_limit;

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
