//! The model behind limiters, and what is sent through them.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

use super::model::{Behaviour, Model};
use crate::api::Service;
use crate::body::{FileBody, FileBodyOptions, LocalFile};
use crate::event::{Event, Events};
use crate::model::{AssetId, Rates, SignedUrl};
use crate::rate_limit::limiter::EndpointLimiter;
use crate::rate_limit::{CooldownPolicy, OutagePolicy, RateLimitPolicy, RateLimited};
use crate::retry::RetryPolicy;

/// The model behind limiters.
pub(super) struct Line {
    pub(super) model: Model,
    pub(super) service: Arc<RateLimited<Model>>,
    pub(super) events: UnboundedReceiver<Event>,
}

pub(super) const COOLDOWN: CooldownPolicy = CooldownPolicy {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(32),
};

pub(super) fn policy() -> RateLimitPolicy {
    RateLimitPolicy {
        cooldown: COOLDOWN,
        in_flight: NonZeroUsize::new(4).unwrap(),
        resumed: false,
        outage: OutagePolicy::new(&RetryPolicy::default(), Some(Duration::from_secs(7_200))),
    }
}

pub(super) fn line(set: f64, behaviour: Behaviour) -> Line {
    line_with(set, behaviour, policy())
}

pub(super) fn line_with(set: f64, behaviour: Behaviour, policy: RateLimitPolicy) -> Line {
    let rates = Rates {
        sign: set,
        upload: set,
        poll: set,
    };
    // Jitter of the cooldowns alike from run to run, as far as tokio's order is.
    fastrand::seed(behaviour.seed);
    let (events, received) = Events::channel();
    let model = Model::new(behaviour);
    let service = RateLimited::new(
        model.clone(),
        "api.example".to_owned(),
        rates,
        policy,
        events,
        CancellationToken::new(),
    );
    Line {
        model,
        service: Arc::new(service),
        events: received,
    }
}

impl Line {
    /// Has `callers` tasks make `calls` *status* calls in all; returns how many failed.
    pub(super) async fn polls(&self, callers: usize, calls: usize) -> usize {
        let asset = asset();
        let left = Arc::new(Mutex::new(calls));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..callers {
            let (service, left, asset) =
                (Arc::clone(&self.service), Arc::clone(&left), asset.clone());
            tasks.spawn(async move {
                let mut failed = 0;
                while take(&left) {
                    failed += usize::from(service.status(&asset).await.is_err());
                }
                failed
            });
        }
        tasks.join_all().await.into_iter().sum()
    }

    /// As [`Line::polls`], for so long; what is under way at the end is dropped.
    pub(super) async fn polls_for(&self, callers: usize, time: Duration) {
        let _ = tokio::time::timeout(time, self.polls(callers, usize::MAX)).await;
        self.model.forget_calls_under_way();
    }
}

fn take(left: &Mutex<usize>) -> bool {
    let mut left = left.lock().unwrap();
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

/// A limiter by itself.
pub(super) fn limiter(rate: f64) -> Arc<EndpointLimiter> {
    Arc::new(EndpointLimiter::new(rate, policy()))
}

pub(super) fn asset() -> AssetId {
    AssetId::parse("re_1").unwrap()
}

pub(super) fn url() -> SignedUrl {
    SignedUrl::parse("https://storage.example/1").unwrap()
}

pub(super) fn body() -> FileBody {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "bytes").unwrap();
    FileBody::start(
        LocalFile::open(file.path()).unwrap(),
        "a.mp4",
        FileBodyOptions::default(),
    )
}
