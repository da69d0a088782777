//! Single calls about single assets, paced and tried again: what the commands share that are no
//! upload run.
//!
//! One call after another, so that whatever it led to can be written down before the next. Holds no
//! list of assets and decides nothing about them; knows no terminal.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::api::{Fault, Look, Service};
use crate::event::Events;
use crate::ledger::{Identity, Ledger, LedgerError};
use crate::model::{Rates, Refusal};
use crate::rate_limit::{HoldPolicy, OutagePolicy, PacePolicy, Paced};
use crate::retry::{RetryPolicy, Rule, Then, Tries, rule};
use crate::shutdown::{Stop, StopCause};

/// How such calls are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallPolicy {
    /// Calls a second of each kind; 0 for no limit.
    pub(crate) rate: f64,
    /// Attempts and pauses.
    pub(crate) retry: RetryPolicy,
    /// How long the service may be away; `None`: for ever.
    pub(crate) longest_outage: Option<Duration>,
}

/// Why the next call is not made.
#[derive(Debug)]
pub(crate) enum Ended {
    Interrupted,
    Stopped(StopCause),
}

/// A service that is called about one asset at a time, until it is to stop.
#[derive(Debug)]
pub(crate) struct Calls<S> {
    service: Paced<S>,
    stop: Stop,
}

impl<S: Service> Calls<S> {
    /// Calls `service`, which messages call `host`. Once `stop` fires, no further call is made.
    pub(crate) fn new(service: S, host: String, policy: CallPolicy, stop: Stop) -> Self {
        let CallPolicy { rate, retry, .. } = policy;
        let rates = Rates {
            sign: rate,
            upload: rate,
            poll: rate,
        };
        let pace = PacePolicy {
            hold: HoldPolicy {
                first: retry.delay,
                longest: retry.max_delay,
            },
            outage: OutagePolicy::new(&retry, policy.longest_outage),
            in_flight: NonZeroUsize::MIN,
            resumed: true,
        };
        let (events, calls) = (Events::channel().0, stop.nothing_new().clone());
        Self {
            service: Paced::new(service, host, rates, pace, events, calls),
            stop,
        }
    }

    /// The service, at its pace.
    pub(crate) fn service(&self) -> &Paced<S> {
        &self.service
    }

    /// The answer to a call; a call under way is given its time when all is to stop.
    pub(crate) async fn answer<T>(
        &self,
        call: impl Future<Output = Result<T, Fault>>,
    ) -> Result<Result<T, Fault>, Ended> {
        tokio::select! {
            biased;
            answer = call => match answer {
                Err(Fault::Cancelled) => Err(Ended::Interrupted),
                answer => Ok(answer),
            },
            () = self.stop.calls().cancelled() => Err(Ended::Interrupted),
        }
    }

    /// The end of a call that moves many bytes; one under way is broken off when all is to stop.
    pub(crate) async fn transfer<T>(
        &self,
        call: impl Future<Output = Result<T, Fault>>,
    ) -> Result<Result<T, Fault>, Ended> {
        tokio::select! {
            biased;
            () = self.stop.uploads().cancelled() => Err(Ended::Interrupted),
            answer = self.answer(call) => answer,
        }
    }

    /// Rests before the call that met `fault` is made again; gives the refusal that it amounts to
    /// once its attempts are used up.
    pub(crate) async fn again(
        &self,
        retry: &RetryPolicy,
        tries: &mut Tries,
        fault: &Fault,
    ) -> Result<Option<Refusal>, Ended> {
        let rule = rule(fault);
        let attempt = tries.count(fault);
        if attempt < retry.tries(rule.tries) {
            self.rest(retry, attempt, &rule).await?;
            return Ok(None);
        }
        match rule.then {
            Then::FailRow(refusal) => Ok(Some(refusal)),
            Then::StopRun(cause) => Err(Ended::Stopped(cause)),
        }
    }

    async fn rest(&self, retry: &RetryPolicy, attempt: u32, rule: &Rule) -> Result<(), Ended> {
        let pause = retry.pause(attempt).max(retry.scaled(rule.gap));
        tokio::select! {
            biased;
            () = self.stop.nothing_new().cancelled() => Err(Ended::Interrupted),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }
}

/// Makes sure that a ledger belongs to this service and account. Another key may still be of the
/// same account: then the service knows an asset of the ledger. A ledger that knows no asset becomes
/// this account's: there is nothing that could be mixed up.
pub(crate) async fn identify<S: Service>(
    ledger: &mut Ledger,
    identity: &Identity,
    adopt: bool,
    service: &S,
) -> Result<(), LedgerError> {
    match ledger.identify(identity, adopt) {
        Err(other @ LedgerError::OtherAccount { .. }) => {
            let known = match ledger.known_asset()? {
                Some(asset) => matches!(service.status(&asset).await, Ok(Look::Found { .. })),
                None => true,
            };
            if !known {
                return Err(other);
            }
            ledger.identify(identity, true)
        }
        done => done,
    }
}
