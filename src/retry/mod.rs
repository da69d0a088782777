//! When to try again: the policy (numbers), the rules (one table of faults), the tries (state of one
//! file), the outage and the budget (state of the service as a whole).
//!
//! The loops that try again are a file's life, in `pipeline`, and a paced call, in `pace`. Nothing
//! here calls.

mod budget;
mod outage;
mod policy;
mod rule;
mod tries;

pub use budget::Budget;
pub(crate) use outage::in_seconds;
pub use outage::{OutagePolicy, Verdict, Watch};
pub use policy::RetryPolicy;
pub(crate) use rule::AMBIGUOUS_TRIES;
pub use rule::{Rule, StopCause, Then, rule};
pub use tries::{Kind, Tries};
