//! The search against simulated lines.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "simulated bytes"
)]

mod lossy;

use super::*;
use crate::pipeline::concurrency::controller::TICK;
use crate::pipeline::concurrency::sample::WaitCounts;

/// What so many uploads that are not admitted wait for.
type WaitingFor = fn(usize) -> WaitCounts;

/// A line: what it carries in all, what one upload gets at most, and what else holds uploads back.
#[derive(Debug, Clone, Copy)]
struct Simulated {
    rate: f64,
    each: f64,
    /// The share by which one sample differs from the next, at most.
    noise: f64,
    /// What is lost with each upload more.
    crowding: f64,
    /// Uploads that are under way at most; the others wait.
    admitted: usize,
    waiting: WaitingFor,
    stalled: usize,
}

const WIDE: Simulated = Simulated {
    rate: 125e6,
    each: 3e6,
    noise: 0.03,
    crowding: 0.0,
    admitted: usize::MAX,
    waiting: |_| WaitCounts {
        rate_limited: 0,
        held: 0,
        starved: 0,
    },
    stalled: 0,
};

impl Simulated {
    fn carries(&self, slots: usize) -> f64 {
        let moving = slots.min(self.admitted).saturating_sub(self.stalled) as f64;
        (moving * self.each).min(self.rate) * (1.0 - self.crowding * slots as f64).max(0.1)
    }

    fn sample(&self, slots: usize, random: &mut fastrand::Rng) -> Sample {
        let noise = 1.0 + self.noise * (2.0 * random.f64() - 1.0);
        Sample {
            span: TICK,
            bytes: (self.carries(slots) * noise * TICK.as_secs_f64()) as u64,
            taken: slots,
            waiting: (self.waiting)(slots.saturating_sub(self.admitted)),
            stalled: self.stalled,
        }
    }

    /// Searches for so many minutes; returns the number at the end and the changes on the way.
    fn search(&self, minutes: u32, seed: u64) -> (usize, Vec<ConcurrencyChange>) {
        let mut climb = HillClimb::new(4, 64);
        let changes = self.continues(&mut climb, minutes, seed);
        (climb.slots(), changes)
    }

    fn continues(&self, climb: &mut HillClimb, minutes: u32, seed: u64) -> Vec<ConcurrencyChange> {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut changes = Vec::new();
        for _ in 0..minutes * 120 {
            changes.extend(climb.observe(self.sample(climb.slots(), &mut random)));
        }
        changes
    }
}

#[test]
fn it_ends_where_the_line_is_full() {
    // What one upload gets, and the numbers that carry within 5 % of all the line does.
    for (each, wanted) in [(200e6, 4..=4), (40e6, 4..=4), (20e6, 8..=8), (3e6, 64..=64)] {
        for seed in 0..20 {
            let line = Simulated { each, ..WIDE };
            let (slots, changes) = line.search(2, seed);
            assert!(
                wanted.contains(&slots),
                "{each} a second each: {changes:#?}"
            );
        }
    }
}

#[test]
fn it_finds_the_number_within_three_quarters_of_a_minute() {
    let mut climb = HillClimb::new(4, 64);
    let mut random = fastrand::Rng::with_seed(1);
    let samples = (1..1000).find(|_| {
        let sample = WIDE.sample(climb.slots(), &mut random);
        let changes = climb.observe(sample);
        changes
            .iter()
            .any(|change| change.why == ChangeReason::Most)
    });
    assert!(samples.unwrap() <= 90, "{samples:?}");
}

#[test]
fn a_first_measurement_that_was_too_good_is_found_out() {
    for seed in 0..20 {
        let mut climb = HillClimb::new(4, 64);
        let mut random = fastrand::Rng::with_seed(seed);
        // Buffers take what the line does not carry, for as long as it takes to fill them.
        let buffers = Simulated { each: 15e6, ..WIDE };
        for _ in 0..12 {
            climb.observe(buffers.sample(climb.slots(), &mut random));
        }
        WIDE.continues(&mut climb, 2, seed);
        assert_eq!(climb.slots(), 64);
    }
}

#[test]
fn noise_alone_moves_nothing_for_good() {
    let line = Simulated {
        each: 200e6,
        noise: 0.5,
        ..WIDE
    };
    for seed in 0..20 {
        let (slots, changes) = line.search(60, seed);
        let share = line.carries(slots) / line.carries(4);
        assert!(slots <= 8 && share >= 0.95, "{slots}: {changes:#?}");
    }
}

#[test]
fn what_waits_for_the_account_the_disk_or_the_bandwidth_gets_no_more_slots() {
    let cases: [(WaitingFor, ChangeReason); 3] = [
        (
            |rate_limited| WaitCounts {
                rate_limited,
                ..WaitCounts::default()
            },
            ChangeReason::Account,
        ),
        (
            |held| WaitCounts {
                held,
                ..WaitCounts::default()
            },
            ChangeReason::Bandwidth,
        ),
        (
            |starved| WaitCounts {
                starved,
                ..WaitCounts::default()
            },
            ChangeReason::Disk,
        ),
    ];
    for (waiting, why) in cases {
        let line = Simulated {
            admitted: 1,
            noise: 0.9,
            waiting,
            ..WIDE
        };
        let (slots, changes) = line.search(60, 3);
        assert_eq!(slots, 4, "{changes:#?}");
        assert!(
            changes.iter().all(|change| change.why == why),
            "{changes:#?}"
        );
    }
}

#[test]
fn stalled_uploads_neither_stop_the_search_nor_start_one() {
    let few = Simulated { stalled: 2, ..WIDE };
    assert_eq!(few.search(2, 5).0, 64);
    // The line is full without them.
    let full = Simulated {
        stalled: 1,
        each: 60e6,
        ..WIDE
    };
    assert_eq!(full.search(2, 5).0, 4);
    // They stall in the middle of a trial: that one is given up, the next one finds the number.
    let mut climb = HillClimb::new(4, 64);
    while WIDE.continues(&mut climb, 0, 0).is_empty() && climb.slots() == 4 {
        let _ = climb.observe(WIDE.sample(4, &mut fastrand::Rng::with_seed(2)));
    }
    let changes = Simulated { stalled: 3, ..WIDE }.continues(&mut climb, 2, 6);
    assert_eq!(climb.slots(), 4, "{changes:#?}");
    assert_eq!(changes[0].why, ChangeReason::Unclear);
    WIDE.continues(&mut climb, 10, 7);
    assert_eq!(climb.slots(), 64);
}

#[test]
fn a_line_that_changes_is_searched_again() {
    let mut climb = HillClimb::new(4, 64);
    WIDE.continues(&mut climb, 2, 1);
    assert_eq!(climb.slots(), 64);
    // Fewer do as well now: more than that are not kept for nothing.
    let crowded = Simulated {
        rate: 10e6,
        crowding: 0.01,
        ..WIDE
    };
    crowded.continues(&mut climb, 120, 2);
    assert!(climb.slots() <= 8, "{}", climb.slots());
    WIDE.continues(&mut climb, 30, 3);
    assert_eq!(climb.slots(), 64);
}

#[test]
fn too_little_work_teaches_nothing() {
    let mut climb = HillClimb::new(4, 64);
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..1000 {
        let sample = Sample {
            taken: 3,
            ..WIDE.sample(3, &mut random)
        };
        assert!(climb.observe(sample).is_empty());
    }
    assert_eq!(climb.slots(), 4);
}
