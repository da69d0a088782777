//! One endpoint's turnstile: first come, first served, no burst, one hold for everybody.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::hold::{Hold, HoldPolicy};
use super::rate::{Cause, Rate};
use super::round_trips::RoundTrips;
use super::starts::Starts;
use crate::retry::OutagePolicy;

/// Waiting for the answer before the next call leaves costs a round trip a call. Up to a twentieth
/// of a period that is the price of never being refused; where it is more, calls may overlap.
const MANY_ROUND_TRIPS: u32 = 20;

/// At the documented limit or below calls never overlap, however slow the line: refusals are dearer
/// there than time.
const DOCUMENTED_PERIOD: Duration = Duration::from_secs(1);

/// What an endpoint is asked to keep to.
#[derive(Debug, Clone, Copy)]
pub struct PacePolicy {
    /// The pauses after throttle answers.
    pub hold: HoldPolicy,
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
/// hold, for the answer to the call before where calls do not overlap, and for [`Starts`].
#[derive(Debug)]
pub(super) struct Pacer {
    queue: Mutex<()>,
    in_flight: Semaphore,
    state: std::sync::Mutex<State>,
}

#[derive(Debug)]
struct State {
    rate: Rate,
    hold: Hold,
    starts: Starts,
    not_before: Instant,
    round_trips: RoundTrips,
    /// Calls let through in the last second, while there is no limit.
    let_through: VecDeque<Instant>,
    throttled_since: Option<Instant>,
}

/// What a throttle answer led to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Throttle {
    /// How long the endpoint is held, from now.
    pub(super) pause: Duration,
    /// The new rate, in calls a second.
    pub(super) rate: f64,
    /// The refused call had left at the lowest rate.
    pub(super) at_lowest: bool,
}

/// How a call left.
#[derive(Debug, Clone, Copy)]
struct Departure {
    at: Instant,
    limited: bool,
    overlaps: bool,
    at_lowest: bool,
}

/// The right to make one call. Until it [sets off](Turn::set_off) or [has begun](Turn::begun), or
/// ends, it keeps the next one waiting.
#[derive(Debug)]
#[must_use = "a turn that is dropped unused has cost its place"]
pub(super) struct Turn<'a> {
    pacer: &'a Pacer,
    place: Option<tokio::sync::MutexGuard<'a, ()>>,
    _permit: Option<SemaphorePermit<'a>>,
    departure: Departure,
}

impl Pacer {
    /// A pacer for `rate` calls a second; 0 means no limit.
    pub(super) fn new(rate: f64, policy: PacePolicy) -> Self {
        let rate = Rate::new(rate);
        let wait = if policy.resumed {
            rate.period()
        } else {
            Duration::ZERO
        };
        let state = State {
            hold: Hold::new(policy.hold),
            starts: Starts::new(rate.gap()),
            not_before: later(wait),
            round_trips: RoundTrips::default(),
            let_through: VecDeque::new(),
            throttled_since: None,
            rate,
        };
        Self {
            queue: Mutex::new(()),
            in_flight: Semaphore::new(policy.in_flight.get().min(Semaphore::MAX_PERMITS)),
            state: std::sync::Mutex::new(state),
        }
    }

