//! How many retries a run can afford: when much fails, retries must not become most of the calls.
//! Knows neither files nor faults.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// What a run may spend on retries before anything has succeeded.
const TOKENS: f64 = 100.0;

/// What a success earns and a retry costs.
const EARNED: f64 = 0.5;
const COST: f64 = 1.0;

/// The retries that all files of a run may spend. Empty means wait, never a failed row.
#[derive(Debug)]
pub(crate) struct Budget {
    tokens: Mutex<f64>,
    earned: Notify,
    /// How long a retry waits at most: where nothing succeeds at all, some retry must find out when
    /// that has changed.
    longest: Duration,
}

impl Budget {
    /// A full budget, in which a retry waits no longer than `longest`.
    pub(crate) fn new(longest: Duration) -> Self {
        Self {
            tokens: Mutex::new(TOKENS),
            earned: Notify::new(),
            longest,
        }
    }

    /// A call succeeded.
    pub(crate) fn earn(&self) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = (*tokens + EARNED).min(TOKENS);
        if *tokens >= COST {
            self.earned.notify_one();
        }
    }

    /// Pays for a retry; waits for successes of others when the budget is empty.
    ///
    /// # Cancellation
    /// Dropping the future pays nothing.
    pub(crate) async fn spend(&self) {
        let deadline = Instant::now() + self.longest;
        while !self.take() {
            let earned = tokio::time::timeout_at(deadline, self.earned.notified());
            if earned.await.is_err() {
                return;
            }
        }
    }

    fn take(&self) -> bool {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *tokens >= COST;
        if enough {
            *tokens -= COST;
        }
        enough
    }
}

#[cfg(test)]
mod tests;
