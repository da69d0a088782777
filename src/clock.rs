//! tokio's clock for governor, so that a paused test clock moves the limits as it moves the sleeps.
//!
//! Knows no time of day.

use std::time::Duration;

use governor::clock::Clock;
use tokio::time::Instant;

/// Time since the clock was made, as tokio counts it.
#[derive(Debug, Clone)]
pub(crate) struct TokioClock(Instant);

impl TokioClock {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
