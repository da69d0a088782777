//! What to do with a candidate: skip it, refuse it, or work on it, and where its work begins.
//!
//! `decide` is pure; `inspect` reads metadata. Neither knows where the ledger's answer came from.

mod decide;
mod inspect;

pub(crate) use decide::{Decision, decide};
pub(crate) use inspect::inspect_candidate;
pub use inspect::{DIRECT_SIZE, MAX_SIZE, Rules};
