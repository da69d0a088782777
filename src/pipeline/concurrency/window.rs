//! Goodput over a stretch of time, with how sure it is. Pure: counts samples.
//!
//! A window lasts as long as the noise needs: until the standard error of its goodput is small, or
//! until more time would teach little. On a line that is full half a second is like the next; on one
//! that loses packets each connection goes up and down in waves of seconds.

use std::time::Duration;

use super::sample::Sample;
use crate::event::ChangeReason;

/// The shortest and the longest window.
const SHORTEST: Duration = Duration::from_secs(3);
const LONGEST: Duration = Duration::from_secs(20);

/// A goodput is known once its standard error is at most this share of it, and well enough to tell
/// numbers apart that carry about the same at the second.
const KNOWN: f64 = 0.06;
const PRECISE: f64 = 0.01;

/// So many standard errors are more than chance. Three, since a window that grows is asked often.
const CLEAR: f64 = 3.0;

/// So many are enough for the longest window, which is judged once.
const LIKELY: f64 = 1.0;

/// How much wider the error is for few samples: twice as wide for five, a tenth for forty.
const FEW: f64 = 4.0;

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
    rate_limited: f64,
    held: f64,
    starved: f64,
}

impl Goodput {
    /// What keeps uploads waiting, where a quarter of them, and at least one, do not wait for the
    /// line.
    pub(super) fn bound_by(&self, slots: usize) -> Option<ChangeReason> {
        let enough = (to_f64(slots) / 4.0).max(1.0);
        if self.rate_limited + self.held + self.starved < enough {
            None
        } else if self.held >= self.rate_limited && self.held >= self.starved {
            Some(ChangeReason::Bandwidth)
        } else if self.rate_limited >= self.starved {
            Some(ChangeReason::Account)
        } else {
            Some(ChangeReason::Disk)
        }
    }

    /// Whether the difference is more than chance.
    pub(super) fn is_clearly_above(&self, other: &Self) -> bool {
        self.is_above(other, CLEAR)
    }

    /// Whether the difference is rather there than not.
    pub(super) fn is_likely_above(&self, other: &Self) -> bool {
        self.is_above(other, LIKELY)
    }

    fn is_above(&self, other: &Self, errors: f64) -> bool {
        self.rate - other.rate > errors * self.error.hypot(other.error)
    }
}

/// Samples taken together.
#[derive(Debug, Default)]
pub(super) struct Window {
    span: Duration,
    bytes: u64,
    rates: Vec<f64>,
    rate_limited: usize,
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
        self.rate_limited += sample.waiting.rate_limited;
        self.held += sample.waiting.held;
        self.starved += sample.waiting.starved;
        self.stalled = self.stalled.max(sample.stalled);
    }

    /// Whether more time would teach little.
    pub(super) fn is_conclusive(&self) -> bool {
        self.is_longest() || self.is_known_within(PRECISE)
    }

    fn is_known_within(&self, share: f64) -> bool {
        self.error() <= share * self.rate()
    }

    pub(super) fn is_longest(&self) -> bool {
        self.span >= LONGEST
    }

    /// The goodput, once enough was seen for `slots` uploads.
    pub(super) fn goodput(&self, slots: usize) -> Option<Goodput> {
        let volume = VOLUME * u64::try_from(slots).unwrap_or(u64::MAX);
        let enough = self.span >= SHORTEST && self.bytes >= volume && self.is_known_within(KNOWN);
        if !enough && !self.is_longest() {
            return None;
        }
        let number = to_f64(self.rates.len());
        Some(Goodput {
            rate: self.rate(),
            error: self.error(),
            stalled: self.stalled,
            rate_limited: to_f64(self.rate_limited) / number,
            held: to_f64(self.held) / number,
            starved: to_f64(self.starved) / number,
        })
    }

    fn rate(&self) -> f64 {
        bytes_f64(self.bytes) / self.span.as_secs_f64()
    }

    /// The standard error of the mean of samples that resemble the ones before them, as a first-order
    /// autoregression has it; wider where they are few, about as Student's t is.
    fn error(&self) -> f64 {
        let (number, rate) = (to_f64(self.rates.len()), self.rate());
        let apart = |(one, next): (&f64, &f64)| (one - rate) * (next - rate);
        let squares: f64 = self.rates.iter().zip(&self.rates).map(apart).sum();
        if squares == 0.0 {
            return 0.0;
        }
        let lagged = self.rates.iter().zip(self.rates.iter().skip(1));
        let alike = (lagged.map(apart).sum::<f64>() / squares).clamp(0.0, 0.9);
        let freedom = (number - 1.0).max(1.0);
        let alone = (squares / number / freedom).sqrt();
        alone * ((1.0 + alike) / (1.0 - alike)).sqrt() * (1.0 + FEW / freedom)
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
