//! How many uploads at once fill the line: hill climbing on goodput, with hysteresis. Pure: samples
//! in, numbers out.
//!
//! The goodput of a number is measured over a window; then twice as many are tried. Only a gain that
//! is clear beside the noise (or likely, where no window evens the noise out) keeps the new number, so
//! that what is chosen carries nearly as much as anything more would; the climb continues for as
//! long as doubling pays. Where uploads wait for
//! something else than the line (the account's limits, the disk, `--bandwidth`) more of them would
//! wait, too: nothing is tried.
//!
//! After the climb comes a rest. Where the number carries clearly less then than was measured, the
//! measurement was too good or the line has changed, and the climb is taken up at once. Otherwise
//! the question is asked again after the rest, upwards and downwards in turn.

use std::time::Duration;

use super::sample::Sample;
use super::warmup::Warmup;
use super::window::{Goodput, Window};
use crate::event::{ChangeReason, ConcurrencyChange};

/// A number is left for another only where that one carries so much more.
const GAIN: f64 = 1.03;

/// So much more is enough where it is likely but not certain.
const LARGE_GAIN: f64 = 1.2;

/// A trial that could not be judged for so long is given up.
const LONGEST_TRIAL: Duration = Duration::from_secs(90);

/// Between two searches; twice as long after each that changed nothing.
const REST: Duration = Duration::from_secs(60);
const LONGEST_REST: Duration = Duration::from_secs(600);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

#[derive(Debug)]
enum Phase {
    /// The number in use is measured.
    Base,
    /// The number in use is compared with `from`, which carried `base`.
    Trial { from: usize, base: Goodput },
    /// Nothing is tried while the number in use carries what the line did: `best`.
    Rest { left: Duration, best: Goodput },
}

/// The search.
#[derive(Debug)]
pub(super) struct HillClimb {
    slots: usize,
    seed: usize,
    most: usize,
    direction: Direction,
    phase: Phase,
    warmup: Warmup,
    window: Window,
    lasted: Duration,
    rest: Duration,
}

impl HillClimb {
    pub(super) fn new(seed: usize, most: usize) -> Self {
        Self {
            slots: seed,
            seed,
            most,
            direction: Direction::Up,
            phase: Phase::Base,
            warmup: Warmup::of_new(seed, seed),
            window: Window::default(),
            lasted: Duration::ZERO,
            rest: REST,
        }
    }

    /// The number in use.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// Takes a sample in. Returns what changes for it, if anything does.
    pub(super) fn observe(&mut self, sample: Sample) -> Vec<ConcurrencyChange> {
        // With slots to spare there is too little to do: nothing can be learnt.
        if sample.taken < self.slots || sample.span.is_zero() {
            return Vec::new();
        }
        self.lasted += sample.span;
        let warms_up = self.warmup.covers(&sample);
        // Uploads that are too many by now run to their end: what they carry is not this number's.
        let counts = !warms_up && sample.taken == self.slots && !self.has_stalled(&sample);
        if counts {
            self.window.add(&sample);
        }
        match self.phase {
            Phase::Base => self.judge_base(),
            Phase::Trial { from, base } => self.judge_trial(from, base),
            Phase::Rest { left, best } => self.judge_rest(left.saturating_sub(sample.span), best),
        }
    }

    /// A number with more stalled uploads than there were before would be judged by them.
    fn has_stalled(&self, sample: &Sample) -> bool {
        match self.phase {
            Phase::Base => false,
            Phase::Trial { base, .. } => sample.stalled > base.stalled,
            Phase::Rest { best, .. } => sample.stalled > best.stalled,
        }
    }

    fn judge_base(&mut self) -> Vec<ConcurrencyChange> {
        let Some(base) = self.window.goodput(self.slots) else {
            return Vec::new();
        };
        if let Some(why) = base.bound_by(self.slots) {
            return vec![self.rest_at(self.slots, base, why)];
        }
        let wanted = match self.direction {
            Direction::Up => (self.slots * 2).min(self.most),
            Direction::Down => (self.slots / 2).max(1),
        };
        if wanted == self.slots {
            return vec![self.rest_at(self.slots, base, ChangeReason::Most)];
        }
        vec![self.try_number(wanted, base)]
    }

