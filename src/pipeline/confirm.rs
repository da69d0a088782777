//! When to look at an asset: looks are the scarcest thing an account has.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::plan::Asset;

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

/// The longest time between two looks at one asset, in poll intervals.
const LONGEST_INTERVALS: u32 = 30;

/// One asset's looks.
#[derive(Debug)]
pub(super) struct Watch {
    policy: ConfirmPolicy,
    sent_at: Instant,
    next: Instant,
    interval: Duration,
}

impl Watch {
    /// Begins when the bytes are up, or where an earlier run left off.
    pub(super) fn new(policy: ConfirmPolicy, asset: &Asset) -> Self {
        let now = Instant::now();
        // A clock that went backwards counts as no time at all.
        let age = asset.sent_at.map_or(Duration::ZERO, |at| {
            Duration::try_from(Timestamp::now().duration_since(at)).unwrap_or_default()
        });
        let sent_at = now.checked_sub(age).unwrap_or(now);
        let next = now.max(sent_at + policy.poll_interval);
        Self {
            policy,
            sent_at,
            next,
            interval: policy.poll_interval,
        }
    }

    /// When the next look is due. Sets the one after it: each pause is half as long again as the
    /// one before.
    pub(super) fn next_look(&mut self) -> Instant {
        let due = self.next.max(Instant::now());
        self.next = due + self.interval;
        let longest = self.policy.poll_interval * LONGEST_INTERVALS;
        self.interval = self.interval.mul_f64(1.5).min(longest);
        due
    }

    /// Whether a look made now is made after the time-out.
    pub(super) fn is_late(&self) -> bool {
        self.policy
            .timeout
            .is_none_or(|timeout| self.sent_at.elapsed() >= timeout)
    }
}
