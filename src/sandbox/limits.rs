//! The account's rate limits: no two calls to an endpoint closer than the period.
//!
//! The gap is measured from the last **admitted** call. A call that comes too early is a violation and does not
//! move that mark, so a client that hammers is let through once a period rather than never. There is no burst
//! allowance. Limits may change at set times, and another client of the account may take its share. Knows
//! neither the clock nor the answers.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::call::Endpoint;

/// The share of the period that must have passed: timers of honest clients wake a little early.
const TOLERANCE: f64 = 0.98;

/// How a call that comes too early is refused.
#[derive(Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum LimitStyle {
    /// HTTP 429 with code `"0429"`; storage: a text.
    #[default]
    #[serde(rename = "http-429")]
    Http429,
    /// The same with a `Retry-After` of the seconds left.
    RetryAfter,
    /// HTTP 200 with code `429`; storage: HTTP 429.
    #[serde(rename = "code-429")]
    Code429,
    /// HTTP 200 with code `"0429"`; storage: HTTP 429.
    #[serde(rename = "code-0429")]
    Code0429,
    /// HTTP 400 with the limit's text, which some validation errors share; storage: HTTP 429.
    #[serde(rename = "http-400")]
    Http400,
    /// HTTP 503 with `SlowDown` as XML from storage; the API: HTTP 429.
    SlowDown,
}

/// A change of the limits at a set time.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitChange {
    /// When, since the sandbox started.
    pub after: Duration,
    /// Of which endpoints; empty for all.
    pub endpoints: Vec<Endpoint>,
    /// The new rate in calls per second, 0 for no limit.
    pub rate: Option<f64>,
    /// The new way to refuse.
    pub style: Option<LimitStyle>,
    /// The pace in calls per second of another client of the account, which is admitted or refused as calls are;
    /// 0 for none.
    pub other_client: Option<f64>,
}

/// A call that was refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TooEarly {
    pub(super) style: LimitStyle,
    /// How much later it would have been in time.
    pub(super) left: Duration,
}

/// The limits of all endpoints and what was admitted last.
#[derive(Debug)]
pub(super) struct Limits {
    start: Instant,
    lanes: [Lane; Endpoint::ALL.len()],
    /// What is still to come, the latest first.
    changes: Vec<LimitChange>,
    /// Calls refused so far, in order.
    violations: Vec<(Instant, Endpoint)>,
}

#[derive(Clone, Debug)]
struct Lane {
    /// The smallest gap allowed; `None` when there is no limit.
    gap: Option<Duration>,
    style: LimitStyle,
    admitted: Option<Instant>,
    other: Option<OtherClient>,
}

/// Another client, which calls by the clock and never backs off.
#[derive(Clone, Copy, Debug)]
struct OtherClient {
    next: Instant,
    period: Duration,
}

impl Limits {
    /// Limits that start with `rate` calls per second (0 is no limit) and change as given. `None` when a rate is
    /// no such number.
    pub(super) fn new(rate: f64, style: LimitStyle, mut changes: Vec<LimitChange>) -> Option<Self> {
        let rates = changes
            .iter()
            .flat_map(|change| [change.rate, change.other_client]);
        if !rates
            .flatten()
            .chain([rate])
            .all(|rate| rate.is_finite() && rate >= 0.0)
        {
            return None;
        }
        // Stable, so that of two changes at one time the later one wins.
        changes.sort_by_key(|change| change.after);
        changes.reverse();
        let (admitted, other) = (None, None);
        let lane = Lane {
            gap: period(rate, TOLERANCE),
            style,
            admitted,
            other,
        };
        let lanes = std::array::from_fn(|_| lane.clone());
        let violations = Vec::new();
        Some(Self {
            start: Instant::now(),
            lanes,
            changes,
            violations,
        })
    }

    /// When the sandbox started.
    pub(super) fn start(&self) -> Instant {
        self.start
    }

    /// Whether a call that arrives `now` is in time; if so it is the new mark.
    pub(super) fn admit(&mut self, endpoint: Endpoint, now: Instant) -> Result<(), TooEarly> {
        self.change(now);
        if endpoint == Endpoint::Download {
            return Ok(());
        }
        let lane = &mut self.lanes[endpoint as usize];
        lane.let_the_other_call(now);
        lane.admit(now)
            .inspect_err(|_| self.violations.push((now, endpoint)))
    }

    /// Calls refused at `mark` or later.
    pub(super) fn violations_since(&self, mark: Instant) -> impl Iterator<Item = Endpoint> {
        let first = self.violations.partition_point(|(when, _)| *when < mark);
        self.violations[first..]
            .iter()
            .map(|(_, endpoint)| *endpoint)
    }

    fn change(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.start);
        while let Some(change) = self.changes.pop_if(|change| change.after <= elapsed) {
            let when = self.start + change.after;
            for endpoint in Endpoint::ALL {
                if change.endpoints.is_empty() || change.endpoints.contains(&endpoint) {
                    self.lanes[endpoint as usize].change(&change, when);
                }
            }
        }
    }
}

impl Lane {
    fn change(&mut self, change: &LimitChange, when: Instant) {
        self.let_the_other_call(when);
        if let Some(rate) = change.rate {
            self.gap = period(rate, TOLERANCE);
        }
        if let Some(pace) = change.other_client {
            self.other = period(pace, 1.0).map(|period| OtherClient { next: when, period });
        }
        self.style = change.style.unwrap_or(self.style);
    }