    fn judge_trial(&mut self, from: usize, base: Goodput) -> Vec<ConcurrencyChange> {
        let Some(tried) = self.window.goodput(self.slots) else {
            let given_up = self.lasted >= LONGEST_TRIAL;
            let back = given_up.then(|| self.rest_at(from, base, ChangeReason::Unclear));
            return back.into_iter().collect();
        };
        let bound = tried.bound_by(self.slots);
        if is_gain(&tried, &base) || self.is_worth_more(&tried, &base) {
            return self.keep(tried, bound);
        }
        if let (Some(why), Direction::Up) = (bound, self.direction) {
            return vec![self.rest_at(from, base, why)];
        }
        if !self.window.is_conclusive() && !is_gain(&base, &tried) {
            return Vec::new();
        }
        if self.direction == Direction::Down && from > self.seed && tried.rate >= base.rate {
            self.rest = REST;
            return vec![self.rest_at(self.slots, tried, ChangeReason::Better)];
        }
        // A base that was measured too good shows in the rest, which is compared with the better one.
        let best = if tried.rate > base.rate { tried } else { base };
        vec![self.rest_at(from, best, ChangeReason::NoGain(self.slots))]
    }

    /// Where the line's waves are longer than any window, a gain that is likely has to do: uploads
    /// that are too many cost little, a line that is not filled much.
    fn is_worth_more(&self, tried: &Goodput, base: &Goodput) -> bool {
        let is_last = self.direction == Direction::Up && self.window.is_longest();
        is_last && tried.rate > base.rate * LARGE_GAIN && tried.is_likely_above(base)
    }

    /// What was tried carries more: it is kept, and a climb continues.
    fn keep(&mut self, tried: Goodput, bound: Option<ChangeReason>) -> Vec<ConcurrencyChange> {
        self.rest = REST;
        match bound {
            Some(why) => vec![self.rest_at(self.slots, tried, why)],
            None if self.direction == Direction::Down => {
                vec![self.rest_at(self.slots, tried, ChangeReason::Better)]
            }
            None => {
                let better = change(self.slots, tried, ChangeReason::Better);
                let mut changes = vec![better];
                changes.extend(self.judge_base());
                changes
            }
        }
    }

    fn judge_rest(&mut self, left: Duration, best: Goodput) -> Vec<ConcurrencyChange> {
        if left.is_zero() {
            self.measure(Phase::Base, Warmup::of_none());
            return Vec::new();
        }
        self.phase = Phase::Rest { left, best };
        let Some(now) = self.window.goodput(self.slots) else {
            return Vec::new();
        };
        if now.bound_by(self.slots).is_none() && is_gain(&best, &now) {
            self.direction = Direction::Up;
            return self.judge_base();
        }
        if self.window.is_longest() {
            self.window = Window::default();
        }
        Vec::new()
    }

    /// Tries another number.
    fn try_number(&mut self, wanted: usize, base: Goodput) -> ConcurrencyChange {
        let from = self.slots;
        self.slots = wanted;
        let warmup = match wanted.saturating_sub(from) {
            0 => Warmup::of_none(),
            new => Warmup::of_new(new, wanted),
        };
        self.measure(Phase::Trial { from, base }, warmup);
        change(wanted, base, ChangeReason::Trial)
    }

    /// Leaves it at a number for a while.
    fn rest_at(&mut self, slots: usize, best: Goodput, why: ChangeReason) -> ConcurrencyChange {
        self.slots = slots;
        let left = self.rest;
        self.measure(Phase::Rest { left, best }, Warmup::of_none());
        self.rest = (self.rest * 2).min(LONGEST_REST);
        self.direction = match self.direction {
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
        };
        change(slots, best, why)
    }

    fn measure(&mut self, phase: Phase, warmup: Warmup) {
        self.phase = phase;
        self.warmup = warmup;
        self.window = Window::default();
        self.lasted = Duration::ZERO;
    }
}

fn is_gain(tried: &Goodput, base: &Goodput) -> bool {
    tried.rate > base.rate * GAIN && tried.is_clearly_above(base)
}

fn change(slots: usize, goodput: Goodput, why: ChangeReason) -> ConcurrencyChange {
    ConcurrencyChange {
        slots,
        bytes_per_second: goodput.rate,
        why,
    }
}

#[cfg(test)]
mod tests;
