//! The account's rate limits: no two calls to an endpoint closer than the period.
//!
//! The gap is measured from the last **admitted** call. A call that comes too early is a violation and does not
//! move that mark, so a client that hammers is let through once a period rather than never. There is no burst
//! allowance. Knows neither the clock nor the answers.

use std::time::Duration;

use tokio::time::Instant;

use super::call::Endpoint;

/// The share of the period that must have passed: timers of honest clients wake a little early.
const TOLERANCE: f64 = 0.98;

/// The last admitted call of each limited endpoint.
#[derive(Debug)]
pub(super) struct Limits {
    /// The smallest gap allowed; `None` when there is no limit.
    gap: Option<Duration>,
    admitted: [Option<Instant>; 5],
}

impl Limits {
    /// Limits of `rate` calls per second; 0 is no limit. `None` when the rate is no such number.
    pub(super) fn new(rate: f64) -> Option<Self> {
        if !rate.is_finite() || rate < 0.0 {
            return None;
        }
        let gap = Duration::try_from_secs_f64(TOLERANCE / rate).unwrap_or(Duration::MAX);
        Some(Self {
            gap: (rate > 0.0).then_some(gap),
            admitted: [None; 5],
        })
    }

    /// Whether a call that arrives `now` is in time; if so it is the new mark.
    pub(super) fn admit(&mut self, endpoint: Endpoint, now: Instant) -> bool {
        let slot = match endpoint {
            Endpoint::Sign => 0,
            Endpoint::Send => 1,
            Endpoint::Status => 2,
            Endpoint::Direct => 3,
            Endpoint::Delete => 4,
            Endpoint::Download => return true,
        };
        let Some(gap) = self.gap else { return true };
        let last = &mut self.admitted[slot];
        if last.is_some_and(|last| now.duration_since(last) < gap) {
            return false;
        }
        *last = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(rate: f64, arrivals_ms: &[u64]) -> Vec<bool> {
        let (mut limits, start) = (Limits::new(rate).unwrap(), Instant::now());
        arrivals_ms
            .iter()
            .map(|ms| limits.admit(Endpoint::Sign, start + Duration::from_millis(*ms)))
            .collect()
    }

    #[test]
    fn early_calls_are_refused_and_do_not_move_the_mark() {
        let (arrivals, fate) = ([0, 979, 980, 1500, 1960], [true, false, true, false, true]);
        assert_eq!(admitted(1.0, &arrivals), fate);
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(admitted(0.0, &[0, 0, 0]), [true; 3]);
    }

    #[test]
    fn endpoints_do_not_share_and_downloads_are_free() {
        let (mut limits, now) = (Limits::new(1.0).unwrap(), Instant::now());
        assert!(limits.admit(Endpoint::Sign, now) && limits.admit(Endpoint::Status, now));
        assert!(limits.admit(Endpoint::Download, now) && limits.admit(Endpoint::Download, now));
    }

    #[test]
    fn odd_rates_are_refused_or_survived() {
        assert!(Limits::new(f64::NAN).is_none() && Limits::new(-1.0).is_none());
        assert_eq!(admitted(1e-300, &[0, 100]), [true, false]);
    }
}
