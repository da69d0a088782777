//! When to try again: the policy (numbers), the rules (one table of faults), the tries (state of one
//! file) and the budget (state of the run).
//!
//! The loops that try again are a file's life, in `pipeline`, and a paced call, in `pace`. Nothing
//! here calls.

mod budget;
mod policy;
mod rule;
mod tries;

pub use budget::Budget;
pub use policy::RetryPolicy;
pub(crate) use rule::AMBIGUOUS_TRIES;
pub use rule::{OnExhausted, RetryRule, rule};
pub use tries::{Kind, Tries};
