//! When to try again: the policy (numbers), the rules (one table of faults), the tries (state of one
//! file) and the budget (state of the run).
//!
//! The loops that try again are a file's worker, in `pipeline`, the rate-limited call, in
//! `rate_limit`, and the client of the other commands. Nothing here calls.

mod budget;
mod policy;
mod rule;
mod tries;

pub(crate) use budget::Budget;
pub(crate) use policy::Pause;
pub use policy::RetryPolicy;
pub(crate) use rule::{AMBIGUOUS_TRIES, OnExhausted, RetryRule};
pub(crate) use tries::{Kind, Tries};
