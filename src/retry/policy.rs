//! How often and how soon to try again. Numbers alone: counts nothing and waits for nothing.

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

/// The pause before another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pause {
    /// Which attempt failed, from 1: the pause grows with it.
    pub(crate) attempt: u32,
    /// The pause is at least this long, at a retry delay of one second.
    pub(crate) at_least: Duration,
}

impl RetryPolicy {
    /// Attempts that a rule of `tries` amounts to under this policy.
    pub(crate) fn tries(&self, tries: u32) -> u32 {
        tries.min(self.retries.saturating_add(1))
    }

    /// Assets that one file may use up in one run.
    pub(crate) fn assets(&self) -> u32 {
        self.tries(3)
    }

    /// How long a pause is this time.
    pub(crate) fn length(&self, pause: Pause) -> Duration {
        self.backoff(pause.attempt).max(self.scaled(pause.at_least))
    }

    /// The delay after failed attempt number `attempt` (from 1), with full jitter: uniform between
    /// nothing and the exponential bound, so that files that failed together do not return together.
    fn backoff(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(16);
        let bound = self
            .delay
            .saturating_mul(1 << doublings)
            .min(self.max_delay);
        bound.mul_f64(fastrand::f64())
    }

    /// A fixed time of the rules, which are written for the default delay of 1 s, at this policy's
    /// scale.
    pub(crate) fn scaled(&self, at_one_second: Duration) -> Duration {
        at_one_second.mul_f64(self.delay.as_secs_f64())
    }
}

#[cfg(test)]
mod tests;
