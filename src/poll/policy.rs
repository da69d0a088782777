//! How long and how often to poll for SUCCESS. Numbers alone.

use std::time::Duration;

use super::queue::PollBounds;

/// The longest time between two polls of one asset, in poll intervals.
const LONGEST_INTERVALS: u32 = 30;

/// Poll intervals shorter than this are taken for it.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);

/// How long and how often to poll for SUCCESS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmPolicy {
    /// The shortest time between two polls of one asset.
    pub poll_interval: Duration,
    /// How long to wait for SUCCESS after the bytes are up; `None`: do not poll at all.
    pub timeout: Option<Duration>,
}

impl Default for ConfirmPolicy {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_secs(2),
            timeout: Some(Duration::from_secs(3600)),
        }
    }
}

impl ConfirmPolicy {
    /// The bounds of the time between two polls of one asset.
    pub(super) fn bounds(&self) -> PollBounds {
        let shortest = self.poll_interval.max(SHORTEST_INTERVAL);
        let longest = shortest * LONGEST_INTERVALS;
        // Past the time-out a poll has to settle the row, however long the interval is.
        let longest = self.timeout.map_or(longest, |timeout| longest.min(timeout));
        PollBounds {
            shortest: shortest.as_secs_f64(),
            longest: longest.max(shortest).as_secs_f64(),
        }
    }
}
