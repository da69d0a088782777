//! Single calls about single assets, rate limited and tried again: what the commands share that are
//! no upload run.
//!
//! One call after another, so that whatever it led to can be written down before the next. Holds no
//! list of assets and decides nothing about them; knows no terminal.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::api::{Fault, Service, StatusAnswer};
use crate::event::Events;
use crate::ledger::{Identity, Ledger, LedgerError};
use crate::model::{Rates, RowFailure};
use crate::rate_limit::{CooldownPolicy, OutagePolicy, RateLimitPolicy, RateLimited};
use crate::retry::{OnExhausted, RetryPolicy, Tries};
use crate::shutdown::{Shutdown, StopCause};

/// How such calls are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallPolicy {
    /// Calls a second of each kind; 0 for no limit.
    pub(crate) rate: f64,
    /// Attempts and pauses.
    pub(crate) retry: RetryPolicy,
    /// How long the service may be down; `None`: for ever.
    pub(crate) longest_outage: Option<Duration>,
}

/// Why the next call is not made.
#[derive(Debug)]
pub(crate) enum ClientStopped {
    Interrupted,
    Stopped(StopCause),
}

impl ClientStopped {
    /// What made it stop, if not a person, and whether a person did.
    pub(crate) fn into_parts(self) -> (Option<StopCause>, bool) {
        match self {
            Self::Interrupted => (None, true),
            Self::Stopped(cause) => (Some(cause), false),
        }
    }
}

/// A service that is called about one asset at a time, until it is to stop.
#[derive(Debug)]
pub(crate) struct RetryingClient<S> {
    service: RateLimited<S>,
    shutdown: Shutdown,
}

impl<S: Service> RetryingClient<S> {
    /// Calls `service`, which messages call `host`. Once `shutdown` fires, no further call is made.
    pub(crate) fn new(service: S, host: String, policy: CallPolicy, shutdown: Shutdown) -> Self {
        let CallPolicy { rate, retry, .. } = policy;
        let rates = Rates {
            sign: rate,
            upload: rate,
            poll: rate,
        };
        let limits = RateLimitPolicy {
            cooldown: CooldownPolicy {
                first: retry.delay,
                longest: retry.max_delay,
            },
            outage: OutagePolicy::new(&retry, policy.longest_outage),
            in_flight: NonZeroUsize::MIN,
            resumed: true,
        };
        let (events, cancel) = (Events::channel().0, shutdown.draining().clone());
        Self {
            service: RateLimited::new(service, host, rates, limits, events, cancel),
            shutdown,
        }
    }

    /// The service, no faster than its limits.
    pub(crate) fn service(&self) -> &RateLimited<S> {
        &self.service
    }

    /// The answer to a call; a call under way is given its time when all is to stop.
    pub(crate) async fn answer<T>(
        &self,
        call: impl Future<Output = Result<T, Fault>>,
    ) -> Result<Result<T, Fault>, ClientStopped> {
        tokio::select! {
            biased;
            answer = call => match answer {
                Err(Fault::Cancelled) => Err(ClientStopped::Interrupted),
                answer => Ok(answer),
            },
            () = self.shutdown.abort_calls().cancelled() => Err(ClientStopped::Interrupted),
        }
    }

    /// The end of a call that moves many bytes; one under way is broken off when all is to stop.
    pub(crate) async fn transfer<T>(
        &self,
        call: impl Future<Output = Result<T, Fault>>,
    ) -> Result<Result<T, Fault>, ClientStopped> {
        tokio::select! {
            biased;
            () = self.shutdown.abort_uploads().cancelled() => Err(ClientStopped::Interrupted),
            answer = self.answer(call) => answer,
        }
    }

    /// Makes a call until it succeeds; returns the row's failure once its attempts are used up.
    pub(crate) async fn retried<T>(
        &self,
        policy: &RetryPolicy,
        mut call: impl AsyncFnMut() -> Result<Result<T, Fault>, ClientStopped>,
    ) -> Result<Result<T, RowFailure>, ClientStopped> {
        let mut tries = Tries::default();
        loop {
            let fault = match call().await? {
                Ok(answer) => return Ok(Ok(answer)),
                Err(fault) => fault,
            };
            if let Some(failure) = self.retry(policy, &mut tries, &fault).await? {
                return Ok(Err(failure));
            }
        }
    }

    /// Pauses before the call that met `fault` is made again. Returns the row's failure once its
    /// attempts are used up.
    pub(crate) async fn retry(
        &self,
        policy: &RetryPolicy,
        tries: &mut Tries,
        fault: &Fault,
    ) -> Result<Option<RowFailure>, ClientStopped> {
        // Not an attempt: the rate is lower from now on, and no byte was sent.
        if let Fault::Throttled {
            ambiguous: false, ..
        } = fault
        {
            return Ok(None);
        }
        let pause = match tries.retry(fault, policy) {
            Ok(pause) => policy.length(pause),
            Err(rule) => {
                return match rule.then {
                    OnExhausted::FailRow(failure) => Ok(Some(failure)),
                    OnExhausted::StopRun(cause) => Err(ClientStopped::Stopped(cause)),
                };
            }
        };
        tokio::select! {
            biased;
            () = self.shutdown.draining().cancelled() => Err(ClientStopped::Interrupted),
            () = tokio::time::sleep(pause) => Ok(None),
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
                Some(asset) => {
                    matches!(service.status(&asset).await, Ok(StatusAnswer::Found { .. }))
                }
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
