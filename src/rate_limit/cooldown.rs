//! One endpoint's hold: after a throttle answer nobody calls for a while.

use std::time::Duration;

use tokio::time::Instant;

/// The longest hold that a `Retry-After` can ask for.
pub(super) const LONGEST_ASKED: Duration = Duration::from_secs(300);

/// So many longest holds in a row, and the endpoint is only probed any more.
const PATIENCE: u32 = 10;

/// A probe a minute, where the longest hold is 32 s.
const PROBE: f64 = 60.0 / 32.0;

/// How an endpoint is held after a throttle answer.
#[derive(Debug, Clone, Copy)]
pub struct CooldownPolicy {
    /// The first hold; doubled with each throttle answer in a row.
    pub first: Duration,
    /// The longest own hold.
    pub longest: Duration,
}

/// Pure, but for the dice: it is told instants and reads no clock.
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

    /// Whether a call had left when the hold began: what it is answered says nothing of the hold.
    pub(super) fn comes_after(&self, left: Instant) -> bool {
        self.began.is_some_and(|began| left <= began)
    }

    /// Holds the endpoint, twice as long as the time before, up to the longest.
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
        self.ask(now, asked);
    }

    /// Honours a `Retry-After`.
    pub(super) fn ask(&mut self, now: Instant, asked: Option<Duration>) {
        if let Some(asked) = asked {
            self.extend(now + asked.min(LONGEST_ASKED));
        }
    }

    /// The next hold starts small again.
    pub(super) fn relax(&mut self) {
        self.next = self.policy.first;
        self.longest_in_a_row = 0;
    }

    fn extend(&mut self, until: Instant) {
        self.until = self.until.max(Some(until));
    }
}

#[cfg(test)]
mod tests;
