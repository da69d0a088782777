//! When to look at which asset: looks are the scarcest thing an account has.
//!
//! At full speed the account allows one look a file, over all assets that wait. `model` knows how
//! long the service takes, from the answers of this run; `queue` knows who waits and who is worth a
//! call; `scheduler` is where the pipeline's lives wait for their turn. Knows neither the wire nor what
//! an answer does to a file.
//!
//! | while | a look goes to |
//! |---|---|
//! | looks are plenty | an asset as soon as its chance to be done is worth a call (0.3) |
//! | looks bind | the likeliest of those; the others ripen meanwhile, and few looks fail |
//! | an asset hangs | it, each 30 poll intervals; while looks bind, with one look in eight |

mod model;
mod queue;
mod scheduler;

use std::time::Duration;

pub use model::LatencyModel;
pub use queue::{Micros, NextPoll, PollBounds, PollQueue, QueueKey, WaitingAsset};
pub use scheduler::{PollPermit, PollScheduler, PollTicket};

/// The longest time between two looks at one asset, in poll intervals.
const LONGEST_INTERVALS: u32 = 30;

/// Poll intervals shorter than this are taken for it.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);

/// How long and how often to look for SUCCESS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmPolicy {
    /// The shortest time between two looks at one asset.
    pub poll_interval: Duration,
    /// How long to wait for SUCCESS after the bytes are up; `None`: do not look at all.
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
    /// The bounds of the time between two looks at one asset.
    #[must_use]
    pub fn bounds(&self) -> PollBounds {
        let shortest = self.poll_interval.max(SHORTEST_INTERVAL);
        let longest = shortest * LONGEST_INTERVALS;
        // Past the time-out a look has to settle the row, however long the interval is.
        let longest = self.timeout.map_or(longest, |timeout| longest.min(timeout));
        PollBounds {
            shortest: shortest.as_secs_f64(),
            longest: longest.max(shortest).as_secs_f64(),
        }
    }
}
