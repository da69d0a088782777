//! The wrapped service's calls: each waits for its turn, and its answer says what becomes of the turn
//! and whether the call is made again.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;

use super::RateLimited;
use super::limiter::Permit;
use crate::api::{Fault, SendFault, Service, SignedUpload, StatusAnswer};
use crate::body::FileBody;
use crate::event::Event;
use crate::model::{AssetId, Endpoint, SignedUrl};
use crate::rate_limit::{BreakerVerdict, in_seconds};
use crate::retry::AMBIGUOUS_TRIES;

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

impl<S: Service> RateLimited<S> {
    /// The right to make one call, and whether it is a probe of a side that is away. The gate comes
    /// behind the turn, so that what queued up before an outage does not run into it.
    async fn permit(&self, endpoint: Endpoint) -> Result<(Permit<'_>, bool), Fault> {
        let uploads = matches!(endpoint, Endpoint::Sign | Endpoint::Send | Endpoint::Direct);
        let _waits = uploads.then(|| Waits::new(&self.uploads_waiting));
        let admitted = async {
            let permit = self.limiter(endpoint).acquire().await;
            let probes = self.gate(endpoint).admit().await;
            (permit, probes)
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
        call: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let (mut ambiguous_answers, mut asked_again) = (0, false);
        loop {
            let (mut permit, _) = self.permit(endpoint).await?;
            permit.set_off();
            let start = Instant::now();
            let answer = call().await;
            if is_answered(answer.as_ref().err()) {
                for limiter in [self.limiter(endpoint), &self.send, &self.direct] {
                    limiter.note(start.elapsed());
                }
            }
            let verdict = self.gate(endpoint).judge(answer.as_ref().err());
            let throttled = self.settle(endpoint, permit, answer.as_ref().err());
            match verdict {
                BreakerVerdict::Stop(fault) => return Err(fault),
                BreakerVerdict::Again => {
                    asked_again = true;
                    continue;
                }
                BreakerVerdict::Down(_) => continue,
                BreakerVerdict::Tell if asked_again && answer.is_ok() => {
                    self.gate(endpoint).key_works();
                }
                BreakerVerdict::Tell => {}
            }
            let Some(fault) = throttled else {
                return answer;
            };
            if let Some(down) = self.refused_too_long(endpoint) {
                return Err(down);
            }
            ambiguous_answers += u32::from(fault.is_ambiguous());
            if ambiguous_answers == AMBIGUOUS_TRIES {
                return Err(fault);
            }
        }
    }

    /// One upload: the next may start once the connection asked for this one's first byte.
    async fn upload<T>(
        &self,
        endpoint: Endpoint,
        parcel: FileBody,
        call: impl AsyncFnOnce(FileBody) -> Result<T, SendFault>,
    ) -> Result<T, SendFault> {
        let admitted = self.permit(endpoint).await;
        let (mut permit, probes) = admitted.map_err(SendFault::Refused)?;
        let progress = parcel.progress().clone();
        let mut call = std::pin::pin!(call(parcel));
        let answer = tokio::select! {
            biased;
            () = progress.begun() => {
                permit.begun();
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
        let verdict = self.gate(endpoint).judge(fault);
        let throttled = self.settle(endpoint, permit, fault);
        match (verdict, throttled, fault) {
            (BreakerVerdict::Stop(fault), ..) => Err(SendFault::Refused(fault)),
            (_, Some(fault), _) => {
                let fault = self.refused_too_long(endpoint).unwrap_or(fault);
                Err(SendFault::Refused(fault))
            }
            (BreakerVerdict::Down(_), None, Some(Fault::Connect(text))) if probes => {
                Err(SendFault::Refused(Fault::Probe(text.clone())))
            }
            (BreakerVerdict::Down(_), None, Some(Fault::Proxy(text))) => {
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
            let long = in_seconds(long);
            Fault::Away(format!(
                "rate limited for {long}: another program may be using the account"
            ))
        })
    }

    /// Ends a turn as its answer says. Gives the fault again where it was a throttle answer; it is
    /// ambiguous only where a lower rate could not have avoided it.
    fn settle(
        &self,
        endpoint: Endpoint,
        permit: Permit<'_>,
        fault: Option<&Fault>,
    ) -> Option<Fault> {
        let (retry_after, ambiguous) = match fault {
            Some(Fault::Throttled {
                retry_after,
                ambiguous,
            }) => (*retry_after, *ambiguous),
            fault => {
                let raised = is_answered(fault).then(|| permit.passed()).flatten();
                if let Some(rate) = raised {
                    self.events.send(Event::RateRaised { endpoint, rate });
                }
                return None;
            }
        };
        let throttle = permit.throttled(retry_after);
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

fn is_answered(fault: Option<&Fault>) -> bool {
    fault.is_none_or(Fault::is_answer)
}

#[deny(clippy::missing_trait_methods)]
impl<S: Service> Service for RateLimited<S> {
    async fn sign(&self, name: &str) -> Result<SignedUpload, Fault> {
        self.short(Endpoint::Sign, || self.service.sign(name)).await
    }

    async fn send(&self, url: &SignedUrl, parcel: FileBody) -> Result<(), SendFault> {
        self.upload(Endpoint::Send, parcel, async |parcel| {
            self.service.send(url, parcel).await
        })
        .await
    }

    async fn status(&self, asset_id: &AssetId) -> Result<StatusAnswer, Fault> {
        self.short(Endpoint::Status, || self.service.status(asset_id))
            .await
    }

    async fn direct(&self, parcel: FileBody) -> Result<AssetId, SendFault> {
        self.upload(Endpoint::Direct, parcel, async |parcel| {
            self.service.direct(parcel).await
        })
        .await
    }

    async fn delete(&self, asset_id: &AssetId) -> Result<(), Fault> {
        self.short(Endpoint::Delete, || self.service.delete(asset_id))
            .await
    }

    async fn download(
        &self,
        asset_id: &AssetId,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<u64, Fault> {
        let (mut permit, _) = self.permit(Endpoint::Download).await?;
        permit.set_off();
        let answer = self.service.download(asset_id, sink).await;
        let fault = answer.as_ref().err();
        let verdict = self.gate(Endpoint::Download).judge(fault);
        let throttled = self.settle(Endpoint::Download, permit, fault);
        match (verdict, throttled) {
            (BreakerVerdict::Stop(fault), _) => Err(fault),
            // The caller calls again, at the new pace: it may have to take back what it was handed.
            (_, Some(fault)) => Err(self.refused_too_long(Endpoint::Download).unwrap_or(fault)),
            (_, None) => answer,
        }
    }
}
