//! Whether the service as a whole is there: what single failures of single files cannot tell.
//!
//! One watch a side (the API; storage): fed with every answer in order, it says when the side is
//! away, when to knock again, and when to give up. Arithmetic on instants that it is given: it
//! neither waits nor calls.

use std::time::Duration;

use tokio::time::Instant;

use crate::api::{AccountFault, Fault};
use crate::retry::RetryPolicy;

/// Failures in a row, without a success for [`SILENCE`], that make an outage.
const FAILURES: u32 = 10;

/// How long nothing must have succeeded before failures make an outage.
const SILENCE: Duration = Duration::from_secs(30);

/// The time between two probes during an outage.
const PROBE: Duration = Duration::from_secs(60);

/// A proxy is knocked at so often in the time of [`SILENCE`], before it is an outage like others.
const KNOCKS: u32 = 10;

/// Failures in a row that are enough when nobody ever answered: a name or an address is wrong.
const FIRST_FAILURES: u32 = 3;

/// How outages are told and endured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutagePolicy {
    silence: Duration,
    probe: Duration,
    /// How long the service may be away before the run stops; `None`: for ever.
    longest: Option<Duration>,
}

impl OutagePolicy {
    /// The rules' times at the scale of `retry`, and the user's patience as it is.
    #[must_use]
    pub fn new(retry: &RetryPolicy, longest: Option<Duration>) -> Self {
        Self {
            silence: retry.scaled(SILENCE),
            probe: retry.scaled(PROBE),
            longest,
        }
    }

    /// The time between two probes during an outage.
    #[must_use]
    pub fn probe(&self) -> Duration {
        self.probe
    }

    /// How long the service may be away before the run stops; `None`: for ever.
    #[must_use]
    pub fn longest(&self) -> Option<Duration> {
        self.longest
    }
}

/// What an answer means for the service as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BreakerVerdict {
    /// Nothing: the answer is the caller's.
    Tell,
    /// The answer is to be had again before it is believed.
    Again,
    /// The side is away: nobody calls it for so long, then one call does.
    Down(Duration),
    /// The run stops, for this fault.
    Stop(Fault),
}

/// How far a failed call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// To somebody who took the connection.
    Open,
    /// Nobody took the connection.
    Closed,
    /// To a proxy that cannot be reached or lets nobody through.
    Barred,
}

impl Reach {
    fn of(fault: Option<&Fault>) -> Self {
        match fault {
            Some(Fault::Connect(_)) => Self::Closed,
            Some(Fault::Proxy(_)) => Self::Barred,
            _ => Self::Open,
        }
    }
}

/// One side of the service, watched.
#[derive(Debug)]
pub struct CircuitBreaker {
    policy: OutagePolicy,
    /// What messages call this side.
    host: String,
    /// Somebody there gave an answer that made sense.
    met: bool,
    /// A key that had worked was refused, and the call that it was refused to is asking again.
    key_refused: bool,
    failures: u32,
    last_success: Instant,
    failing_since: Option<Instant>,
    down: bool,
}

impl CircuitBreaker {
    /// Watches the API, where the first answers also tell whether the address is right.
    #[must_use]
    pub fn api(policy: OutagePolicy, host: String, now: Instant) -> Self {
        Self {
            policy,
            host,
            met: false,
            key_refused: false,
            failures: 0,
            last_success: now,
            failing_since: None,
            down: false,
        }
    }

    /// Watches storage, which the API vouches for: one dead host of it is no reason to stop.
    #[must_use]
    pub fn storage(policy: OutagePolicy, now: Instant) -> Self {
        Self {
            met: true,
            ..Self::api(policy, "storage".to_owned(), now)
        }
    }

    /// What messages call this side.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How outages are told and endured.
    #[must_use]
    pub fn policy(&self) -> &OutagePolicy {
        &self.policy
    }

    /// Whether the side is away at present: whoever calls it is a probe.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.down
    }

    /// The call that asked again ([`BreakerVerdict::Again`]) succeeded. Others' successes prove nothing: a key
    /// can be refused for one endpoint and serve another.
    pub fn key_works(&mut self) {
        self.key_refused = false;
    }

    /// Takes the next answer, as its fault or `None` for a success.
    pub fn judge(&mut self, fault: Option<&Fault>, now: Instant) -> BreakerVerdict {
        match fault {
            Some(
                Fault::Connect(text)
                | Fault::Proxy(text)
                | Fault::Broken(text)
                | Fault::Timeout(text)
                | Fault::Server(_, text)
                | Fault::NotJson(text),
            ) => {
                let reach = Reach::of(fault);
                self.failed(text, reach, now)
            }
            Some(Fault::Tls(text)) if self.met => BreakerVerdict::Stop(Fault::Away(text.clone())),
            Some(Fault::Tls(text)) => BreakerVerdict::Stop(Fault::Setup(text.clone())),
            Some(Fault::NotFound(_)) if !self.met => {
                let text = format!("no MAVI API at {}: check --base-url", self.host);
                BreakerVerdict::Stop(Fault::Setup(text))
            }
            Some(Fault::Redirect(to)) if !self.met => {
                let host = &self.host;
                let text =
                    format!("{host} redirects to {to}: check --base-url or log in to the network");
                BreakerVerdict::Stop(Fault::Setup(text))
            }
            // A key that worked a moment ago may have met a server that is just being restarted.
            Some(Fault::Account(AccountFault::BadKey)) if self.met && !self.key_refused => {
                self.key_refused = true;
                BreakerVerdict::Again
            }
            // Says nothing about the service as a whole.
            Some(
                Fault::Protocol(_)
                | Fault::InsecureUrl(_)
                | Fault::Descriptors(_)
                | Fault::Cancelled,
            ) => BreakerVerdict::Tell,
            // Whoever says yes, or refuses in words of the service, is there.
            _ => {
                self.answered(now);
                BreakerVerdict::Tell
            }
        }
    }

    fn answered(&mut self, now: Instant) {
        self.met = true;
        self.failures = 0;
        self.last_success = now;
        self.failing_since = None;
        self.down = false;
    }

    /// A proxy that lets nobody through has nothing to do with the file whose call met it: the side
    /// is away from the first such failure, and knocked at more often until it is an outage.
    fn failed(&mut self, text: &str, reach: Reach, now: Instant) -> BreakerVerdict {
        self.failures += 1;
        let since = *self.failing_since.get_or_insert(now);
        let silent = now.duration_since(self.last_success) >= self.policy.silence;
        if !self.met && reach != Reach::Open && silent && self.failures >= FIRST_FAILURES {
            return BreakerVerdict::Stop(Fault::Away(format!("cannot connect to {text}")));
        }
        let outage = silent && self.failures >= FAILURES;
        self.down |= outage || reach == Reach::Barred;
        let long = now.duration_since(since);
        match self.policy.longest {
            _ if !self.down => BreakerVerdict::Tell,
            Some(longest) if long >= longest => {
                let long = in_seconds(long);
                BreakerVerdict::Stop(Fault::Away(format!(
                    "{} could not be reached for {long}: {text}",
                    self.host
                )))
            }
            _ if reach == Reach::Barred && !outage => {
                BreakerVerdict::Down(self.policy.silence / KNOCKS)
            }
            _ => BreakerVerdict::Down(self.policy.probe),
        }
    }
}

/// So long, in words, to the second.
pub(crate) fn in_seconds(long: Duration) -> humantime::FormattedDuration {
    humantime::format_duration(Duration::from_secs(long.as_secs()))
}

#[cfg(test)]
mod tests;
