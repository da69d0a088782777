//! What to do with a candidate: skip it, refuse it, or work on it, and where its work begins.
//!
//! Pure: it is told what the disk says and what the ledger knows, and touches neither.

mod decide;
mod inspect;

pub use decide::{Decision, decide};
pub use inspect::{DIRECT_SIZE, MAX_SIZE, Rules, inspect, inspect_candidate};
