//! When one endpoint's next call may leave, and what answers change about that: the rate, the
//! cooldown, the spacing of the starts, and what the line was like lately. Waits for nothing: says how
//! long to.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use super::cooldown::Cooldown;
use super::policy::RateLimitPolicy;
use super::rate::{AdaptiveRate, RefusedCall};
use crate::clock::TokioClock;

/// Waiting for the answer before the next call leaves costs a round trip a call. Up to a twentieth
/// of a period that is the price of never being refused; where it is more, calls may overlap.
const MANY_ROUND_TRIPS: u32 = 20;

/// At the documented limit or below calls never overlap, however slow the line: refusals are dearer
/// there than time.
const DOCUMENTED_PERIOD: Duration = Duration::from_secs(1);

/// When one endpoint's calls leave, by its rate, its cooldown and the answers so far.
#[derive(Debug)]
pub(super) struct Schedule {
    rate: AdaptiveRate,
    cooldown: Cooldown,
    spacing: Spacing,
    not_before: Instant,
    latency: LatencyWindow,
    /// Calls let through in the last second, while there is no limit.
    let_through: VecDeque<Instant>,
    throttled_since: Option<Instant>,
}

/// What a throttle answer led to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slowdown {
    /// How long the endpoint rests, from now.
    pub(super) pause: Duration,
    /// The new rate, in calls a second.
    pub(super) rate: f64,
    /// The refused call had left at the lowest rate.
    pub(super) at_lowest: bool,
}

/// How a call left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dispatch {
    at: Instant,
    pub(super) limited: bool,
    pub(super) overlaps: bool,
    at_lowest: bool,
}

impl Schedule {
    pub(super) fn new(rate: f64, policy: &RateLimitPolicy) -> Self {
        let rate = AdaptiveRate::new(rate);
        let wait = if policy.resumed {
            rate.period()
        } else {
            Duration::ZERO
        };
        Self {
            cooldown: Cooldown::new(policy.cooldown),
            spacing: Spacing::new(rate.gap()),
            not_before: later(wait),
            latency: LatencyWindow::default(),
            let_through: VecDeque::new(),
            throttled_since: None,
            rate,
        }
    }

    /// No call leaves for so long from now.
    pub(super) fn pause(&mut self, pause: Duration) {
        self.not_before = later(pause);
    }

    /// Since when every call was answered by a throttle answer; `None` when the last was not.
    pub(super) fn throttled_since(&self) -> Option<Instant> {
        self.throttled_since
    }

    /// A short call was answered after this time.
    pub(super) fn observe_latency(&mut self, round_trip: Duration) {
        self.latency.add(round_trip);
    }

    pub(super) fn is_unlimited(&self) -> bool {
        self.rate.is_unlimited()
    }

    /// What the next call waits for behind the end of this one.
    pub(super) fn period(&self) -> Duration {
        self.rate.period()
    }

    /// What the next upload waits for once the connection of this one asked for the first byte: not
    /// for the answer, which may take hours. The longest round trip guards against jitter, which can
    /// bring the two closer; it costs no more than a period.
    pub(super) fn guarded_period(&self, call: Dispatch) -> Duration {
        if call.overlaps {
            return self.rate.gap();
        }
        let period = self.rate.period();
        period.saturating_add(self.latency.longest().min(period))
    }

    /// Lets the next call leave. The error: when to ask again.
    pub(super) fn dispatch_now(&self) -> Result<Dispatch, Instant> {
        let now = Instant::now();
        let ready = self.ready_at();
        if ready > now {
            return Err(ready);
        }
        self.spacing.take().map_err(later)?;
        Ok(Dispatch {
            at: now,
            limited: !self.rate.is_unlimited(),
            overlaps: self.overlaps(),
            at_lowest: self.rate.is_lowest(),
        })
    }

    /// When the cooldown and the period are over.
    pub(super) fn ready_at(&self) -> Instant {
        self.cooldown
            .until()
            .map_or(self.not_before, |until| until.max(self.not_before))
    }

