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
//! | `pacer` | one endpoint's turnstile: the queue, and what an answer changes |
//! | `rate` | how many calls a second: lowered and raised; pure |
//! | `hold` | how long nobody calls after a throttle answer; pure |
//! | `starts` | governor, on tokio's clock: the spacing of the starts |
//! | `round_trips` | what the line was like lately |
//! | `side` | whether the API, or storage, is there at all |

mod hold;
mod pacer;
mod rate;
mod round_trips;
mod side;
mod starts;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use hold::HoldPolicy;
pub use pacer::PacePolicy;
use pacer::{Pacer, Turn};
use side::Side;

use crate::api::{Allotment, Endpoint, Fault, Look, SendFault, Service};
use crate::asset::AssetId;
use crate::body::Parcel;
use crate::event::{Event, Events};
use crate::retry::{Verdict, Watch};
use crate::secret::SignedUrl;

/// How often one call may meet, at the lowest rate, the limit text that some validation errors
/// share.
const AMBIGUOUS_TRIES: u32 = 8;

/// Calls a second for each endpoint; 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// *sign* calls, and *delete* calls for themselves.
    pub sign: f64,
    /// Starts of uploads: those to storage, and direct ones for themselves.
    pub upload: f64,
    /// *status* calls, and *download* calls for themselves, whose limit is not documented.
    pub poll: f64,
}

impl Default for Rates {
    /// The documented limits of an account.
    fn default() -> Self {
        Self {
            sign: 1.0,
            upload: 1.0,
            poll: 1.0,
        }
    }
}

/// A service that is called no faster than its limits allow.
#[derive(Debug)]
pub struct Paced<S> {
    service: S,
    sign: Pacer,
    send: Pacer,
    status: Pacer,
    direct: Pacer,
    delete: Pacer,
    download: Pacer,
    api: Side,
    storage: Side,
    longest_outage: Option<Duration>,
    /// Uploads, or asking for an asset, that wait for their turn.
    uploads_waiting: AtomicUsize,
    events: Events,
    cancel: CancellationToken,
}

