//! The account's limits: a decorator that lets calls through in order, never early.
//!
//! One pacer an endpoint, no faster than what was set and no faster than what the service turns out
//! to allow. Throttle answers hold the endpoint for everybody, lower its rate and are tried again
//! here, so that the pipeline never sees them (save for uploads, whose body is spent, and for the
//! ambiguous 400 met too often). So it is while the service is away: calls wait until it is back.
//! Knows neither files nor the ledger.
//!
//! | part | duty |
//! |---|---|
//! | `service` | a call's way through all of these |
//! | `limiter` | one endpoint's turnstile: the queue |
//! | `schedule` | when the next call may leave, and what an answer changes |
//! | `rate` | how many calls a second: lowered and raised; pure |
//! | `cooldown` | how long nobody calls after a throttle answer; pure |
//! | `starts` | governor, on tokio's clock: the spacing of the starts |
//! | `latency` | what the line was like lately |
//! | `gate` | whether the API, or storage, is there at all |

mod breaker;
mod cooldown;
mod gate;
mod latency;
mod limiter;
mod rate;
mod schedule;
mod service;
mod starts;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub(crate) use breaker::in_seconds;
pub use breaker::{BreakerVerdict, CircuitBreaker, OutagePolicy};
pub use cooldown::CooldownPolicy;
use gate::Gate;
use limiter::EndpointLimiter;
pub use limiter::RateLimitPolicy;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::Service;
use crate::event::Events;
use crate::model::{Endpoint, Rates};

/// A service that is called no faster than its limits allow.
#[derive(Debug)]
pub struct RateLimited<S> {
    service: S,
    sign: EndpointLimiter,
    send: EndpointLimiter,
    status: EndpointLimiter,
    direct: EndpointLimiter,
    delete: EndpointLimiter,
    download: EndpointLimiter,
    api: Gate,
    storage: Gate,
    longest_outage: Option<Duration>,
    /// Uploads, or asking for an asset, that wait for their turn.
    uploads_waiting: AtomicUsize,
    events: Events,
    cancel: CancellationToken,
}

impl<S: Service> RateLimited<S> {
    /// Wraps a service, whose API messages call `host`. Once `cancel` fires, waiting calls end with
    /// [`Fault::Cancelled`](crate::api::Fault::Cancelled) and calls under way are let finish.
    pub fn new(
        service: S,
        host: String,
        rates: Rates,
        policy: RateLimitPolicy,
        events: Events,
        cancel: CancellationToken,
    ) -> Self {
        let limiter = |rate| EndpointLimiter::new(rate, policy);
        let gate = |breaker| Gate::new(breaker, events.clone());
        let now = Instant::now();
        Self {
            service,
            sign: limiter(rates.sign),
            send: limiter(rates.upload),
            status: limiter(rates.poll),
            direct: limiter(rates.upload),
            delete: limiter(rates.sign),
            download: limiter(rates.poll),
            api: gate(CircuitBreaker::api(policy.outage, host, now)),
            storage: gate(CircuitBreaker::storage(policy.outage, now)),
            longest_outage: policy.outage.longest(),
            uploads_waiting: AtomicUsize::new(0),
            events,
            cancel,
        }
    }

    /// Waits until a *status* call could leave, without taking its turn.
    pub async fn status_ready(&self) {
        self.status.ready().await;
    }

    /// How many uploads wait for nothing but the limits of the account, or for a service that is away.
    #[must_use]
    pub fn uploads_held_back(&self) -> usize {
        self.uploads_waiting.load(Ordering::Relaxed)
    }

    /// Since when an endpoint has answered nothing but to slow down; `None` when its last answer was
    /// another one. After ten of the longest holds in a row the endpoint is probed once a minute.
    #[must_use]
    pub fn throttled_since(&self, endpoint: Endpoint) -> Option<Instant> {
        self.limiter(endpoint).throttled_since()
    }

    fn limiter(&self, endpoint: Endpoint) -> &EndpointLimiter {
        match endpoint {
            Endpoint::Sign => &self.sign,
            Endpoint::Send => &self.send,
            Endpoint::Status => &self.status,
            Endpoint::Direct => &self.direct,
            Endpoint::Delete => &self.delete,
            Endpoint::Download => &self.download,
        }
    }

    fn gate(&self, endpoint: Endpoint) -> &Gate {
        match endpoint {
            Endpoint::Send => &self.storage,
            _ => &self.api,
        }
    }
}
