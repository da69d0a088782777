//! One endpoint's queue: first come, first served, no burst, one cooldown for all. Does not know what
//! is called.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::policy::RateLimitPolicy;
use super::schedule::{Dispatch, Schedule, Slowdown};

/// Admits calls to one endpoint, in the order in which they asked.
///
/// The queue is tokio's fair mutex; dropping a place leaves it. The first in it waits for the answer
/// to the call before, where calls do not overlap, and for what [`Schedule`] says.
#[derive(Debug)]
pub(super) struct EndpointLimiter {
    queue: Mutex<()>,
    in_flight: Semaphore,
    schedule: std::sync::Mutex<Schedule>,
}

/// The right to make one call. Until the call [leaves](Permit::call_leaves), or the upload [has
/// begun](Permit::upload_begun), or the permit ends, it keeps the next one waiting.
#[derive(Debug)]
#[must_use = "a permit that is dropped unused has cost its place"]
pub(super) struct Permit<'a> {
    limiter: &'a EndpointLimiter,
    place: Option<tokio::sync::MutexGuard<'a, ()>>,
    _in_flight: Option<SemaphorePermit<'a>>,
    dispatch: Dispatch,
}

impl EndpointLimiter {
    /// A limiter for `rate` calls a second; 0 means no limit.
    pub(super) fn new(rate: f64, policy: RateLimitPolicy) -> Self {
        Self {
            queue: Mutex::new(()),
            in_flight: Semaphore::new(policy.in_flight.get().min(Semaphore::MAX_PERMITS)),
            schedule: std::sync::Mutex::new(Schedule::new(rate, &policy)),
        }
    }

    /// Waits for a permit. Dropping the future leaves the queue.
    pub(super) async fn acquire(&self) -> Permit<'_> {
        let place = self.queue.lock().await;
        // The semaphore is never closed, so it grants a permit.
        let in_flight = if self.schedule().is_unlimited() {
            self.in_flight.acquire().await.ok()
        } else {
            None
        };
        let dispatch = loop {
            let dispatch = self.schedule().dispatch_now();
            match dispatch {
                Ok(dispatch) => break dispatch,
                Err(ready) => tokio::time::sleep_until(ready).await,
            }
        };
        Permit {
            limiter: self,
            // Without a limit no call need wait for another.
            place: dispatch.limited.then_some(place),
            _in_flight: in_flight,
            dispatch,
        }
    }

    /// Since when every call was answered by a throttle answer; `None` when the last was not.
    pub(super) fn throttled_since(&self) -> Option<Instant> {
        self.schedule().throttled_since()
    }

    /// Waits until the queue is empty, no answer is outstanding and the period is over, without taking
    /// a permit. Where calls overlap it may be early by a gap.
    pub(super) async fn ready(&self) {
        loop {
            let ready = {
                let _place = self.queue.lock().await;
                self.schedule().ready_at()
            };
            if ready <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(ready).await;
        }
    }

    /// A short call was answered after this time.
    pub(super) fn observe_latency(&self, round_trip: Duration) {
        self.schedule().observe_latency(round_trip);
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// A short call leaves: where calls may overlap, the next one need not wait for its answer.
    pub(super) fn call_leaves(&mut self) {
        if self.dispatch.overlaps {
            self.place = None;
        }
    }

    /// An upload's connection asked for the first byte: the next one may go on.
    pub(super) fn upload_begun(&mut self) {
        let wait = self.limiter.schedule().guarded_period(self.dispatch);
        self.release_place(wait);
    }

    /// The answer was to slow down.
    pub(super) fn throttled(self, retry_after: Option<Duration>) -> Slowdown {
        self.limiter
            .schedule()
            .throttled(self.dispatch, retry_after)
    }

    /// The answer was another one. Returns the rate, where it was raised.
    pub(super) fn passed(self) -> Option<f64> {
        self.limiter.schedule().passed(self.dispatch)
    }

    fn release_place(&mut self, wait: Duration) {
        // In this order: the next in the queue reads the time as soon as the place is free.
        if let Some(place) = self.place.take() {
            self.limiter.schedule().pause(wait);
            drop(place);
        }
    }
}

/// Counting from the answer makes it impossible, not just rare, that jitter on the line brings two
/// arrivals closer than a period; the cost is one round trip a call. A call that was dropped or lost
/// counts as well: it may have arrived.
impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let period = self.limiter.schedule().period();
        self.release_place(period);
    }
}
