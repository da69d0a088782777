//! The spacing of an endpoint's starts: governor, on tokio's clock.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::clock::TokioClock;

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>;

/// Spaces the starts of calls, without burst.
///
/// It is governor's part to see that no start, whoever asks for it and however its call ends, comes
/// sooner than a gap after the one before. governor knows no change of quota, so that a changed gap
/// takes a new limiter; it has no queue either, which [`super::EndpointLimiter`] puts in front.
#[derive(Debug)]
pub(super) struct Starts {
    gap: Duration,
    clock: TokioClock,
    limiter: Option<Limiter>,
}

impl Starts {
    /// Starts at least `gap` apart, the first at once; zero means no limit.
    pub(super) fn new(gap: Duration) -> Self {
        let clock = TokioClock::new();
        let limiter = Quota::with_period(gap).map(|quota| {
            Limiter::direct_with_clock(quota.allow_burst(NonZeroU32::MIN), clock.clone())
        });
        Self {
            gap,
            clock,
            limiter,
        }
    }

    /// Goes over to another gap. The next start is at least that long after this moment, and so
    /// after the last start too.
    pub(super) fn change(&mut self, gap: Duration) {
        if gap != self.gap {
            *self = Self::new(gap);
            let _ = self.take();
        }
    }

    /// Takes a start, or tells how long to wait before asking again.
    pub(super) fn take(&self) -> Result<(), Duration> {
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        limiter
            .check()
            .map_err(|early| early.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests;