    fn overlaps(&self) -> bool {
        let period = self.rate.period();
        period < DOCUMENTED_PERIOD && period < self.latency.median() * MANY_ROUND_TRIPS
    }

    /// The answer to a call was to slow down.
    pub(super) fn throttled(&mut self, call: Dispatch, retry_after: Option<Duration>) -> Slowdown {
        let now = Instant::now();
        // What was under way when a cooldown began is answered for the same excess: it lowers nothing.
        if self.cooldown.began_after(call.at) {
            self.cooldown.extend_as_asked(now, retry_after);
        } else {
            self.throttled_since.get_or_insert(now);
            self.cooldown.begin(now, retry_after);
            let cause = self.cause(call, now);
            self.rate.refused(cause);
            self.let_through.clear();
            self.spacing.change(self.rate.gap());
        }
        Slowdown {
            pause: self
                .cooldown
                .until()
                .map_or(Duration::ZERO, |end| end - now),
            rate: self.rate.now(),
            at_lowest: call.at_lowest,
        }
    }

    fn cause(&mut self, call: Dispatch, now: Instant) -> RefusedCall {
        self.forget_old(now);
        RefusedCall {
            jitter: if call.overlaps {
                self.latency.jitter()
            } else {
                Duration::ZERO
            },
            let_through: u32::try_from(self.let_through.len()).unwrap_or(u32::MAX),
        }
    }

    /// The answer to a call was another one. Returns the rate, where it was raised.
    pub(super) fn passed(&mut self, call: Dispatch) -> Option<f64> {
        if self.cooldown.began_after(call.at) {
            return None;
        }
        let (now, before) = (Instant::now(), self.rate.now());
        self.throttled_since = None;
        self.cooldown.reset();
        if self.rate.is_unlimited() {
            self.forget_old(now);
            self.let_through.push_back(now);
        }
        if self.rate.passed(now) {
            self.spacing.change(self.rate.gap());
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

/// So long from now, or as good as never.
fn later(wait: Duration) -> Instant {
    /// Longer than any run, and short enough for every clock.
    const NEVER: Duration = Duration::from_secs(86_400 * 365 * 30);
    Instant::now() + wait.min(NEVER)
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>;

/// The spacing of the starts of calls, without burst.
///
/// governor sees to it that no start, however its call ends, comes sooner than a gap after the one
/// before. It knows no change of quota, so that a changed gap takes a new limiter; it has no queue
/// either, which the endpoint's limiter puts in front.
#[derive(Debug)]
struct Spacing {
    gap: Duration,
    clock: TokioClock,
    limiter: Option<Limiter>,
}

impl Spacing {
    /// Starts at least `gap` apart, the first at once; zero means no limit.
    fn new(gap: Duration) -> Self {
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
    fn change(&mut self, gap: Duration) {
        if gap != self.gap {
            *self = Self::new(gap);
            let _ = self.take();
        }
    }

    /// Takes a start. The error: how long to wait before asking again.
    fn take(&self) -> Result<(), Duration> {
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        limiter
            .check()
            .map_err(|early| early.wait_time_from(self.clock.now()))
    }
}

/// Round trips remembered.
const REMEMBERED: usize = 32;

/// Fewer than these say little about how much they vary.
const ENOUGH: usize = 8;

/// How long an endpoint's short calls took lately.
#[derive(Debug, Default)]
struct LatencyWindow(VecDeque<Duration>);

impl LatencyWindow {
    fn add(&mut self, round_trip: Duration) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(round_trip);
    }

    /// The longest; zero while there are none.
    fn longest(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    /// The middle one, which a single slow answer does not move; zero while there are none.
    fn median(&self) -> Duration {
        let mut sorted: Vec<_> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    /// By how much the line can bring two calls closer, at most.
    fn jitter(&self) -> Duration {
        let longest = self.longest();
        if self.0.len() < ENOUGH {
            return longest;
        }
        longest.saturating_sub(self.0.iter().min().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
