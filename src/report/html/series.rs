//! The timelines of all runs one after another, as intervals of equal length. Pure.

use std::fmt;

use super::figures::real;
use crate::ledger::{Bucket, RunTimeline};

/// The most intervals that are drawn.
const MOST: usize = 400;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Interval {
    pub(super) bucket: Bucket,
    /// How long it is: the last one of a run may be shorter.
    pub(super) ms: u64,
}

/// Where a run stands among the intervals.
#[derive(Debug)]
pub(super) struct RunSpan<'a> {
    pub(super) timeline: &'a RunTimeline,
    /// Its first interval.
    pub(super) first: usize,
}

#[derive(Debug)]
pub(super) struct RunSeries<'a> {
    pub(super) bucket_ms: u64,
    pub(super) intervals: Vec<Interval>,
    pub(super) spans: Vec<RunSpan<'a>>,
}

/// What limited the uploads: where the files being uploaded spent most of their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bottleneck {
    Connection,
    Limits,
    Processing,
    Outage,
    Nothing,
}

impl Bottleneck {
    const ALL: [Self; 4] = [
        Self::Connection,
        Self::Limits,
        Self::Processing,
        Self::Outage,
    ];

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Connection => "sending",
            Self::Limits => "waiting",
            Self::Processing => "confirming",
            Self::Outage => "away",
            Self::Nothing => "none",
        }
    }
}

impl fmt::Display for Bottleneck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "your upload speed",
            Self::Limits => "rate limits and pauses",
            Self::Processing => "processing at the service",
            Self::Outage => "the service could not be reached",
            Self::Nothing => "nothing",
        })
    }
}

impl Interval {
    /// Bytes a second.
    pub(super) fn rate(&self) -> f64 {
        real(self.bucket.bytes) * 1000.0 / real(self.ms.max(1))
    }

    /// The mean number of files over the interval.
    pub(super) fn files(&self, spent_ms: u64) -> f64 {
        real(spent_ms) / real(self.ms.max(1))
    }

    pub(super) fn bottleneck(&self) -> Bottleneck {
        let bucket = &self.bucket;
        if bucket.down_ms * 2 > self.ms {
            Bottleneck::Outage
        } else if bucket.waiting_ms + bucket.sending_ms > 0 {
            if bucket.sending_ms >= bucket.waiting_ms {
                Bottleneck::Connection
            } else {
                Bottleneck::Limits
            }
        } else if bucket.confirming_ms + bucket.polls > 0 {
            Bottleneck::Processing
        } else {
            Bottleneck::Nothing
        }
    }
}

impl<'a> RunSeries<'a> {
    pub(super) fn of(timelines: &'a [RunTimeline]) -> Self {
        let lengths = timelines.iter().map(|timeline| timeline.bucket_ms);
        let mut bucket_ms = lengths.max().unwrap_or(1);
        let fits = |bucket_ms: u64| {
            let buckets = |timeline: &RunTimeline| {
                timeline.buckets.len().div_ceil(times(bucket_ms, timeline))
            };
            timelines.iter().map(buckets).sum::<usize>() <= MOST.max(timelines.len())
        };
        while !fits(bucket_ms) {
            bucket_ms *= 2;
        }
        let (mut intervals, mut spans) = (Vec::new(), Vec::new());
        for timeline in timelines {
            let first = intervals.len();
            spans.push(RunSpan { timeline, first });
            intervals.extend(merged(timeline, bucket_ms));
        }
        Self {
            bucket_ms,
            intervals,
            spans,
        }
    }

    /// Everything together.
    pub(super) fn sum(&self) -> Bucket {
        sum(self.intervals.iter().map(|interval| &interval.bucket))
    }

    pub(super) fn took_ms(&self) -> u64 {
        self.spans.iter().map(|span| span.timeline.took_ms).sum()
    }

    /// When an interval begins, in the upload time of all runs.
    pub(super) fn begin_ms(&self, no: usize) -> u64 {
        self.bucket_ms * no as u64
    }

    /// Where an interval begins across, in percent.
    pub(super) fn place(&self, no: usize) -> f64 {
        100.0 * real(no as u64) / real(self.intervals.len().max(1) as u64)
    }

    /// The run of an interval, where there are several runs.
    pub(super) fn run_of(&self, no: usize) -> Option<i64> {
        let span = self.spans.iter().rev().find(|span| span.first <= no);
        span.filter(|_| self.spans.len() > 1)
            .map(|span| span.timeline.times.number)
    }

    /// What limited the runs for how long, the longest first.
    pub(super) fn bottlenecks(&self) -> Vec<(Bottleneck, u64)> {
        let time = |bottleneck: Bottleneck| {
            let intervals = self.intervals.iter();
            let intervals = intervals.filter(|interval| interval.bottleneck() == bottleneck);
            (bottleneck, intervals.map(|interval| interval.ms).sum())
        };
        let mut found: Vec<(_, u64)> = Bottleneck::ALL.into_iter().map(time).collect();
        found.retain(|(_, ms)| *ms > 0);
        found.sort_by_key(|(bottleneck, ms)| (std::cmp::Reverse(*ms), *bottleneck));
        found
    }
}

pub(super) fn sum<'a>(buckets: impl IntoIterator<Item = &'a Bucket>) -> Bucket {
    let mut sum = Bucket::default();
    for bucket in buckets {
        sum.add(bucket);
    }
    sum
}

/// How many of a run's buckets become one interval.
fn times(bucket_ms: u64, timeline: &RunTimeline) -> usize {
    usize::try_from(bucket_ms / timeline.bucket_ms.max(1))
        .unwrap_or(usize::MAX)
        .max(1)
}

fn merged(timeline: &RunTimeline, bucket_ms: u64) -> impl Iterator<Item = Interval> {
    let groups = timeline.buckets.chunks(times(bucket_ms, timeline));
    groups.enumerate().map(move |(i, group)| {
        let left = timeline.took_ms.saturating_sub(bucket_ms * i as u64);
        // A very short interval would make a peak of whatever fell into it.
        let ms = left.clamp((bucket_ms / 2).max(1), bucket_ms.max(1));
        let bucket = sum(group);
        Interval { bucket, ms }
    })
}
