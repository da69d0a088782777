//! How often and how soon.

use std::time::Duration;

/// How often a step of one file is tried, and how long the pauses are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts after the first, for one kind of fault of one file.
    pub retries: u32,
    /// Where the pauses start; doubled from try to try.
    pub delay: Duration,
    /// Where the pauses end.
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 7,
            delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(32),
        }
    }
}

impl RetryPolicy {
    /// Attempts that a rule of `tries` amounts to under this policy.
    #[must_use]
    pub fn tries(&self, tries: u32) -> u32 {
        tries.min(self.retries.saturating_add(1))
    }

    /// Assets that one file may use up in one run.
    #[must_use]
    pub fn assets(&self) -> u32 {
        self.tries(3)
    }

    /// The pause after failed attempt number `attempt` (from 1), with full jitter: uniform between
    /// nothing and the exponential bound, so that files that failed together do not return together.
    #[must_use]
    pub fn pause(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(16);
        let bound = self
            .delay
            .saturating_mul(1 << doublings)
            .min(self.max_delay);
        bound.mul_f64(fastrand::f64())
    }

    /// A fixed time of the rules, which are written for the default delay of 1 s, at this policy's
    /// scale.
    #[must_use]
    pub fn scaled(&self, at_one_second: Duration) -> Duration {
        at_one_second.mul_f64(self.delay.as_secs_f64())
    }
}

#[cfg(test)]
mod tests;