    fn admit(&mut self, now: Instant) -> Result<(), TooEarly> {
        let Some(gap) = self.gap else { return Ok(()) };
        let since = self
            .admitted
            .map(|last| now.saturating_duration_since(last));
        if let Some(left) = since.and_then(|since| gap.checked_sub(since))
            && !left.is_zero()
        {
            return Err(TooEarly {
                style: self.style,
                left,
            });
        }
        self.admitted = Some(now);
        Ok(())
    }

    /// What the other client did up to now. Only its calls of the last few gaps can still matter.
    fn let_the_other_call(&mut self, now: Instant) {
        let (Some(gap), Some(mut other)) = (self.gap, self.other) else {
            return;
        };
        let late = now
            .saturating_duration_since(other.next)
            .saturating_sub(gap * 4);
        let skipped = late.as_nanos() / other.period.as_nanos().max(1);
        other.next += other
            .period
            .saturating_mul(u32::try_from(skipped).unwrap_or(u32::MAX));
        while other.next <= now {
            // Refused, it just comes again a period later.
            let _ = self.admit(other.next);
            other.next += other.period;
        }
        self.other = Some(other);
    }
}

/// The time between two calls at a rate; `None` for a rate of 0.
fn period(rate: f64, tolerance: f64) -> Option<Duration> {
    // A year is as good as never and can still be added to a clock.
    const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);
    const SHORTEST: Duration = Duration::from_micros(1);
    let period = Duration::try_from_secs_f64(tolerance / rate).unwrap_or(LONGEST);
    (rate > 0.0).then_some(period.clamp(SHORTEST, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(rate: f64, changes: Vec<LimitChange>) -> Limits {
        Limits::new(rate, LimitStyle::default(), changes).unwrap()
    }

    fn change(after: u64) -> LimitChange {
        LimitChange {
            after: Duration::from_secs(after),
            endpoints: Vec::new(),
            rate: None,
            style: None,
            other_client: None,
        }
    }

    fn admitted(limits: &mut Limits, arrivals_ms: &[u64]) -> Vec<bool> {
        let start = limits.start;
        let arrive = |ms: &u64| {
            limits
                .admit(Endpoint::Sign, start + Duration::from_millis(*ms))
                .is_ok()
        };
        arrivals_ms.iter().map(arrive).collect()
    }

    #[test]
    fn early_calls_are_refused_and_do_not_move_the_mark() {
        let (arrivals, fate) = ([0, 979, 980, 1500, 1960], [true, false, true, false, true]);
        let mut limits = limits(1.0, vec![]);
        assert_eq!(admitted(&mut limits, &arrivals), fate);
        let mark = limits.start + Duration::from_secs(1);
        assert_eq!(limits.violations_since(limits.start).count(), 2);
        assert_eq!(
            limits.violations_since(mark).collect::<Vec<_>>(),
            [Endpoint::Sign]
        );
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(admitted(&mut limits(0.0, vec![]), &[0, 0, 0]), [true; 3]);
    }

    #[test]
    fn endpoints_do_not_share_and_downloads_are_free() {
        let (mut limits, now) = (limits(1.0, vec![]), Instant::now());
        assert!(
            limits.admit(Endpoint::Sign, now).is_ok()
                && limits.admit(Endpoint::Status, now).is_ok()
        );
        let mut download = || limits.admit(Endpoint::Download, now).is_ok();
        assert!(download() && download());
    }

    #[test]
    fn odd_rates_are_refused_or_survived() {
        let new = |rate| Limits::new(rate, LimitStyle::default(), vec![]);
        assert!(new(f64::NAN).is_none() && new(-1.0).is_none());
        assert_eq!(
            admitted(&mut limits(1e-300, vec![]), &[0, 100]),
            [true, false]
        );
        assert_eq!(
            admitted(&mut limits(1e300, vec![]), &[0, 100]),
            [true, true]
        );
    }

    #[test]
    fn a_limit_changes_when_its_time_has_come() {
        let half = LimitChange {
            rate: Some(0.5),
            style: Some(LimitStyle::Http400),
            ..change(10)
        };
        let other = LimitChange {
            rate: Some(9.0),
            endpoints: vec![Endpoint::Send],
            ..change(10)
        };
        let mut limits = limits(1.0, vec![half, other]);
        let (arrivals, fate) = (
            [0, 1000, 10_000, 11_000, 12_000],
            [true, true, true, false, true],
        );
        assert_eq!(admitted(&mut limits, &arrivals), fate);
        let refused = limits.admit(Endpoint::Sign, limits.start + Duration::from_secs(13));
        let left = Duration::from_millis(960);
        assert_eq!(
            refused,
            Err(TooEarly {
                style: LimitStyle::Http400,
                left
            })
        );
    }

    #[test]
    fn case_057_another_client_takes_its_share() {
        let mut limits = limits(
            1.0,
            vec![LimitChange {
                other_client: Some(0.5),
                ..change(0)
            }],
        );
        let steady: Vec<u64> = (0..100).map(|n| n * 1000 + 500).collect();
        let passed = admitted(&mut limits, &steady)
            .iter()
            .filter(|passed| **passed)
            .count();
        assert_eq!(passed, 50);
        // After an hour of silence it is there as before, and no slower to reckon with.
        assert_eq!(
            admitted(&mut limits, &[3_600_500, 3_601_500]),
            [false, true]
        );
    }
}
