//! The courses of all runs behind each other, as one line of slots of equal length.

use std::fmt;

use super::figures::real;
use crate::ledger::{Bucket, RunTimeline};

/// The most slots that are drawn.
const MOST: usize = 400;

/// One slot of the line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Piece {
    pub(super) slot: Bucket,
    /// How long it is: the last one of a run may be shorter.
    pub(super) ms: u64,
}

/// Where a run stands in the line.
#[derive(Debug)]
pub(super) struct Span<'a> {
    pub(super) course: &'a RunTimeline,
    /// Its first slot.
    pub(super) first: usize,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Timeline<'a> {
    pub(super) slot_ms: u64,
    pub(super) pieces: Vec<Piece>,
    pub(super) spans: Vec<Span<'a>>,
}

/// What held the uploads up: where the files that held an upload slot spent most of their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bound {
    Line,
    Limits,
    Confirmation,
    Outage,
    Nothing,
}

impl Bound {
    pub(super) const ALL: [Self; 4] = [Self::Line, Self::Limits, Self::Confirmation, Self::Outage];

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Line => "sending",
            Self::Limits => "waiting",
            Self::Confirmation => "confirming",
            Self::Outage => "away",
            Self::Nothing => "none",
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "the line",
            Self::Limits => "limits and pauses",
            Self::Confirmation => "confirmation",
            Self::Outage => "an outage",
            Self::Nothing => "nothing",
        })
    }
}

impl Piece {
    pub(super) fn rate(&self) -> f64 {
        self.a_second(self.slot.bytes)
    }

    /// The mean number of files over the slot.
    pub(super) fn files(&self, spent_ms: u64) -> f64 {
        real(spent_ms) / real(self.ms.max(1))
    }

    pub(super) fn bound(&self) -> Bound {
        let slot = &self.slot;
        if slot.away_ms * 2 > self.ms {
            Bound::Outage
        } else if slot.waiting_ms + slot.sending_ms > 0 {
            if slot.sending_ms >= slot.waiting_ms {
                Bound::Line
            } else {
                Bound::Limits
            }
        } else if slot.confirming_ms + slot.looks > 0 {
            Bound::Confirmation
        } else {
            Bound::Nothing
        }
    }

    fn a_second(&self, number: u64) -> f64 {
        real(number) * 1000.0 / real(self.ms.max(1))
    }
}

impl<'a> Timeline<'a> {
    pub(super) fn of(courses: &'a [RunTimeline]) -> Self {
        let lengths = courses.iter().map(|course| course.slot_ms);
        let mut slot_ms = lengths.max().unwrap_or(1);
        let fits = |slot_ms: u64| {
            let slots = |course: &RunTimeline| course.slots.len().div_ceil(times(slot_ms, course));
            courses.iter().map(slots).sum::<usize>() <= MOST.max(courses.len())
        };
        while !fits(slot_ms) {
            slot_ms *= 2;
        }
        let (mut pieces, mut spans) = (Vec::new(), Vec::new());
        for course in courses {
            let first = pieces.len();
            spans.push(Span { course, first });
            pieces.extend(merged(course, slot_ms));
        }
        Self {
            slot_ms,
            pieces,
            spans,
        }
    }

    /// Everything together.
    pub(super) fn sum(&self) -> Bucket {
        self.pieces
            .iter()
            .fold(Bucket::default(), |mut sum, piece| {
                sum.add(&piece.slot);
                sum
            })
    }

    pub(super) fn took_ms(&self) -> u64 {
        self.spans.iter().map(|span| span.course.took_ms).sum()
    }

    /// A slot's beginning, in the running time of all runs.
    pub(super) fn begin_ms(&self, no: usize) -> u64 {
        self.slot_ms * no as u64
    }

    /// A slot's place across, in percent.
    pub(super) fn place(&self, no: usize) -> f64 {
        100.0 * real(no as u64) / real(self.pieces.len().max(1) as u64)
    }

    /// Which run a slot is of, where there are several.
    pub(super) fn run_of(&self, no: usize) -> Option<i64> {
        let span = self.spans.iter().rev().find(|span| span.first <= no);
        span.filter(|_| self.spans.len() > 1)
            .map(|span| span.course.times.number)
    }

    /// What bound the runs for how long, the longest first.
    pub(super) fn bounds(&self) -> Vec<(Bound, u64)> {
        let time = |bound: &Bound| {
            let pieces = self.pieces.iter().filter(|piece| piece.bound() == *bound);
            pieces.map(|piece| piece.ms).sum::<u64>()
        };
        let mut bounds: Vec<_> = Bound::ALL
            .iter()
            .map(|bound| (*bound, time(bound)))
            .collect();
        bounds.retain(|(_, ms)| *ms > 0);
        bounds.sort_by_key(|(bound, ms)| (std::cmp::Reverse(*ms), *bound));
        bounds
    }
}

/// How many of a run's slots become one.
fn times(slot_ms: u64, course: &RunTimeline) -> usize {
    usize::try_from(slot_ms / course.slot_ms.max(1))
        .unwrap_or(usize::MAX)
        .max(1)
}

fn merged(course: &RunTimeline, slot_ms: u64) -> impl Iterator<Item = Piece> {
    let groups = course.slots.chunks(times(slot_ms, course)).enumerate();
    groups.map(move |(i, group)| {
        let mut slot = Bucket::default();
        for other in group {
            slot.add(other);
        }
        let left = course.took_ms.saturating_sub(slot_ms * i as u64);
        // A sliver of a slot would make a peak of whatever fell into it.
        let ms = left.clamp((slot_ms / 2).max(1), slot_ms.max(1));
        Piece { slot, ms }
    })
}
