//! Whether the service as a whole is there: what single failures of single files cannot show.
//!
//! One breaker a side (the API; storage): it takes every answer in order and says when the side is
//! down, when to probe it, and when to give up. Arithmetic on instants that are passed in: it neither
//! waits nor calls.

use std::time::Duration;

use tokio::time::Instant;

use super::policy::OutagePolicy;
use crate::api::{AccountFault, Fault};

/// Failures in a row, without a success for as long as the policy says, that make an outage.
const FAILURES: u32 = 10;

/// How often a proxy is probed in that time, before it is an outage like others.
const PROXY_PROBES: u32 = 10;

/// Failures in a row that are enough when no one ever answered: a name or an address is wrong.
const FIRST_FAILURES: u32 = 3;

/// What follows an answer, beyond its call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BreakerVerdict {
    /// The answer goes to the caller.
    PassOn,
    /// The call is made again before its answer is believed.
    AskAgain,
    /// The side is down: no call leaves for so long, then one does.
    Down(Duration),
    /// The run stops, for this fault.
    Stop(Fault),
}

/// How far a failed call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The connection was taken.
    Connected,
    /// The connection was not taken.
    Refused,
    /// To a proxy that cannot be reached or lets nothing through.
    Proxy,
}

impl Reach {
    fn of(fault: Option<&Fault>) -> Self {
        match fault {
            Some(Fault::Connect(_)) => Self::Refused,
            Some(Fault::Proxy(_)) => Self::Proxy,
            _ => Self::Connected,
        }
    }
}

/// The breaker of one side of the service.
#[derive(Debug)]
pub(super) struct CircuitBreaker {
    policy: OutagePolicy,
    /// What messages call this side.
    host: String,
    /// An answer came from there that made sense.
    met: bool,
    /// A key that had worked was refused, and the call that it was refused to is asking again.
    key_refused: bool,
    failures: u32,
    last_success: Instant,
    failing_since: Option<Instant>,
    down: bool,
}

impl CircuitBreaker {
    /// Of the API, whose first answers also show whether the address is right.
    pub(super) fn api(policy: OutagePolicy, host: String, now: Instant) -> Self {
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

    /// Of storage, which the API vouches for: one dead host of it is no reason to stop.
    pub(super) fn storage(policy: OutagePolicy, now: Instant) -> Self {
        Self {
            met: true,
            ..Self::api(policy, "storage".to_owned(), now)
        }
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn policy(&self) -> &OutagePolicy {
        &self.policy
    }

    /// Whether the side is down: a call to it is a probe.
    pub(super) fn is_down(&self) -> bool {
        self.down
    }

    /// The call that asked again ([`BreakerVerdict::AskAgain`]) succeeded. Others' successes prove
    /// nothing: a key can be refused for one endpoint and serve another.
    pub(super) fn key_works(&mut self) {
        self.key_refused = false;
    }

    /// Takes the next answer, as its fault or `None` for a success.
    pub(super) fn judge(&mut self, fault: Option<&Fault>, now: Instant) -> BreakerVerdict {
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
                BreakerVerdict::AskAgain
            }
            // Says nothing about the service as a whole.
            Some(
                Fault::Protocol(_)
                | Fault::InsecureUrl(_)
                | Fault::Descriptors(_)
                | Fault::Cancelled,
            ) => BreakerVerdict::PassOn,
            // A yes, or a refusal in words of the service, comes from the service.
            _ => {
                self.answered(now);
                BreakerVerdict::PassOn
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

    /// A proxy that lets nothing through has nothing to do with the file whose call met it: the side
    /// is down from the first such failure, and probed more often until it is an outage.
    fn failed(&mut self, text: &str, reach: Reach, now: Instant) -> BreakerVerdict {
        self.failures += 1;
        let since = *self.failing_since.get_or_insert(now);
        let silent = now.duration_since(self.last_success) >= self.policy.silence;
        if !self.met && reach != Reach::Connected && silent && self.failures >= FIRST_FAILURES {
            return BreakerVerdict::Stop(Fault::Away(format!("cannot connect to {text}")));
        }
        let outage = silent && self.failures >= FAILURES;
        self.down |= outage || reach == Reach::Proxy;
        if !self.down {
            return BreakerVerdict::PassOn;
        }
        if let Some(long) = self.policy.past_limit(now.duration_since(since)) {
            let text = format!("{} could not be reached for {long}: {text}", self.host);
            return BreakerVerdict::Stop(Fault::Away(text));
        }
        if reach == Reach::Proxy && !outage {
            return BreakerVerdict::Down(self.policy.silence / PROXY_PROBES);
        }
        BreakerVerdict::Down(self.policy.probe)
    }
}

#[cfg(test)]
mod tests;
