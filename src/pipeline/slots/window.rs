//! Goodput over a stretch of time, with how sure one can be of it. Pure.

use std::time::Duration;

use super::climb::{Sample, Why};

/// The shortest and the longest window.
const SHORTEST: Duration = Duration::from_secs(3);
const LONGEST: Duration = Duration::from_secs(30);

/// A connection takes bytes that have not left yet into its buffers: beside so many bytes a slot
/// they hardly count.
const VOLUME: u64 = 2 << 20;

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Goodput {
    /// Bytes a second.
    pub(super) rate: f64,
    /// The standard error of that.
    error: f64,
    /// Uploads that stalled.
    pub(super) stalled: usize,
    paced: f64,
    held: f64,
    starved: f64,
}

impl Goodput {
    /// What keeps uploads waiting, where a quarter of them, and at least one, do not wait for the
    /// line.
    pub(super) fn bound_by(&self, slots: usize) -> Option<Why> {
        let enough = (to_f64(slots) / 4.0).max(1.0);
        if self.paced + self.held + self.starved < enough {
            None
        } else if self.held >= self.paced && self.held >= self.starved {
            Some(Why::Bandwidth)
        } else if self.paced >= self.starved {
            Some(Why::Account)
        } else {
            Some(Why::Disk)
        }
    }

    /// Whether the difference is more than chance: two standard errors.
    pub(super) fn is_clearly_above(&self, other: &Self) -> bool {
        self.rate - other.rate > 2.0 * self.error.hypot(other.error)
    }
}

/// Samples taken together.
#[derive(Debug, Default)]
pub(super) struct Window {
    span: Duration,
    bytes: u64,
    rates: Vec<f64>,
    paced: usize,
    held: usize,
    starved: usize,
    stalled: usize,
}

impl Window {
    pub(super) fn add(&mut self, sample: &Sample) {
        self.span += sample.span;
        self.bytes += sample.bytes;
        self.rates
            .push(bytes_f64(sample.bytes) / sample.span.as_secs_f64());
        self.paced += sample.waiting.paced;
        self.held += sample.waiting.held;
        self.starved += sample.waiting.starved;
        self.stalled = self.stalled.max(sample.stalled);
    }

    pub(super) fn is_longest(&self) -> bool {
        self.span >= LONGEST
    }

    /// The goodput, once enough was seen for `slots` uploads.
    pub(super) fn goodput(&self, slots: usize) -> Option<Goodput> {
        let volume = VOLUME * u64::try_from(slots).unwrap_or(u64::MAX);
        let enough = self.span >= SHORTEST && self.bytes >= volume;
        if !enough && !self.is_longest() {
            return None;
        }
        let number = to_f64(self.rates.len());
        let rate = bytes_f64(self.bytes) / self.span.as_secs_f64();
        let squares: f64 = self.rates.iter().map(|one| (one - rate).powi(2)).sum();
        Some(Goodput {
            rate,
            error: (squares / number / (number - 1.0).max(1.0)).sqrt(),
            stalled: self.stalled,
            paced: to_f64(self.paced) / number,
            held: to_f64(self.held) / number,
            starved: to_f64(self.starved) / number,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of uploads are small")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "a rate needs no last byte")]
fn bytes_f64(bytes: u64) -> f64 {
    bytes as f64
}
