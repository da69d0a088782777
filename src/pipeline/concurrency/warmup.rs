//! How long the samples after a change are of the change itself, and do not count for the number.
//! Pure: counts samples.

use std::time::Duration;

use super::sample::Sample;

/// Connections are made and find their speed.
const SHORTEST: Duration = Duration::from_secs(2);

/// How much longer that takes for each new slot, at most: uploads may have to start one by one.
const START_OF_ONE: Duration = Duration::from_millis(1500);

/// A new connection is faster at first than it will stay: its buffers take up to 4 MiB that have not
/// left, and it comes down from its start by a third with each packet lost, which is each 1.4 MB on a
/// line that loses one in a thousand. After five or six of those, whatever the line's rate, it has
/// found its speed.
const BYTES_OF_ONE: u64 = 12 << 20;

/// On slow lines these bytes would take minutes; there, losses hardly bind.
const LONGEST: Duration = Duration::from_secs(20);

/// What is left of a change.
#[derive(Debug)]
pub(super) struct Warmup {
    at_least: Duration,
    /// The longest wait for uploads to start.
    starting: Duration,
    /// The longest wait for connections to find their speed.
    finding: Duration,
    bytes: u64,
}

impl Warmup {
    /// After `new` slots were added, so that there are `concurrency` now.
    pub(super) fn of_new(new: usize, concurrency: usize) -> Self {
        let concurrency = u64::try_from(concurrency).unwrap_or(u64::MAX);
        Self {
            at_least: SHORTEST,
            starting: SHORTEST + START_OF_ONE * u32::try_from(new).unwrap_or(u32::MAX),
            finding: LONGEST,
            bytes: BYTES_OF_ONE.saturating_mul(concurrency),
        }
    }

    /// Where no upload is new.
    pub(super) fn of_none() -> Self {
        Self {
            at_least: SHORTEST,
            starting: Duration::ZERO,
            finding: Duration::ZERO,
            bytes: 0,
        }
    }

    /// Whether a sample is of the change still.
    pub(super) fn covers(&mut self, sample: &Sample) -> bool {
        let starting = sample.waiting.rate_limited > 0 && !self.starting.is_zero();
        let finding = self.bytes > 0 && !self.finding.is_zero();
        let covers = !self.at_least.is_zero() || starting || finding;
        for left in [&mut self.at_least, &mut self.starting, &mut self.finding] {
            *left = left.saturating_sub(sample.span);
        }
        self.bytes = self.bytes.saturating_sub(sample.bytes);
        if !covers {
            *self = Self {
                at_least: Duration::ZERO,
                ..Self::of_none()
            };
        }
        covers
    }
}
