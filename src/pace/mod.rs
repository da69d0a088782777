//! The account's limits: a decorator that lets calls through one at a time, in order, never early.
//!
//! One pacer an endpoint. Throttle answers hold the endpoint for everybody and are tried again
//! here, so that the pipeline never sees them (save for uploads, whose body is spent, and for the
//! ambiguous 400 met too often). Knows neither files nor the ledger.

mod pacer;

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use pacer::{HoldPolicy, Pacer, Turn};

use crate::api::{Allotment, Endpoint, Fault, Look, SendFault, Service};
use crate::asset::AssetId;
use crate::body::Parcel;
use crate::event::{Event, Events};
use crate::secret::SignedUrl;

/// How often one call may meet the limit text that some validation errors share.
const AMBIGUOUS_TRIES: u32 = 8;

/// Round trips remembered to guard the spacing of uploads.
const ROUND_TRIPS: usize = 32;

/// Calls a second for each endpoint; 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// *sign* calls.
    pub sign: f64,
    /// Starts of uploads, to storage and direct ones alike.
    pub upload: f64,
    /// *status* calls.
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
    delete: Pacer,
    round_trips: Mutex<VecDeque<Duration>>,
    events: Events,
    cancel: CancellationToken,
}

impl<S: Service> Paced<S> {
    /// Wraps a service. `not_before` is when its first calls may leave; once `cancel` fires, waiting
    /// calls end with [`Fault::Cancelled`] and calls under way are let finish.
    pub fn new(
        service: S,
        rates: Rates,
        hold: HoldPolicy,
        not_before: Instant,
        events: Events,
        cancel: CancellationToken,
    ) -> Self {
        let pacer = |rate| Pacer::new(rate, hold, not_before);
        Self {
            service,
            sign: pacer(rates.sign),
            send: pacer(rates.upload),
            status: pacer(rates.poll),
            delete: pacer(rates.sign),
            round_trips: Mutex::new(VecDeque::with_capacity(ROUND_TRIPS)),
            events,
            cancel,
        }
    }

    async fn turn<'a>(&self, pacer: &'a Pacer) -> Result<Turn<'a>, Fault> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Fault::Cancelled),
            turn = pacer.turn() => Ok(turn),
        }
    }

    /// One short call, tried again for as long as it is only told to slow down.
    async fn short<T, F>(
        &self,
        endpoint: Endpoint,
        pacer: &Pacer,
        call: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let mut ambiguous_answers = 0;
        loop {
            let turn = self.turn(pacer).await?;
            let start = Instant::now();
            let answer = call().await;
            self.remember(start.elapsed());
            turn.end(Duration::ZERO);
            match answer {
                Err(Fault::Throttled {
                    retry_after,
                    ambiguous,
                }) => {
                    self.hold_back(endpoint, pacer, retry_after);
                    ambiguous_answers += u32::from(ambiguous);
                    if ambiguous_answers == AMBIGUOUS_TRIES {
                        return Err(Fault::Throttled {
                            retry_after,
                            ambiguous,
                        });
                    }
                }
                other => {
                    pacer.relax();
                    return other;
                }
            }
        }
    }

    fn hold_back(&self, endpoint: Endpoint, pacer: &Pacer, retry_after: Option<Duration>) {
        let pause = pacer.hold_back(retry_after);
        self.events.send(Event::Throttled { endpoint, pause });
    }

    /// One upload: the period starts when the connection asks for the first byte, not when the
    /// answer comes, which may take hours. The longest round trip seen guards against jitter.
    async fn upload<T>(
        &self,
        parcel: Parcel,
        call: impl AsyncFnOnce(Parcel) -> Result<T, SendFault>,
    ) -> Result<T, SendFault> {
        let turn = self.turn(&self.send).await.map_err(SendFault::Refused)?;
        let mut turn = Some(turn);
        let transit = parcel.transit().clone();
        let mut call = std::pin::pin!(call(parcel));
        let answer = tokio::select! {
            biased;
            () = transit.begun() => {
                if let Some(turn) = turn.take() {
                    turn.end(self.longest_round_trip());
                }
                call.await
            }
            answer = &mut call => answer,
        };
        if let Some(turn) = turn.take() {
            turn.end(Duration::ZERO);
        }
        match &answer {
            Err(SendFault::Refused(Fault::Throttled { retry_after, .. })) => {
                self.hold_back(Endpoint::Send, &self.send, *retry_after);
            }
            _ => self.send.relax(),
        }
        answer
    }

    fn remember(&self, round_trip: Duration) {
        let mut trips = self
            .round_trips
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if trips.len() == ROUND_TRIPS {
            trips.pop_front();
        }
        trips.push_back(round_trip);
    }

    fn longest_round_trip(&self) -> Duration {
        let trips = self
            .round_trips
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        trips.iter().max().copied().unwrap_or_default()
    }
}

#[deny(clippy::missing_trait_methods)]
impl<S: Service> Service for Paced<S> {
    async fn sign(&self, name: &str) -> Result<Allotment, Fault> {
        self.short(Endpoint::Sign, &self.sign, || self.service.sign(name))
            .await
    }

    async fn send(&self, url: &SignedUrl, parcel: Parcel) -> Result<(), SendFault> {
        self.upload(parcel, async |parcel| self.service.send(url, parcel).await)
            .await
    }

    async fn status(&self, asset_id: &AssetId) -> Result<Look, Fault> {
        self.short(Endpoint::Status, &self.status, || {
            self.service.status(asset_id)
        })
        .await
    }

    async fn direct(&self, parcel: Parcel) -> Result<AssetId, SendFault> {
        self.upload(parcel, async |parcel| self.service.direct(parcel).await)
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
        self.service.download(asset_id, sink).await
    }
}
