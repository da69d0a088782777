//! How many uploads at once fill the line: hill climbing on goodput, with hysteresis. Pure: it is
//! fed with samples and gives numbers.
//!
//! The goodput of a number is measured over a window; then twice as many are tried. Only a gain that
//! is clear beside the noise (or likely, where no window evens the noise out) keeps the new number, so that what is chosen carries nearly as much as
//! anything more would; the climb goes on for as long as doubling pays. Where uploads wait for
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

/// As much as that is worth it where more of it is chance.
const LARGE_GAIN: f64 = 1.2;

/// A trial that could not be judged for so long is given up.
const LONGEST_TRIAL: Duration = Duration::from_secs(90);

/// Between two searches; twice as long after each that changed nothing.
const REST: Duration = Duration::from_secs(60);
const LONGEST_REST: Duration = Duration::from_secs(600);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

#[derive(Debug)]
enum Phase {
    /// The number in use is measured.
    Base,
    /// The number in use is held against `from`, which carried `base`.
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
    machine: Way,
    phase: Phase,
    settling: Warmup,
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
            machine: Way::Up,
            phase: Phase::Base,
            settling: Warmup::of_new(seed, seed),
            window: Window::default(),
            lasted: Duration::ZERO,
            rest: REST,
        }
    }

    /// The number in use.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// Takes a sample in; gives what follows from it, if anything does.
    pub(super) fn take(&mut self, sample: Sample) -> Vec<ConcurrencyChange> {
        // With slots to spare there is too little to do: nothing can be learnt.
        if sample.taken < self.slots || sample.span.is_zero() {
            return Vec::new();
        }
        self.lasted += sample.span;
        let settles = self.settling.goes_on(&sample);
        // Uploads that are too many by now go on to their end: what they carry is not this number's.
        let tells = !settles && sample.taken == self.slots && !self.stalls(&sample);
        if tells {
            self.window.add(&sample);
        }
        match self.phase {
            Phase::Base => self.judge_base(),
            Phase::Trial { from, base } => self.judge_trial(from, base),
            Phase::Rest { left, best } => self.judge_rest(left.saturating_sub(sample.span), best),
        }
    }

    /// A number with more stalled uploads than there were before would be judged by them.
    fn stalls(&self, sample: &Sample) -> bool {
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
            return vec![self.stay(self.slots, base, why)];
        }
        let wanted = match self.machine {
            Way::Up => (self.slots * 2).min(self.most),
            Way::Down => (self.slots / 2).max(1),
        };
        if wanted == self.slots {
            return vec![self.stay(self.slots, base, ChangeReason::Most)];
        }
        vec![self.go_to(wanted, base)]
    }

    fn judge_trial(&mut self, from: usize, base: Goodput) -> Vec<ConcurrencyChange> {
        let Some(tried) = self.window.goodput(self.slots) else {
            let given_up = self.lasted >= LONGEST_TRIAL;
            let back = given_up.then(|| self.stay(from, base, ChangeReason::Unclear));
            return back.into_iter().collect();
        };
        let bound = tried.bound_by(self.slots);
        if is_gain(&tried, &base) || self.is_worth_more(&tried, &base) {
            return self.go_on(tried, bound);
        }
        if let (Some(why), Way::Up) = (bound, self.machine) {
            return vec![self.stay(from, base, why)];
        }
        if !self.window.is_conclusive() && !is_gain(&base, &tried) {
            return Vec::new();
        }
        if self.machine == Way::Down && from > self.seed && tried.rate >= base.rate {
            self.rest = REST;
            return vec![self.stay(self.slots, tried, ChangeReason::Better)];
        }
        // A base that was measured too good shows in the rest, held against the better of the two.
        let best = if tried.rate > base.rate { tried } else { base };
        vec![self.stay(from, best, ChangeReason::NoGain(self.slots))]
    }

    /// Where the line's waves are longer than any window, a gain that is likely has to do: uploads
    /// that are too many cost little, a line that is not filled much.
    fn is_worth_more(&self, tried: &Goodput, base: &Goodput) -> bool {
        let last_word = self.machine == Way::Up && self.window.is_longest();
        last_word && tried.rate > base.rate * LARGE_GAIN && tried.is_likely_above(base)
    }

    /// What was tried carries more: it is kept, and a climb goes on.
    fn go_on(&mut self, tried: Goodput, bound: Option<ChangeReason>) -> Vec<ConcurrencyChange> {
        self.rest = REST;
        match bound {
            Some(why) => vec![self.stay(self.slots, tried, why)],
            None if self.machine == Way::Down => {
                vec![self.stay(self.slots, tried, ChangeReason::Better)]
            }
            None => {
                let better = choice(self.slots, tried, ChangeReason::Better);
                let mut choices = vec![better];
                choices.extend(self.judge_base());
                choices
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
            self.machine = Way::Up;
            return self.judge_base();
        }
        if self.window.is_longest() {
            self.window = Window::default();
        }
        Vec::new()
    }

    /// Tries another number.
    fn go_to(&mut self, wanted: usize, base: Goodput) -> ConcurrencyChange {
        let from = self.slots;
        self.slots = wanted;
        let settling = match wanted.saturating_sub(from) {
            0 => Warmup::of_none(),
            new => Warmup::of_new(new, wanted),
        };
        self.measure(Phase::Trial { from, base }, settling);
        choice(wanted, base, ChangeReason::Trial)
    }

    /// Stays with a number for a while.
    fn stay(&mut self, slots: usize, best: Goodput, why: ChangeReason) -> ConcurrencyChange {
        self.slots = slots;
        let left = self.rest;
        self.measure(Phase::Rest { left, best }, Warmup::of_none());
        self.rest = (self.rest * 2).min(LONGEST_REST);
        self.machine = match self.machine {
            Way::Up => Way::Down,
            Way::Down => Way::Up,
        };
        choice(slots, best, why)
    }

    fn measure(&mut self, phase: Phase, settling: Warmup) {
        self.phase = phase;
        self.settling = settling;
        self.window = Window::default();
        self.lasted = Duration::ZERO;
    }
}

fn is_gain(tried: &Goodput, base: &Goodput) -> bool {
    tried.rate > base.rate * GAIN && tried.is_clearly_above(base)
}

fn choice(slots: usize, goodput: Goodput, why: ChangeReason) -> ConcurrencyChange {
    ConcurrencyChange {
        slots,
        bytes_per_second: goodput.rate,
        why,
    }
}
