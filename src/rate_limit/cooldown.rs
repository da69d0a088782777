//! One endpoint's cooldown: after a throttle answer no call leaves for a while. Reads no clock; only
//! the jitter is drawn here.

use std::time::Duration;

use tokio::time::Instant;

use super::policy::CooldownPolicy;

/// The longest cooldown that a `Retry-After` can ask for.
pub(super) const LONGEST_ASKED: Duration = Duration::from_secs(300);

/// So many longest cooldowns in a row, and the endpoint is only probed any more.
const PATIENCE: u32 = 10;

/// A probe a minute, where the longest cooldown is 32 s.
const PROBE: f64 = 60.0 / 32.0;

/// The cooldowns of one endpoint.
#[derive(Debug)]
pub(super) struct Cooldown {
    policy: CooldownPolicy,
    began: Option<Instant>,
    until: Option<Instant>,
    next: Duration,
    longest_in_a_row: u32,
}

impl Cooldown {
    pub(super) fn new(policy: CooldownPolicy) -> Self {
        Self {
            policy,
            began: None,
            until: None,
            next: policy.first,
            longest_in_a_row: 0,
        }
    }

    /// When calls may leave again; may be past.
    pub(super) fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Whether a call had left when the cooldown began: what it is answered says nothing of that.
    pub(super) fn began_after(&self, left: Instant) -> bool {
        self.began.is_some_and(|began| left <= began)
    }

    /// Begins a cooldown, twice as long as the one before, up to the longest.
    pub(super) fn begin(&mut self, now: Instant, asked: Option<Duration>) {
        let mut pause = self.next;
        if pause >= self.policy.longest {
            self.longest_in_a_row += 1;
            if self.longest_in_a_row > PATIENCE {
                pause = pause.mul_f64(PROBE);
            }
        }
        self.began = Some(now);
        self.next = (self.next * 2).min(self.policy.longest);
        self.extend(now + pause.mul_f64(1.0 + fastrand::f64() / 4.0));
        self.extend_as_asked(now, asked);
    }

    /// Honours a `Retry-After`.
    pub(super) fn extend_as_asked(&mut self, now: Instant, asked: Option<Duration>) {
        if let Some(asked) = asked {
            self.extend(now + asked.min(LONGEST_ASKED));
        }
    }

    /// The next cooldown is the first again.
    pub(super) fn reset(&mut self) {
        self.next = self.policy.first;
        self.longest_in_a_row = 0;
    }

    fn extend(&mut self, until: Instant) {
        self.until = self.until.max(Some(until));
    }
}

#[cfg(test)]
mod tests;
