//! The checks of the settings: key, rates, open files. Calls no one.

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

/// Whether the rates are within the documented limits.
#[must_use]
pub fn limits(rates: &Rates) -> Finding {
    let Rates { sign, upload, poll } = *rates;
    let says = [("sign", sign), ("send", upload), ("status", poll)];
    let says = says.map(|(word, rate)| match rate {
        0.0 => format!("{word} without a limit"),
        rate => format!("{word} {rate} a second"),
    });
    let says = says.join(", ");
    let documented = Rates::default();
    let is_within = |rate: f64, limit: f64| rate > 0.0 && rate <= limit;
    if is_within(sign, documented.sign)
        && is_within(upload, documented.upload)
        && is_within(poll, documented.poll)
    {
        return Finding::ok("limits", says);
    }
    Finding::warn(
        "limits",
        says,
        "the service documents 1 a second for each account: only set more where it was agreed",
    )
}

/// Whether the system allows as many open files as the concurrent uploads need.
#[must_use]
pub fn open_files(mut concurrency: Concurrency) -> Finding {
    match fd_limit::lower(&mut concurrency) {
        None => Finding::ok("open files", "enough for the uploads at once"),
        Some(words) => Finding::warn("open files", words, "raise the limit, or lower -j"),
    }
}
