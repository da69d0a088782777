//! A run's time, cut into buckets of one length. Knows neither files nor events.
//!
//! A bucket is a quarter of a second long at first. Before there are more than 512 of them, two become
//! one, so that a run of a month has as many as a run of a minute. Times are summed in microseconds,
//! and rounded once, when they are written down.

use std::time::Duration;

use tokio::time::Instant;

use crate::ledger::{Bucket, SlowFile, TimelineChange};

/// The first length of a bucket; also the beat on which the bytes under way are counted.
pub(crate) const BEAT: Duration = Duration::from_millis(250);

/// The most buckets a run has.
pub(super) const MOST: usize = 512;

#[derive(Debug)]
pub(super) struct Buckets {
    start: Instant,
    /// How far the run is: the last bucket holds this moment.
    reached: Instant,
    length: Duration,
    /// Times in them are microseconds.
    pub(super) all: Vec<Bucket>,
    /// The first bucket that changed since the last call of `change`.
    pub(super) changed: usize,
}

impl Buckets {
    pub(super) fn new(start: Instant) -> Self {
        Self {
            start,
            reached: start,
            length: BEAT,
            all: vec![Bucket::default()],
            changed: 0,
        }
    }

    /// Makes sure that `now` has a bucket; returns how far the run was before, and how far it is. A
    /// beat comes with the time it was due, which may be before the last event: then nothing moves.
    pub(super) fn reach(&mut self, now: Instant) -> (Instant, Instant) {
        let now = now.max(self.reached);
        while self.number(now) >= MOST {
            self.double();
        }
        let last = self.number(now);
        if last >= self.all.len() {
            self.all.resize(last + 1, Bucket::default());
        }
        (std::mem::replace(&mut self.reached, now), now)
    }

    /// The bucket of the present moment.
    pub(super) fn now(&mut self) -> &mut Bucket {
        let no = self.number(self.reached).min(self.all.len() - 1);
        &mut self.all[no]
    }

    /// Splits the time between two moments among the buckets that it lies in.
    pub(super) fn spend(&mut self, from: Instant, to: Instant, add: impl Fn(&mut Bucket, u64)) {
        let (first, last) = (self.number(from), self.number(to));
        self.changed = self.changed.min(first);
        for no in first..=last {
            let begin = self.start + self.length * u32::try_from(no).unwrap_or(u32::MAX);
            let time = to.min(begin + self.length).duration_since(from.max(begin));
            if let Some(bucket) = self.all.get_mut(no) {
                add(bucket, u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
            }
        }
    }

    /// The buckets that changed since the last call, to be written down with the slowest files.
    pub(super) fn change(&mut self, slowest: Option<Vec<SlowFile>>) -> TimelineChange {
        let from = std::mem::replace(&mut self.changed, self.all.len() - 1);
        let in_milliseconds = |bucket: &Bucket| Bucket {
            waiting_ms: bucket.waiting_ms / 1000,
            sending_ms: bucket.sending_ms / 1000,
            confirming_ms: bucket.confirming_ms / 1000,
            down_ms: bucket.down_ms / 1000,
            ..*bucket
        };
        TimelineChange {
            took_ms: self.milliseconds(self.reached),
            bucket_ms: u64::try_from(self.length.as_millis()).unwrap_or(u64::MAX),
            from: from as u64,
            buckets: self.all[from..].iter().map(in_milliseconds).collect(),
            slowest,
        }
    }

    /// How long after the start.
    pub(super) fn milliseconds(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.start).as_millis()).unwrap_or(u64::MAX)
    }

    fn number(&self, at: Instant) -> usize {
        let no = at.duration_since(self.start).as_micros() / self.length.as_micros();
        usize::try_from(no).unwrap_or(usize::MAX)
    }

    fn double(&mut self) {
        let merged = self.all.chunks(2).map(|pair| {
            let mut bucket = pair[0];
            pair[1..].iter().for_each(|other| bucket.add(other));
            bucket
        });
        self.all = merged.collect();
        self.length *= 2;
        self.changed = 0;
    }
}