/// A call that waits for its turn, counted.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<S: Service> Paced<S> {
    /// Wraps a service, whose API messages call `host`. Once `cancel` fires, waiting calls end with [`Fault::Cancelled`] and calls
    /// under way are let finish.
    pub fn new(
        service: S,
        host: String,
        rates: Rates,
        policy: PacePolicy,
        events: Events,
        cancel: CancellationToken,
    ) -> Self {
        let pacer = |rate| Pacer::new(rate, policy);
        let side = |watch| Side::new(watch, events.clone());
        let now = Instant::now();
        Self {
            service,
            sign: pacer(rates.sign),
            send: pacer(rates.upload),
            status: pacer(rates.poll),
            direct: pacer(rates.upload),
            delete: pacer(rates.sign),
            download: pacer(rates.poll),
            api: side(Watch::api(policy.outage, host, now)),
            storage: side(Watch::storage(policy.outage, now)),
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
        self.pacer(endpoint).throttled_since()
    }

    fn pacer(&self, endpoint: Endpoint) -> &Pacer {
        match endpoint {
            Endpoint::Sign => &self.sign,
            Endpoint::Send => &self.send,
            Endpoint::Status => &self.status,
            Endpoint::Direct => &self.direct,
            Endpoint::Delete => &self.delete,
            Endpoint::Download => &self.download,
        }
    }

    fn side(&self, endpoint: Endpoint) -> &Side {
        match endpoint {
            Endpoint::Send => &self.storage,
            _ => &self.api,
        }
    }

    /// The right to make one call, and whether it is a probe of a side that is away. The gate comes
    /// behind the turn, so that what queued up before an outage does not run into it.
    async fn turn<'a>(
        &self,
        endpoint: Endpoint,
        pacer: &'a Pacer,
    ) -> Result<(Turn<'a>, bool), Fault> {
        let uploads = matches!(endpoint, Endpoint::Sign | Endpoint::Send | Endpoint::Direct);
        let _waits = uploads.then(|| Waits::new(&self.uploads_waiting));
        let admitted = async {
            let turn = pacer.turn().await;
            let probes = self.side(endpoint).gate().await;
            (turn, probes)
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Fault::Cancelled),
            admitted = admitted => Ok(admitted),
        }
    }

    /// One short call, tried again for as long as it is only told to slow down, and for as long as
    /// the service is away.
    async fn short<T, F>(
        &self,
        endpoint: Endpoint,
        pacer: &Pacer,
        call: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let (mut ambiguous_answers, mut asked_again) = (0, false);
        loop {
            let (mut turn, _) = self.turn(endpoint, pacer).await?;
            turn.set_off();
            let start = Instant::now();
            let answer = call().await;
            if answered(answer.as_ref().err()) {
                for pacer in [pacer, &self.send, &self.direct] {
                    pacer.note(start.elapsed());
                }
            }
            let verdict = self.side(endpoint).judge(answer.as_ref().err());
            let throttled = self.settle(endpoint, turn, answer.as_ref().err());
            match verdict {
                Verdict::Stop(fault) => return Err(fault),
                Verdict::Again => {
                    asked_again = true;
                    continue;
                }
                Verdict::Away(_) => continue,
                Verdict::Tell if asked_again && answer.is_ok() => self.side(endpoint).key_works(),
                Verdict::Tell => {}
            }
            let Some(fault) = throttled else {
                return answer;
            };
            if let Some(away) = self.refused_too_long(endpoint) {
                return Err(away);
            }
            ambiguous_answers += u32::from(is_ambiguous(&fault));
            if ambiguous_answers == AMBIGUOUS_TRIES {
                return Err(fault);
            }
        }
    }

    /// One upload: the next may start once the connection asked for this one's first byte.
    async fn upload<T>(
        &self,
        endpoint: Endpoint,
        pacer: &Pacer,
        parcel: Parcel,
        call: impl AsyncFnOnce(Parcel) -> Result<T, SendFault>,
    ) -> Result<T, SendFault> {
        let admitted = self.turn(endpoint, pacer).await;
        let (mut turn, probes) = admitted.map_err(SendFault::Refused)?;
        let transit = parcel.transit().clone();
        let mut call = std::pin::pin!(call(parcel));
        let answer = tokio::select! {
            biased;
            () = transit.begun() => {
                turn.begun();
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
        let verdict = self.side(endpoint).judge(fault);
        let throttled = self.settle(endpoint, turn, fault);
        match (verdict, throttled, fault) {
            (Verdict::Stop(fault), ..) => Err(SendFault::Refused(fault)),
            (_, Some(fault), _) => {
                let fault = self.refused_too_long(endpoint).unwrap_or(fault);
                Err(SendFault::Refused(fault))
            }
            (Verdict::Away(_), None, Some(Fault::Connect(text))) if probes => {
                Err(SendFault::Refused(Fault::Probe(text.clone())))
            }
            (Verdict::Away(_), None, Some(Fault::Proxy(text))) => {
                Err(SendFault::Refused(Fault::Probe(text.clone())))
            }
            _ => answer,
        }
    }

    /// An endpoint that has been told nothing but to slow down for longer than an outage may last.
    fn refused_too_long(&self, endpoint: Endpoint) -> Option<Fault> {
        let (since, longest) = (self.throttled_since(endpoint)?, self.longest_outage?);
        let long = since.elapsed();
        (long >= longest).then(|| {
            let long = humantime::format_duration(Duration::from_secs(long.as_secs()));
            Fault::Away(format!(
                "rate limited for {long}: another program may be using the account"
            ))
        })
    }

    /// Ends a turn as its answer says. Gives the fault again where it was a throttle answer; it is
    /// ambiguous only where a lower rate could not have avoided it.
    fn settle(&self, endpoint: Endpoint, turn: Turn<'_>, fault: Option<&Fault>) -> Option<Fault> {
        let (retry_after, ambiguous) = match fault {
            Some(Fault::Throttled {
                retry_after,
                ambiguous,
            }) => (*retry_after, *ambiguous),
            fault => {
                let raised = answered(fault).then(|| turn.passed()).flatten();
                if let Some(rate) = raised {
                    self.events.send(Event::Pace { endpoint, rate });
                }
                return None;
            }
        };
        let throttle = turn.throttled(retry_after);
        self.events.send(Event::Throttled {
            endpoint,
            pause: throttle.pause,
            rate: throttle.rate,
        });
        Some(Fault::Throttled {
            retry_after,
            ambiguous: ambiguous && throttle.at_lowest,
        })
    }
}

/// Whether the service had a say: a call that was lost tells nothing of its limits.
fn answered(fault: Option<&Fault>) -> bool {
    !matches!(
        fault,
        Some(
            Fault::Connect(_)
                | Fault::Proxy(_)
                | Fault::Descriptors(_)
                | Fault::Tls(_)
                | Fault::Broken(_)
                | Fault::Timeout(_)
                | Fault::Cancelled
        )
    )
}

fn is_ambiguous(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Throttled {
            ambiguous: true,
            ..
        }
    )
}

#[deny(clippy::missing_trait_methods)]
impl<S: Service> Service for Paced<S> {
    async fn sign(&self, name: &str) -> Result<Allotment, Fault> {
        self.short(Endpoint::Sign, &self.sign, || self.service.sign(name))
            .await
    }

    async fn send(&self, url: &SignedUrl, parcel: Parcel) -> Result<(), SendFault> {
        self.upload(Endpoint::Send, &self.send, parcel, async |parcel| {
            self.service.send(url, parcel).await
        })
        .await
    }

    async fn status(&self, asset_id: &AssetId) -> Result<Look, Fault> {
        self.short(Endpoint::Status, &self.status, || {
            self.service.status(asset_id)
        })
        .await
    }

    async fn direct(&self, parcel: Parcel) -> Result<AssetId, SendFault> {
        self.upload(Endpoint::Direct, &self.direct, parcel, async |parcel| {
            self.service.direct(parcel).await
        })
        .await
    }

    async fn delete(&self, asset_id: &AssetId) -> Result<(), Fault> {
        self.short(Endpoint::Delete, &self.delete, || {
            self.service.delete(asset_id)
        })
        .await
    }

    async fn download(
        &self,
        asset_id: &AssetId,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<u64, Fault> {
        let (mut turn, _) = self.turn(Endpoint::Download, &self.download).await?;
        turn.set_off();
        let answer = self.service.download(asset_id, sink).await;
        let fault = answer.as_ref().err();
        let verdict = self.side(Endpoint::Download).judge(fault);
        let throttled = self.settle(Endpoint::Download, turn, fault);
        match (verdict, throttled) {
            (Verdict::Stop(fault), _) => Err(fault),
            // The caller calls again, at the new pace: it may have to take back what it was handed.
            (_, Some(fault)) => Err(self.refused_too_long(Endpoint::Download).unwrap_or(fault)),
            (_, None) => answer,
        }
    }
}
