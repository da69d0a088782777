//! The wrapped service's calls. Each waits for its permit and for the gate; its answer says what
//! becomes of both, and whether the call is made again. Counts no attempts of a file.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::breaker::{BreakerVerdict, CircuitBreaker};
use super::gate::Gate;
use super::limiter::{EndpointLimiter, Permit};
use super::policy::{OutagePolicy, RateLimitPolicy};
use crate::api::{Fault, SendFault, Service, SignedUpload, StatusAnswer};
use crate::body::FileBody;
use crate::event::{Event, Events};
use crate::model::{AssetId, Endpoint, Rates, SignedUrl};
use crate::retry::AMBIGUOUS_TRIES;

/// A service that is called no faster than its limits allow.
#[derive(Debug)]
pub(crate) struct RateLimited<S> {
    service: S,
    sign: EndpointLimiter,
    send: EndpointLimiter,
    status: EndpointLimiter,
    direct: EndpointLimiter,
    delete: EndpointLimiter,
    download: EndpointLimiter,
    api: Gate,
    storage: Gate,
    outage: OutagePolicy,
    /// Uploads, or asking for an asset, that wait for their permit.
    uploads_waiting: AtomicUsize,
    events: Events,
    cancel: CancellationToken,
}

impl<S: Service> RateLimited<S> {
    /// Wraps a service, whose API messages call `host`. Once `cancel` fires, waiting calls end with
    /// [`Fault::Cancelled`] and calls under way are let finish.
    pub(crate) fn new(
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
            outage: policy.outage,
            uploads_waiting: AtomicUsize::new(0),
            events,
            cancel,
        }
    }

    /// Waits until a *status* call could leave, without taking a permit.
    pub(crate) async fn status_ready(&self) {
        self.status.ready().await;
    }

    /// How many uploads wait for nothing but the limits of the account, or for a service that is down.
    pub(crate) fn uploads_held_back(&self) -> usize {
        self.uploads_waiting.load(Ordering::Relaxed)
    }

    /// Since when an endpoint has answered nothing but to slow down; `None` when its last answer was
    /// another one. After ten of the longest cooldowns in a row the endpoint is probed once a minute.
    pub(crate) fn throttled_since(&self, endpoint: Endpoint) -> Option<Instant> {
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

    /// The right to make one call, and whether it is a probe of a side that is down.
    async fn permit(&self, endpoint: Endpoint) -> Result<(Permit<'_>, bool), Fault> {
        let uploads = matches!(endpoint, Endpoint::Sign | Endpoint::Send | Endpoint::Direct);
        let _waiting = uploads.then(|| Waiting::new(&self.uploads_waiting));
        let admitted = async {
            // The gate is behind the permit, so that what queued up before an outage does not run
            // into it.
            let permit = self.limiter(endpoint).acquire().await;
            let is_probe = self.gate(endpoint).admit().await;
            (permit, is_probe)
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Fault::Cancelled),
            admitted = admitted => Ok(admitted),
        }
    }

    /// One short call, made again for as long as it is only answered to slow down, and for as long as
    /// the service is down.
    async fn call<T, F>(
        &self,
        endpoint: Endpoint,
        call: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let (mut ambiguous_answers, mut asked_again) = (0, false);
        loop {
            let (mut permit, _) = self.permit(endpoint).await?;
            permit.call_leaves();
            let start = Instant::now();
            let answer = call().await;
            if is_answered(answer.as_ref().err()) {
                self.observe_latency(endpoint, start);
            }
            match self.answered(endpoint, permit, answer.as_ref().err()) {
                Ok(BreakerVerdict::PassOn) => {
                    if asked_again && answer.is_ok() {
                        self.gate(endpoint).key_works();
                    }
                    return answer;
                }
                Ok(BreakerVerdict::AskAgain) => asked_again = true,
                Ok(BreakerVerdict::Down(_)) => {}
                Ok(BreakerVerdict::Stop(fault)) => return Err(fault),
                Err(throttled) => {
                    ambiguous_answers += u32::from(throttled.is_ambiguous());
                    if ambiguous_answers == AMBIGUOUS_TRIES {
                        return Err(throttled);
                    }
                }
            }
        }
    }

    /// One upload: the next may start once the connection asked for this one's first byte.
    async fn upload<T>(
        &self,
        endpoint: Endpoint,
        body: FileBody,
        call: impl AsyncFnOnce(FileBody) -> Result<T, SendFault>,
    ) -> Result<T, SendFault> {
        let admitted = self.permit(endpoint).await;
        let (mut permit, is_probe) = admitted.map_err(SendFault::Refused)?;
        let progress = body.progress().clone();
        let mut call = std::pin::pin!(call(body));
        let answer = tokio::select! {
            biased;
            () = progress.begun() => {
                permit.upload_begun();
                call.await
            }
            answer = &mut call => answer,
        };
        let fault = match &answer {
            Err(SendFault::Refused(fault)) => Some(fault),
            // Our side broke off: no answer either.
            Err(SendFault::Aborted) => return answer,
            _ => None,
        };
        // The body is spent: whatever follows, the caller is the one that sends again.
        match (self.answered(endpoint, permit, fault), fault) {
            (Ok(BreakerVerdict::Stop(fault)) | Err(fault), _) => Err(SendFault::Refused(fault)),
            (Ok(BreakerVerdict::Down(_)), Some(Fault::Connect(text))) if is_probe => {
                Err(SendFault::Refused(Fault::Probe(text.clone())))
            }
            (Ok(BreakerVerdict::Down(_)), Some(Fault::Proxy(text))) => {
                Err(SendFault::Refused(Fault::Probe(text.clone())))
            }
            _ => answer,
        }
    }

    /// What the line is like is the same for all uploads, which have no short answers of their own.
    fn observe_latency(&self, endpoint: Endpoint, start: Instant) {
        for limiter in [self.limiter(endpoint), &self.send, &self.direct] {
            limiter.observe_latency(start.elapsed());
        }
    }

    /// Ends a permit as its answer says. Returns what follows for the call.
    fn answered(
        &self,
        endpoint: Endpoint,
        permit: Permit<'_>,
        fault: Option<&Fault>,
    ) -> Result<BreakerVerdict, Fault> {
        let verdict = self.gate(endpoint).judge(fault);
        let Some(throttled) = self.end_permit(endpoint, permit, fault) else {
            return Ok(verdict);
        };
        match self.throttled_too_long(endpoint) {
            Some(fault) => Ok(BreakerVerdict::Stop(fault)),
            None => Err(throttled),
        }
    }

    /// Reports an answer to the limiter. Returns the fault again where it was a throttle answer; it is
    /// ambiguous only where a lower rate could not have avoided it.
    fn end_permit(
        &self,
        endpoint: Endpoint,
        permit: Permit<'_>,
        fault: Option<&Fault>,
    ) -> Option<Fault> {
        let Some(Fault::Throttled {
            retry_after,
            ambiguous,
        }) = fault
        else {
            let raised = is_answered(fault).then(|| permit.passed()).flatten();
            if let Some(rate) = raised {
                self.events.send(Event::RateRaised { endpoint, rate });
            }
            return None;
        };
        let slowdown = permit.throttled(*retry_after);
        self.events.send(Event::Throttled {
            endpoint,
            pause: slowdown.pause,
            rate: slowdown.rate,
        });
        Some(Fault::Throttled {
            retry_after: *retry_after,
            ambiguous: *ambiguous && slowdown.at_lowest,
        })
    }

    /// An endpoint that has answered nothing but to slow down for longer than an outage may last.
    fn throttled_too_long(&self, endpoint: Endpoint) -> Option<Fault> {
        let since = self.throttled_since(endpoint)?;
        let long = self.outage.past_limit(since.elapsed())?;
        Some(Fault::Away(format!(
            "rate limited for {long}: another program may be using the account"
        )))
    }
}

