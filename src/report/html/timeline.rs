//! The courses of all runs behind each other, as one line of slots of equal length.

use std::fmt;

use super::figures::real;
use crate::ledger::{Bucket, RunTimeline};

/// The most slots that are drawn.
const MOST: usize = 400;

/// One slot of the line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Piece {
    pub(super) bucket: Bucket,
    /// How long it is: the last one of a run may be shorter.
    pub(super) ms: u64,
}

/// Where a run stands in the line.
#[derive(Debug)]
pub(super) struct Span<'a> {
    pub(super) timeline: &'a RunTimeline,
    /// Its first slot.
    pub(super) first: usize,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Timeline<'a> {
    pub(super) bucket_ms: u64,
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
        self.a_second(self.bucket.bytes)
    }

    /// The mean number of files over the slot.
    pub(super) fn files(&self, spent_ms: u64) -> f64 {
        real(spent_ms) / real(self.ms.max(1))
    }

    pub(super) fn bound(&self) -> Bound {
        let bucket = &self.bucket;
        if bucket.down_ms * 2 > self.ms {
            Bound::Outage
        } else if bucket.waiting_ms + bucket.sending_ms > 0 {
            if bucket.sending_ms >= bucket.waiting_ms {
                Bound::Line
            } else {
                Bound::Limits
            }
        } else if bucket.confirming_ms + bucket.polls > 0 {
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
        let lengths = courses.iter().map(|timeline| timeline.bucket_ms);
        let mut bucket_ms = lengths.max().unwrap_or(1);
        let fits = |bucket_ms: u64| {
            let buckets = |timeline: &RunTimeline| {
                timeline.buckets.len().div_ceil(times(bucket_ms, timeline))
            };
            courses.iter().map(buckets).sum::<usize>() <= MOST.max(courses.len())
        };
        while !fits(bucket_ms) {
            bucket_ms *= 2;
        }
        let (mut pieces, mut spans) = (Vec::new(), Vec::new());
        for timeline in courses {
            let first = pieces.len();
            spans.push(Span { timeline, first });
            pieces.extend(merged(timeline, bucket_ms));
        }
        Self {
            bucket_ms,
            pieces,
            spans,
        }
    }

    /// Everything together.
    pub(super) fn sum(&self) -> Bucket {
        self.pieces
            .iter()
            .fold(Bucket::default(), |mut sum, piece| {
                sum.add(&piece.bucket);
                sum
            })
    }

    pub(super) fn took_ms(&self) -> u64 {
        self.spans.iter().map(|span| span.timeline.took_ms).sum()
    }

    /// A slot's beginning, in the running time of all runs.
    pub(super) fn begin_ms(&self, no: usize) -> u64 {
        self.bucket_ms * no as u64
    }

    /// A slot's place across, in percent.
    pub(super) fn place(&self, no: usize) -> f64 {
        100.0 * real(no as u64) / real(self.pieces.len().max(1) as u64)
    }

    /// Which run a slot is of, where there are several.
    pub(super) fn run_of(&self, no: usize) -> Option<i64> {
        let span = self.spans.iter().rev().find(|span| span.first <= no);
        span.filter(|_| self.spans.len() > 1)
            .map(|span| span.timeline.times.number)
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
fn times(bucket_ms: u64, timeline: &RunTimeline) -> usize {
    usize::try_from(bucket_ms / timeline.bucket_ms.max(1))
        .unwrap_or(usize::MAX)
        .max(1)
}

fn merged(timeline: &RunTimeline, bucket_ms: u64) -> impl Iterator<Item = Piece> {
    let groups = timeline
        .buckets
        .chunks(times(bucket_ms, timeline))
        .enumerate();
    groups.map(move |(i, group)| {
        let mut bucket = Bucket::default();
        for other in group {
            bucket.add(other);
        }
        let left = timeline.took_ms.saturating_sub(bucket_ms * i as u64);
        // A sliver of a slot would make a peak of whatever fell into it.
        let ms = left.clamp((bucket_ms / 2).max(1), bucket_ms.max(1));
        Piece { bucket, ms }
    })
}