    /// Waits for a turn. Dropping the future gives the place up.
    pub(super) async fn turn(&self) -> Turn<'_> {
        let place = self.queue.lock().await;
        // A semaphore that nobody closes gives a permit.
        let permit = if self.state().rate.is_unlimited() {
            self.in_flight.acquire().await.ok()
        } else {
            None
        };
        let departure = loop {
            let departure = self.state().depart();
            match departure {
                Ok(departure) => break departure,
                Err(ready) => tokio::time::sleep_until(ready).await,
            }
        };
        Turn {
            pacer: self,
            // Without a limit nobody need wait for another.
            place: departure.limited.then_some(place),
            _permit: permit,
            departure,
        }
    }

    /// Since when every call was answered by a throttle answer; `None` when the last was not.
    pub(super) fn throttled_since(&self) -> Option<Instant> {
        self.state().throttled_since
    }

    /// Waits until nobody waits, no answer is outstanding and the period is over, without taking
    /// a turn. Where calls overlap it may be early by a gap.
    pub(super) async fn ready(&self) {
        loop {
            let ready = {
                let _place = self.queue.lock().await;
                self.state().ready_at()
            };
            if ready <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(ready).await;
        }
    }

    /// A short call was answered after this time.
    pub(super) fn note(&self, round_trip: Duration) {
        self.state().round_trips.note(round_trip);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Lets the next call leave, or tells when to ask again.
    fn depart(&self) -> Result<Departure, Instant> {
        let now = Instant::now();
        let ready = self.ready_at();
        if ready > now {
            return Err(ready);
        }
        self.starts.take().map_err(later)?;
        Ok(Departure {
            at: now,
            limited: !self.rate.is_unlimited(),
            overlaps: self.overlaps(),
            at_lowest: self.rate.is_lowest(),
        })
    }

    /// When the hold and the period are over.
    fn ready_at(&self) -> Instant {
        self.hold
            .until()
            .map_or(self.not_before, |until| until.max(self.not_before))
    }

    fn overlaps(&self) -> bool {
        let period = self.rate.period();
        period < DOCUMENTED_PERIOD && period < self.round_trips.median() * MANY_ROUND_TRIPS
    }

    fn throttled(&mut self, call: Departure, retry_after: Option<Duration>) -> Throttle {
        let now = Instant::now();
        // What was under way when a hold began is answered for the same excess: it lowers nothing.
        if self.hold.comes_after(call.at) {
            self.hold.ask(now, retry_after);
        } else {
            self.throttled_since.get_or_insert(now);
            self.hold.begin(now, retry_after);
            let cause = self.cause(call, now);
            self.rate.refused(cause);
            self.let_through.clear();
            self.starts.change(self.rate.gap());
        }
        Throttle {
            pause: self.hold.until().map_or(Duration::ZERO, |end| end - now),
            rate: self.rate.now(),
            at_lowest: call.at_lowest,
        }
    }

    fn cause(&mut self, call: Departure, now: Instant) -> Cause {
        self.forget_old(now);
        Cause {
            jitter: if call.overlaps {
                self.round_trips.jitter()
            } else {
                Duration::ZERO
            },
            let_through: u32::try_from(self.let_through.len()).unwrap_or(u32::MAX),
        }
    }

    /// Gives the rate, where it changed.
    fn passed(&mut self, call: Departure) -> Option<f64> {
        if self.hold.comes_after(call.at) {
            return None;
        }
        let (now, before) = (Instant::now(), self.rate.now());
        self.throttled_since = None;
        self.hold.relax();
        if self.rate.is_unlimited() {
            self.forget_old(now);
            self.let_through.push_back(now);
        }
        if self.rate.passed(now) {
            self.starts.change(self.rate.gap());
        }
        let rate = self.rate.now();
        (rate > before).then_some(rate)
    }

    fn forget_old(&mut self, now: Instant) {
        let second = Duration::from_secs(1);
        while self
            .let_through
            .front()
            .is_some_and(|at| now - *at > second)
        {
            self.let_through.pop_front();
        }
    }
}

impl Turn<'_> {
    /// A short call leaves: where calls may overlap, the next one need not wait for its answer.
    pub(super) fn set_off(&mut self) {
        if self.departure.overlaps {
            self.place = None;
        }
    }

    /// An upload's connection asked for the first byte: the next one leaves a period from now, not
    /// from the answer, which may take hours. The longest round trip guards against jitter, which
    /// can bring the two closer; it costs no more than a period.
    pub(super) fn begun(&mut self) {
        let wait = {
            let state = self.pacer.state();
            let period = state.rate.period();
            if self.departure.overlaps {
                state.rate.gap()
            } else {
                period.saturating_add(state.round_trips.longest().min(period))
            }
        };
        self.give_up_place(wait);
    }

    /// The answer was to slow down.
    pub(super) fn throttled(self, retry_after: Option<Duration>) -> Throttle {
        self.pacer.state().throttled(self.departure, retry_after)
    }

    /// The answer was another one. Gives the rate, where it was raised.
    pub(super) fn passed(self) -> Option<f64> {
        self.pacer.state().passed(self.departure)
    }

    fn give_up_place(&mut self, wait: Duration) {
        // In this order: whoever is next looks at the time as soon as the place is free.
        if let Some(place) = self.place.take() {
            self.pacer.state().not_before = later(wait);
            drop(place);
        }
    }
}

/// Counting from the answer makes it impossible, not just rare, that jitter on the line brings two
/// arrivals closer than a period; the cost is one round trip a call. A call that was dropped or lost
/// counts as well: it may have arrived.
impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let period = self.pacer.state().rate.period();
        self.give_up_place(period);
    }
}

/// So long from now, or as good as never.
fn later(wait: Duration) -> Instant {
    /// Longer than any run, and short enough for every clock.
    const NEVER: Duration = Duration::from_secs(86_400 * 365 * 30);
    Instant::now() + wait.min(NEVER)
}