/// A call that waits for its permit, counted.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn is_answered(fault: Option<&Fault>) -> bool {
    fault.is_none_or(Fault::is_answer)
}

#[deny(clippy::missing_trait_methods)]
impl<S: Service> Service for RateLimited<S> {
    async fn sign(&self, name: &str) -> Result<SignedUpload, Fault> {
        self.call(Endpoint::Sign, || self.service.sign(name)).await
    }

    async fn send(&self, url: &SignedUrl, body: FileBody) -> Result<(), SendFault> {
        let call = async |body| self.service.send(url, body).await;
        self.upload(Endpoint::Send, body, call).await
    }

    async fn status(&self, asset_id: &AssetId) -> Result<StatusAnswer, Fault> {
        self.call(Endpoint::Status, || self.service.status(asset_id))
            .await
    }

    async fn direct(&self, body: FileBody) -> Result<AssetId, SendFault> {
        let call = async |body| self.service.direct(body).await;
        self.upload(Endpoint::Direct, body, call).await
    }

    async fn delete(&self, asset_id: &AssetId) -> Result<(), Fault> {
        self.call(Endpoint::Delete, || self.service.delete(asset_id))
            .await
    }

    async fn download(
        &self,
        asset_id: &AssetId,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<u64, Fault> {
        let (mut permit, _) = self.permit(Endpoint::Download).await?;
        permit.call_leaves();
        let answer = self.service.download(asset_id, sink).await;
        match self.answered(Endpoint::Download, permit, answer.as_ref().err()) {
            // The caller calls again: it may have to take back what it was handed.
            Ok(BreakerVerdict::Stop(fault)) | Err(fault) => Err(fault),
            Ok(_) => answer,
        }
    }
}
