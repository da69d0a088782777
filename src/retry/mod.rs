//! When to try again: the policy (numbers), the rules (one table of faults), the tries (state).
//!
//! The loop that tries again is a file's life, in `pipeline`. Nothing here waits or calls.

mod policy;
mod rule;
mod tries;

pub use policy::RetryPolicy;
pub use rule::{Rule, StopCause, Then, rule};
pub use tries::{Kind, Tries};
