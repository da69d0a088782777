//! The account's rate limits: two calls to an endpoint are never closer than the period.
//!
//! The gap is measured from the last **admitted** call. A call that comes too early is a violation and does not
//! move that mark, so a client that calls too often is admitted once a period rather than never. There is no burst
//! allowance. Limits may change at set times, and another client of the account may take its share. This file
//! knows neither the clock nor the answers.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use crate::call::Endpoint;

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
    /// The rate in calls per second of another client of the account, whose calls are always in time;
    /// 0 for none.
    pub other_client: Option<f64>,
}

/// Why a call was refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TooEarly {
    pub(crate) style: LimitStyle,
    /// How much later it would have been in time.
    pub(crate) left: Duration,
}

/// The limits of all endpoints and what was admitted last.
#[derive(Debug)]
pub(crate) struct Limits {
    start: Instant,
    endpoints: [EndpointLimit; Endpoint::ALL.len()],
    /// Changes still to come, the latest first.
    changes: Vec<LimitChange>,
    /// Calls refused so far, in order.
    violations: Vec<(Instant, Endpoint)>,
}

#[derive(Clone, Debug)]
struct EndpointLimit {
    /// The smallest gap allowed; `None` when there is no limit.
    gap: Option<Duration>,
    style: LimitStyle,
    admitted: Option<Instant>,
    other: Option<OtherClient>,
}

/// Another client, which calls at fixed times and never backs off.
#[derive(Clone, Copy, Debug)]
struct OtherClient {
    next: Instant,
    period: Duration,
}

impl Limits {
    /// Limits of `rate` calls per second (0 is no limit) that change over time. `None` when a rate is negative or
    /// not finite.
    pub(crate) fn new(rate: f64, style: LimitStyle, mut changes: Vec<LimitChange>) -> Option<Self> {
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
        let limit = EndpointLimit {
            gap: period(rate, TOLERANCE),
            style,
            admitted,
            other,
        };
        let endpoints = std::array::from_fn(|_| limit.clone());
        let violations = Vec::new();
        Some(Self {
            start: Instant::now(),
            endpoints,
            changes,
            violations,
        })
    }

    pub(crate) fn start(&self) -> Instant {
        self.start
    }

    /// Admits a call that arrives `now`, or refuses it as too early.
    pub(crate) fn admit(&mut self, endpoint: Endpoint, now: Instant) -> Result<(), TooEarly> {
        self.change(now);
        if endpoint == Endpoint::Download {
            return Ok(());
        }
        let limit = &mut self.endpoints[endpoint as usize];
        limit.admit_other_client(now);
        limit
            .admit(now)
            .inspect_err(|_| self.violations.push((now, endpoint)))
    }

    /// Calls refused at `mark` or later.
    pub(crate) fn violations_since(&self, mark: Instant) -> impl Iterator<Item = Endpoint> {
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
                    self.endpoints[endpoint as usize].change(&change, when);
                }
            }
        }
    }
}

impl EndpointLimit {
    fn change(&mut self, change: &LimitChange, when: Instant) {
        self.admit_other_client(when);
        if let Some(rate) = change.rate {
            self.gap = period(rate, TOLERANCE);
        }
        if let Some(rate) = change.other_client {
            self.other = period(rate, 1.0).map(|period| OtherClient { next: when, period });
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

    /// Admits the other client's calls up to now. Only those of the last few gaps can still matter.
    fn admit_other_client(&mut self, now: Instant) {
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
            self.admitted = self.admitted.max(Some(other.next));
            other.next += other.period;
        }
        self.other = Some(other);
    }
}

/// The time between two calls at a rate; `None` for a rate of 0.
fn period(rate: f64, tolerance: f64) -> Option<Duration> {
    // A year can still be added to a clock.
    const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);
    const SHORTEST: Duration = Duration::from_micros(1);
    let period = Duration::try_from_secs_f64(tolerance / rate).unwrap_or(LONGEST);
    (rate > 0.0).then_some(period.clamp(SHORTEST, LONGEST))
}

#[cfg(test)]
mod tests;
