//! One endpoint's rate: lowered when calls are refused, raised again by calls that are not.
//!
//! Additive increase, multiplicative decrease (AIMD), as congestion control does it (RFC 5681).
//! Pure arithmetic: instants are passed in, and no clock is read.

use std::time::Duration;

use tokio::time::Instant;

/// What a refusal leaves of the rate.
const LOWERED: f64 = 0.7;

/// What clean time adds to the rate, as a share of the rate that was set.
const STEP: f64 = 0.05;

/// How much clean time a step takes.
const CLEAN: Duration = Duration::from_secs(30);

/// How much longer it takes to come back to a rate that was refused: near the limit each step too
/// many is a refusal.
const WARY: u32 = 4;

/// The lowest rate, in calls a second, unless a lower one was set.
const LOWEST: f64 = 0.2;

/// With so many calls let through between two refusals, jitter is a likelier cause than the rate:
/// a rate above the limit is refused every few calls.
const RARE: u32 = 16;

/// Why a refused call may have come too early.
#[derive(Debug, Clone, Copy)]
pub(super) struct RefusedCall {
    /// By how much the line may have brought this call and the one before it closer; zero where the
    /// one before had been answered, since then it cannot have.
    pub(super) jitter: Duration,
    /// Calls let through in the last second: the rate to begin with where there was none.
    pub(super) let_through: u32,
}

/// Calls a second, as adapted so far.
#[derive(Debug, Clone)]
pub(super) struct AdaptiveRate {
    set: f64,
    now: f64,
    guard: Duration,
    /// The lowest rate that was refused and has not been kept up since.
    too_fast: Option<f64>,
    clean: Duration,
    last: Option<Instant>,
    passed: u32,
}

impl AdaptiveRate {
    /// Starts at `set` calls a second; 0 means no limit until a refusal shows that there is one.
    pub(super) fn new(set: f64) -> Self {
        Self {
            set,
            now: set,
            guard: Duration::ZERO,
            too_fast: None,
            clean: Duration::ZERO,
            last: None,
            passed: 0,
        }
    }

    /// The present rate; 0 means no limit.
    pub(super) fn now(&self) -> f64 {
        self.now
    }

    pub(super) fn is_unlimited(&self) -> bool {
        self.now <= 0.0
    }

    /// Whether a refusal cannot lower it further.
    pub(super) fn is_lowest(&self) -> bool {
        !self.is_unlimited() && self.now <= self.lowest()
    }

    /// The time between two calls; zero without a limit.
    pub(super) fn period(&self) -> Duration {
        if self.is_unlimited() {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(1.0 / self.now).unwrap_or(Duration::MAX)
    }

    /// The time between the starts of two calls that may be under way together: a period, and what
    /// has been found to be needed against the line's jitter.
    pub(super) fn gap(&self) -> Duration {
        self.period().saturating_add(self.guard)
    }

    /// A call was refused that left at this rate.
    ///
    /// Refusals that jitter explains widen the guard alone: cutting a rate that is right by a third
    /// would cost minutes, and it would meet the same jitter again on its way back.
    pub(super) fn refused(&mut self, cause: RefusedCall) {
        if self.is_unlimited() {
            self.now = f64::from(cause.let_through.max(1));
        } else if let Some(guard) = self.wider_guard(cause.jitter) {
            self.guard = guard;
        } else {
            self.too_fast = Some(self.too_fast.unwrap_or(self.now).min(self.now));
            self.now = (self.now * LOWERED).max(self.lowest());
        }
        self.clean = Duration::ZERO;
        self.last = None;
        self.passed = 0;
    }

    /// A call was let through that left after the last refusal. Returns whether the rate or the guard
    /// changed.
    pub(super) fn passed(&mut self, at: Instant) -> bool {
        self.passed = self.passed.saturating_add(1);
        if self.is_unlimited() {
            return false;
        }
        // A call stands for the time around it: a minute without calls proves nothing.
        let since = self.last.map_or(Duration::ZERO, |last| at - last);
        self.clean += since.min(self.gap().saturating_mul(2));
        self.last = Some(at);
        if self.clean < self.clean_time_needed() {
            return false;
        }
        self.too_fast = self.too_fast.filter(|rate| *rate > self.now);
        self.clean = Duration::ZERO;
        let (before, faster) = (self.gap(), self.faster());
        if faster > self.now {
            self.now = faster;
        } else {
            self.guard = self.guard.mul_f64(1.0 - STEP);
        }
        self.gap() != before
    }

    /// The clean time that the next step takes.
    fn clean_time_needed(&self) -> Duration {
        match self.too_fast {
            Some(rate) if self.now < rate && self.faster() >= rate => CLEAN * WARY,
            _ => CLEAN,
        }
    }

    /// The rate a step up; as it is, where it is what was set.
    fn faster(&self) -> f64 {
        if self.set > 0.0 {
            (self.now + STEP * self.set).min(self.set)
        } else {
            self.now * (1.0 + STEP)
        }
    }

    /// The guard that would have kept jitter from this refusal; `None` where it was not jitter.
    fn wider_guard(&self, jitter: Duration) -> Option<Duration> {
        let first = jitter / 2;
        if self.guard < first {
            return Some(first);
        }
        let wider = (self.guard + self.guard / 4).min(jitter);
        (self.passed >= RARE && wider > self.guard).then_some(wider)
    }

    fn lowest(&self) -> f64 {
        if self.set > 0.0 {
            LOWEST.min(self.set)
        } else {
            LOWEST
        }
    }
}

#[cfg(test)]
mod tests;
