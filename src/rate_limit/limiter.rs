//! One endpoint's turnstile: first come, first served, no burst, one hold for everybody.

use std::num::NonZeroUsize;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::cooldown::CooldownPolicy;
use super::schedule::{Dispatch, Schedule, Slowdown};
use crate::rate_limit::OutagePolicy;

/// What an endpoint is asked to keep to.
#[derive(Debug, Clone, Copy)]
pub struct RateLimitPolicy {
    /// The pauses after throttle answers.
    pub hold: CooldownPolicy,
    /// When the service counts as away.
    pub outage: OutagePolicy,
    /// Calls of one endpoint under way at once while it has no limit.
    pub in_flight: NonZeroUsize,
    /// An earlier run may have called just now: the first call waits a period.
    pub resumed: bool,
}

/// Admits calls to one endpoint, in the order in which they asked.
///
/// The queue is tokio's fair mutex; dropping a place gives it up. Whoever is first waits for the
/// answer to the call before where calls do not overlap, and for what [`Schedule`] says.
#[derive(Debug)]
pub(super) struct EndpointLimiter {
    queue: Mutex<()>,
    in_flight: Semaphore,
    departures: std::sync::Mutex<Schedule>,
}

/// The right to make one call. Until it [sets off](Turn::set_off) or [has begun](Turn::begun), or
/// ends, it keeps the next one waiting.
#[derive(Debug)]
#[must_use = "a turn that is dropped unused has cost its place"]
pub(super) struct Permit<'a> {
    pacer: &'a EndpointLimiter,
    place: Option<tokio::sync::MutexGuard<'a, ()>>,
    _in_flight: Option<SemaphorePermit<'a>>,
    departure: Dispatch,
}

impl EndpointLimiter {
    /// A pacer for `rate` calls a second; 0 means no limit.
    pub(super) fn new(rate: f64, policy: RateLimitPolicy) -> Self {
        Self {
            queue: Mutex::new(()),
            in_flight: Semaphore::new(policy.in_flight.get().min(Semaphore::MAX_PERMITS)),
            departures: std::sync::Mutex::new(Schedule::new(rate, &policy)),
        }
    }

    /// Waits for a turn. Dropping the future gives the place up.
    pub(super) async fn turn(&self) -> Permit<'_> {
        let place = self.queue.lock().await;
        // A semaphore that nobody closes gives a permit.
        let in_flight = if self.departures().is_unlimited() {
            self.in_flight.acquire().await.ok()
        } else {
            None
        };
        let departure = loop {
            let departure = self.departures().depart();
            match departure {
                Ok(departure) => break departure,
                Err(ready) => tokio::time::sleep_until(ready).await,
            }
        };
        Permit {
            pacer: self,
            // Without a limit nobody need wait for another.
            place: departure.limited.then_some(place),
            _in_flight: in_flight,
            departure,
        }
    }

    /// Since when every call was answered by a throttle answer; `None` when the last was not.
    pub(super) fn throttled_since(&self) -> Option<Instant> {
        self.departures().throttled_since()
    }

    /// Waits until nobody waits, no answer is outstanding and the period is over, without taking
    /// a turn. Where calls overlap it may be early by a gap.
    pub(super) async fn ready(&self) {
        loop {
            let ready = {
                let _place = self.queue.lock().await;
                self.departures().ready_at()
            };
            if ready <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(ready).await;
        }
    }

    /// A short call was answered after this time.
    pub(super) fn note(&self, round_trip: Duration) {
        self.departures().note(round_trip);
    }

    fn departures(&self) -> MutexGuard<'_, Schedule> {
        self.departures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// A short call leaves: where calls may overlap, the next one need not wait for its answer.
    pub(super) fn set_off(&mut self) {
        if self.departure.overlaps {
            self.place = None;
        }
    }

    /// An upload's connection asked for the first byte: the next one may go on.
    pub(super) fn begun(&mut self) {
        let wait = self.pacer.departures().guarded_period(self.departure);
        self.give_up_place(wait);
    }

    /// The answer was to slow down.
    pub(super) fn throttled(self, retry_after: Option<Duration>) -> Slowdown {
        self.pacer
            .departures()
            .throttled(self.departure, retry_after)
    }

    /// The answer was another one. Gives the rate, where it was raised.
    pub(super) fn passed(self) -> Option<f64> {
        self.pacer.departures().passed(self.departure)
    }

    fn give_up_place(&mut self, wait: Duration) {
        // In this order: whoever is next looks at the time as soon as the place is free.
        if let Some(place) = self.place.take() {
            self.pacer.departures().wait(wait);
            drop(place);
        }
    }
}

/// Counting from the answer makes it impossible, not just rare, that jitter on the line brings two
/// arrivals closer than a period; the cost is one round trip a call. A call that was dropped or lost
/// counts as well: it may have arrived.
impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let period = self.pacer.departures().period();
        self.give_up_place(period);
    }
}
