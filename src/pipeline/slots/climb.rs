//! How many uploads at once fill the line: hill climbing on goodput, with hysteresis. Pure: it is
//! fed with samples and gives numbers.
//!
//! The goodput of a number is measured over a window; then twice as many are tried. Only a clear
//! gain keeps the new number, so that what is chosen carries nearly as much as anything more would.
//! Where uploads wait for something else than the line (the account's limits, the disk,
//! `--bandwidth`) more of them would wait, too: nothing is tried. After a rest the question is asked
//! again, upwards and downwards in turn, since lines change.

use std::fmt;
use std::time::Duration;

use super::window::{Goodput, Window};

/// A number is left for another only where that one carries so much more.
const GAIN: f64 = 1.05;

/// After a change, what is measured first is the change itself: connections are made and find their
/// speed.
const SETTLE: Duration = Duration::from_secs(2);

/// How much longer that takes for each new slot, at most: uploads may have to start one by one.
const SETTLE_A_SLOT: Duration = Duration::from_millis(1500);

/// A trial that could not be judged for so long is given up.
const LONGEST_TRIAL: Duration = Duration::from_secs(90);

/// Between two searches; twice as long after each that changed nothing.
const REST: Duration = Duration::from_secs(60);
const LONGEST_REST: Duration = Duration::from_secs(600);

/// What the uploads did since the sample before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) span: Duration,
    /// Bytes that the connections accepted.
    pub(super) bytes: u64,
    /// Slots in use.
    pub(super) taken: usize,
    pub(super) waiting: Waiting,
    /// Uploads that have not moved for a while, though nothing of ours holds them.
    pub(super) stalled: usize,
}

/// How many uploads wait for something else than the line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    /// For the account's limits.
    pub(super) paced: usize,
    /// For `--bandwidth`.
    pub(super) held: usize,
    /// For the disk.
    pub(super) starved: usize,
}

/// A number of slots, and why it is the right one as far as is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Uploads at once, from now on.
    pub slots: usize,
    /// What was measured before, in bytes a second.
    pub bytes_per_second: f64,
    /// What it follows from.
    pub why: Why,
}

/// What a choice follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// It is tried whether this many carry more, or as much.
    Trial,
    /// This many carry more than the number before, or as much where they are fewer.
    Better,
    /// The number that was tried carried no more.
    NoGain(usize),
    /// What was tried could not be judged: uploads stalled, or there was too little to do.
    Unclear,
    /// Uploads wait for the account's limits: more of them would wait, too.
    Account,
    /// Uploads wait for `--bandwidth`.
    Bandwidth,
    /// Uploads wait for the disk.
    Disk,
    /// There are never more.
    Most,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slots = self.slots;
        write!(f, "{slots} uploads at once: ")?;
        match self.why {
            Why::Trial => f.write_str("trying whether the line carries more"),
            Why::Better => f.write_str("the line carries more with them, or as much with fewer"),
            Why::NoGain(tried) => write!(f, "{tried} carried no more"),
            Why::Unclear => f.write_str("another number could not be judged"),
            Why::Account => f.write_str("uploads wait for the account's limits"),
            Why::Bandwidth => f.write_str("uploads wait for --bandwidth"),
            Why::Disk => f.write_str("uploads wait for the disk"),
            Why::Most => f.write_str("there are never more"),
        }
    }
}

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
    /// The number in use is measured once more, since `tried` carried no more than it did before:
    /// lines change, and new connections fill their buffers faster than the line.
    Check { tried: usize, carried: Goodput },
    /// Nothing is tried.
    Rest { left: Duration },
}

/// The search.
#[derive(Debug)]
pub(super) struct Climb {
    slots: usize,
    seed: usize,
    most: usize,
    way: Way,
    phase: Phase,
    /// How long the change may still take, and has to take at least.
    settling: Duration,
    at_least: Duration,
    window: Window,
    lasted: Duration,
    rest: Duration,
}

