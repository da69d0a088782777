//! How long an endpoint's short calls took lately.

use std::collections::VecDeque;
use std::time::Duration;

/// Round trips remembered.
const REMEMBERED: usize = 32;

/// Fewer than these say little about how much they vary.
const ENOUGH: usize = 8;

/// The last round trips.
#[derive(Debug, Default)]
pub(super) struct LatencyWindow(VecDeque<Duration>);

impl LatencyWindow {
    pub(super) fn note(&mut self, round_trip: Duration) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(round_trip);
    }

    /// The longest; zero while there are none.
    pub(super) fn longest(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    /// The middle one, on which a single slow answer has no hold; zero while there are none.
    pub(super) fn median(&self) -> Duration {
        let mut sorted: Vec<_> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    /// By how much the line can bring two calls closer, at most.
    pub(super) fn jitter(&self) -> Duration {
        let longest = self.longest();
        if self.0.len() < ENOUGH {
            return longest;
        }
        longest.saturating_sub(self.0.iter().min().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
