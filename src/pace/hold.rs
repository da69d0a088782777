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
pub struct HoldPolicy {
    /// The first hold; doubled with each throttle answer in a row.
    pub first: Duration,
    /// The longest own hold.
    pub longest: Duration,
}

/// Pure, but for the dice: it is told instants and reads no clock.
#[derive(Debug)]
pub(super) struct Hold {
    policy: HoldPolicy,
    began: Option<Instant>,
    until: Option<Instant>,
    next: Duration,
    longest_in_a_row: u32,
}

impl Hold {
    pub(super) fn new(policy: HoldPolicy) -> Self {
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
mod tests {
    use super::*;

    const POLICY: HoldPolicy = HoldPolicy {
        first: Duration::from_secs(1),
        longest: Duration::from_secs(32),
    };

    /// Begins a hold where the last one ended; gives its length in seconds, jitter taken off.
    fn next(hold: &mut Hold, now: &mut Instant) -> f64 {
        hold.begin(*now, None);
        let until = hold.until().unwrap();
        let seconds = (until - *now).as_secs_f64();
        *now = until;
        seconds
    }

    #[test]
    fn holds_double_up_to_the_longest_and_then_become_a_probe_a_minute() {
        let (mut hold, mut now) = (Hold::new(POLICY), Instant::now());
        let mut bounds = vec![1.0, 2.0, 4.0, 8.0, 16.0];
        bounds.extend([32.0; 10]);
        bounds.extend([60.0; 3]);
        for bound in bounds {
            let seconds = next(&mut hold, &mut now);
            assert!((bound..=bound * 1.25).contains(&seconds), "{seconds} s");
        }
        hold.relax();
        assert!(next(&mut hold, &mut now) <= 1.25);
    }

    #[test]
    fn case_004_retry_after_is_honoured_up_to_five_minutes() {
        let (mut hold, now) = (Hold::new(POLICY), Instant::now());
        hold.begin(now, Some(Duration::from_secs(5)));
        assert_eq!(hold.until(), Some(now + Duration::from_secs(5)));
        hold.ask(now, Some(Duration::from_secs(99_999)));
        assert_eq!(hold.until(), Some(now + LONGEST_ASKED));
        hold.ask(now, Some(Duration::from_secs(2)));
        assert_eq!(hold.until(), Some(now + LONGEST_ASKED));
    }

    #[test]
    fn only_calls_that_left_later_are_answered_about_the_hold() {
        let (mut hold, now) = (Hold::new(POLICY), Instant::now());
        assert!(!hold.comes_after(now));
        hold.begin(now, None);
        assert!(hold.comes_after(now));
        assert!(!hold.comes_after(now + Duration::from_millis(1)));
    }
}
