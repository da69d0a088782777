//! When to try again: the policy (numbers), the rules (one table of faults), the tries (state of one
//! file) and the budget (state of the run).
//!
//! The loops that try again are a file's worker, in `pipeline`, the rate-limited call, in
//! `rate_limit`, and the client of the other commands. Nothing here calls.

mod budget;
mod policy;
mod rule;
mod tries;

pub use budget::Budget;
pub use policy::{Pause, RetryPolicy};
pub(crate) use rule::AMBIGUOUS_TRIES;
pub use rule::{OnExhausted, RetryRule, rule};
pub use tries::{Kind, Tries};
