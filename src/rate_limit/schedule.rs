//! When one endpoint's next call may leave, and what answers change about that. Waits for nothing:
//! it says how long to.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::RateLimitPolicy;
use super::cooldown::Cooldown;
use super::latency::LatencyWindow;
use super::rate::{AdaptiveRate, RefusedCall};
use super::starts::Starts;

/// Waiting for the answer before the next call leaves costs a round trip a call. Up to a twentieth
/// of a period that is the price of never being refused; where it is more, calls may overlap.
const MANY_ROUND_TRIPS: u32 = 20;

/// At the documented limit or below calls never overlap, however slow the line: refusals are dearer
/// there than time.
const DOCUMENTED_PERIOD: Duration = Duration::from_secs(1);

/// When one endpoint's calls leave: as the rate, the hold and the answers so far have it.
#[derive(Debug)]
pub(super) struct Schedule {
    rate: AdaptiveRate,
    cooldown: Cooldown,
    starts: Starts,
    not_before: Instant,
    latency: LatencyWindow,
    /// Calls let through in the last second, while there is no limit.
    let_through: VecDeque<Instant>,
    throttled_since: Option<Instant>,
}

/// What a throttle answer led to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slowdown {
    /// How long the endpoint is held, from now.
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
            starts: Starts::new(rate.gap()),
            not_before: later(wait),
            latency: LatencyWindow::default(),
            let_through: VecDeque::new(),
            throttled_since: None,
            rate,
        }
    }

    /// No call leaves for so long from now.
    pub(super) fn wait(&mut self, wait: Duration) {
        self.not_before = later(wait);
    }

    /// Since when every call was answered by a throttle answer; `None` when the last was not.
    pub(super) fn throttled_since(&self) -> Option<Instant> {
        self.throttled_since
    }

    /// A short call was answered after this time.
    pub(super) fn note(&mut self, round_trip: Duration) {
        self.latency.note(round_trip);
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

    /// Lets the next call leave, or tells when to ask again.
    pub(super) fn dispatch_now(&self) -> Result<Dispatch, Instant> {
        let now = Instant::now();
        let ready = self.ready_at();
        if ready > now {
            return Err(ready);
        }
        self.starts.take().map_err(later)?;
        Ok(Dispatch {
            at: now,
            limited: !self.rate.is_unlimited(),
            overlaps: self.overlaps(),
            at_lowest: self.rate.is_lowest(),
        })
    }

    /// When the hold and the period are over.
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
        // What was under way when a hold began is answered for the same excess: it lowers nothing.
        if self.cooldown.comes_after(call.at) {
            self.cooldown.ask(now, retry_after);
        } else {
            self.throttled_since.get_or_insert(now);
            self.cooldown.begin(now, retry_after);
            let cause = self.cause(call, now);
            self.rate.refused(cause);
            self.let_through.clear();
            self.starts.change(self.rate.gap());
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

    /// The answer to a call was another one. Gives the rate, where it was raised.
    pub(super) fn passed(&mut self, call: Dispatch) -> Option<f64> {
        if self.cooldown.comes_after(call.at) {
            return None;
        }
        let (now, before) = (Instant::now(), self.rate.now());
        self.throttled_since = None;
        self.cooldown.relax();
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

/// So long from now, or as good as never.
fn later(wait: Duration) -> Instant {
    /// Longer than any run, and short enough for every clock.
    const NEVER: Duration = Duration::from_secs(86_400 * 365 * 30);
    Instant::now() + wait.min(NEVER)
}