impl Climb {
    pub(super) fn new(seed: usize, most: usize) -> Self {
        Self {
            slots: seed,
            seed,
            most,
            way: Way::Up,
            phase: Phase::Base,
            settling: SETTLE + SETTLE_A_SLOT * count(seed),
            at_least: SETTLE,
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
    pub(super) fn take(&mut self, sample: Sample) -> Vec<Choice> {
        // With slots to spare there is too little to do: nothing can be learnt.
        if sample.taken < self.slots || sample.span.is_zero() {
            return Vec::new();
        }
        if let Phase::Rest { left } = &mut self.phase {
            *left = left.saturating_sub(sample.span);
            if left.is_zero() {
                self.measure(Phase::Base, Duration::ZERO);
            }
            return Vec::new();
        }
        self.lasted += sample.span;
        if self.is_settling(&sample) {
            return Vec::new();
        }
        match self.phase {
            // A trial with more stalled uploads than there were before would be judged by them.
            Phase::Trial { base, .. } if sample.stalled > base.stalled => {}
            _ => self.window.add(&sample),
        }
        match self.phase {
            Phase::Trial { .. } => self.judge_trial(),
            Phase::Check { tried, carried } => self.judge_check(tried, carried),
            Phase::Base | Phase::Rest { .. } => self.judge_base(),
        }
    }

    /// Whether the uploads still change: for a fixed time, and then for as long as new ones wait for
    /// their start, within bounds.
    fn is_settling(&mut self, sample: &Sample) -> bool {
        let starting = sample.waiting.paced > 0 && !self.settling.is_zero();
        let settling = !self.at_least.is_zero() || starting;
        self.at_least = self.at_least.saturating_sub(sample.span);
        self.settling = self.settling.saturating_sub(sample.span);
        if !settling {
            self.settling = Duration::ZERO;
        }
        settling
    }

    fn judge_base(&mut self) -> Vec<Choice> {
        let Some(base) = self.window.goodput(self.slots) else {
            return Vec::new();
        };
        if let Some(why) = base.bound_by(self.slots) {
            return vec![self.stay(self.slots, base, why)];
        }
        let wanted = match self.way {
            Way::Up => (self.slots * 2).min(self.most),
            Way::Down => (self.slots / 2).max(1),
        };
        if wanted == self.slots {
            return vec![self.stay(self.slots, base, Why::Most)];
        }
        vec![self.go_to(wanted, base)]
    }

    fn judge_trial(&mut self) -> Vec<Choice> {
        let Phase::Trial { from, base } = self.phase else {
            return Vec::new();
        };
        let Some(tried) = self.window.goodput(self.slots) else {
            let given_up = self.lasted >= LONGEST_TRIAL;
            let back = given_up.then(|| self.stay(from, base, Why::Unclear));
            return back.into_iter().collect();
        };
        let bound = tried.bound_by(self.slots);
        let gained = tried.rate > base.rate * GAIN;
        if gained && bound.is_none() && !tried.is_clearly_above(&base) && !self.window.is_longest()
        {
            return Vec::new();
        }
        let gained = gained && tried.is_clearly_above(&base);
        match (bound, self.way) {
            (Some(why), Way::Up) => vec![self.stay(from, base, why)],
            (None, Way::Up) if gained => {
                let better = choice(self.slots, tried, Why::Better);
                self.rest = REST;
                let mut choices = vec![better];
                if self.slots == self.most {
                    choices.push(self.stay(self.slots, tried, Why::Most));
                } else {
                    choices.push(self.go_to((self.slots * 2).min(self.most), tried));
                }
                choices
            }
            (_, Way::Down) if gained || (from > self.seed && tried.rate >= base.rate) => {
                self.rest = REST;
                vec![self.stay(self.slots, tried, Why::Better)]
            }
            (None, Way::Up) => {
                let tried_slots = self.slots;
                self.slots = from;
                let check = Phase::Check {
                    tried: tried_slots,
                    carried: tried,
                };
                self.measure(check, Duration::ZERO);
                Vec::new()
            }
            _ => vec![self.stay(from, base, Why::NoGain(self.slots))],
        }
    }

    fn judge_check(&mut self, tried: usize, carried: Goodput) -> Vec<Choice> {
        let Some(base) = self.window.goodput(self.slots) else {
            return Vec::new();
        };
        let bound = base.bound_by(self.slots);
        if bound.is_none() && carried.rate > base.rate * GAIN && carried.is_clearly_above(&base) {
            return vec![self.go_to(tried, base)];
        }
        vec![self.stay(self.slots, base, Why::NoGain(tried))]
    }

    /// Tries another number.
    fn go_to(&mut self, wanted: usize, base: Goodput) -> Choice {
        let from = self.slots;
        let added = count(wanted.saturating_sub(from));
        self.slots = wanted;
        self.measure(Phase::Trial { from, base }, SETTLE_A_SLOT * added);
        choice(wanted, base, Why::Trial)
    }

    /// Stays with a number for a while.
    fn stay(&mut self, slots: usize, goodput: Goodput, why: Why) -> Choice {
        self.slots = slots;
        self.phase = Phase::Rest { left: self.rest };
        self.rest = (self.rest * 2).min(LONGEST_REST);
        self.way = match self.way {
            Way::Up => Way::Down,
            Way::Down => Way::Up,
        };
        choice(slots, goodput, why)
    }

    fn measure(&mut self, phase: Phase, starting: Duration) {
        self.phase = phase;
        self.at_least = SETTLE;
        self.settling = SETTLE + starting;
        self.window = Window::default();
        self.lasted = Duration::ZERO;
    }
}

fn choice(slots: usize, goodput: Goodput, why: Why) -> Choice {
    Choice {
        slots,
        bytes_per_second: goodput.rate,
        why,
    }
}

fn count(slots: usize) -> u32 {
    u32::try_from(slots).unwrap_or(u32::MAX)
}
