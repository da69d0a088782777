//! A service in memory: a strict limiter, a line that delays, on tokio's paused clock. Thousands of
//! calls take milliseconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::api::{Fault, HttpAnswer, SendFault, Service, SignedUpload, StatusAnswer, meaning};
use crate::body::FileBody;
use crate::model::{AssetId, Endpoint, SignedUrl, UploadStatus};

/// The share of a period that the limiter wants to have passed since the last admitted call.
const STRICT: f64 = 0.98;

/// The ways in which the service says that a call came too early: HTTP status and body.
pub(super) const STYLES: [(u16, &str); 4] = [
    (429, ""),
    (200, r#"{"code":429,"msg":"slow down"}"#),
    (200, r#"{"code":"0429","msg":"slow down"}"#),
    (400, "Request has exceeded the limit."),
];

/// What the model does. Starts from a service without limit, delay or faults.
#[derive(Debug, Clone)]
pub(super) struct Behaviour {
    /// Calls a second that each endpoint truly allows; 0 means no limit.
    pub(super) rate: f64,
    /// The shortest and the longest delay of each leg.
    pub(super) leg: (Duration, Duration),
    /// How it refuses.
    pub(super) style: (u16, &'static str),
    /// Every call to this endpoint is refused.
    pub(super) refuses: Option<Endpoint>,
    /// No one can connect.
    pub(super) down: bool,
    pub(super) seed: u64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            rate: 0.0,
            leg: (Duration::ZERO, Duration::ZERO),
            style: STYLES[0],
            refuses: None,
            down: false,
            seed: 7,
        }
    }
}

/// One call as it arrived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) at: Instant,
    pub(super) endpoint: Endpoint,
    pub(super) refused: bool,
}

#[derive(Debug)]
struct Shared {
    behaviour: Behaviour,
    random: fastrand::Rng,
    admitted: HashMap<Endpoint, Instant>,
    arrivals: Vec<Arrival>,
    under_way: u32,
    most_under_way: u32,
}

/// The service; a clone is another view of the same one.
#[derive(Debug, Clone)]
pub(super) struct Model(Arc<Mutex<Shared>>);

impl Model {
    pub(super) fn new(behaviour: Behaviour) -> Self {
        Self(Arc::new(Mutex::new(Shared {
            random: fastrand::Rng::with_seed(behaviour.seed),
            behaviour,
            admitted: HashMap::new(),
            arrivals: Vec::new(),
            under_way: 0,
            most_under_way: 0,
        })))
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.shared().behaviour);
    }

    pub(super) fn arrivals(&self) -> Vec<Arrival> {
        self.shared().arrivals.clone()
    }

    pub(super) fn most_under_way(&self) -> u32 {
        self.shared().most_under_way
    }

    /// Calls to an endpoint since `since`, and how many of them were refused.
    pub(super) fn count(&self, endpoint: Endpoint, since: Instant) -> (usize, usize) {
        let shared = self.shared();
        let calls = || {
            shared
                .arrivals
                .iter()
                .filter(|call| call.endpoint == endpoint && call.at >= since)
        };
        (calls().count(), calls().filter(|call| call.refused).count())
    }

    /// The callers have left.
    pub(super) fn forget_calls_under_way(&self) {
        self.shared().under_way = 0;
    }

    /// Another program on the same account: one call each `apart`, for ever, heedless of refusals.
    pub(super) async fn neighbour(self, endpoint: Endpoint, apart: Duration) {
        let mut beat = tokio::time::interval(apart);
        loop {
            beat.tick().await;
            self.shared().admit(endpoint);
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap()
    }

    async fn leg(&self) {
        let delay = {
            let mut shared = self.shared();
            let (shortest, longest) = shared.behaviour.leg;
            shortest
                + longest
                    .saturating_sub(shortest)
                    .mul_f64(shared.random.f64())
        };
        tokio::time::sleep(delay).await;
    }

    /// The call's way there, the limiter, and the way back.
    async fn call(&self, endpoint: Endpoint) -> Result<(), Fault> {
        self.leg().await;
        let answer = self.arrive(endpoint);
        self.leg().await;
        self.shared().under_way -= 1;
        if self.shared().behaviour.down {
            return Err(Fault::Connect("api.example: connection refused".to_owned()));
        }
        meaning(endpoint, &answer).map(drop)
    }

    fn arrive(&self, endpoint: Endpoint) -> HttpAnswer {
        let mut shared = self.shared();
        shared.under_way += 1;
        shared.most_under_way = shared.most_under_way.max(shared.under_way);
        let refused = shared.behaviour.refuses == Some(endpoint) || !shared.admit(endpoint);
        shared.arrivals.push(Arrival {
            at: Instant::now(),
            endpoint,
            refused,
        });
        let (status, body) = if refused {
            shared.behaviour.style
        } else {
            (200, r#"{"code":200,"data":{}}"#)
        };
        HttpAnswer {
            status,
            body: Bytes::from_static(body.as_bytes()),
            ..HttpAnswer::default()
        }
    }
}

impl Shared {
    /// Admits a call that comes a period after the last admitted one, and never earlier.
    fn admit(&mut self, endpoint: Endpoint) -> bool {
        let now = Instant::now();
        let gap = STRICT / self.behaviour.rate;
        let last = self.admitted.get(&endpoint);
        if last.is_some_and(|last| (now - *last).as_secs_f64() < gap && gap.is_finite()) {
            return false;
        }
        self.admitted.insert(endpoint, now);
        true
    }
}

impl Service for Model {
    async fn sign(&self, _: &str) -> Result<SignedUpload, Fault> {
        self.call(Endpoint::Sign).await?;
        Ok(SignedUpload {
            asset_id: AssetId::parse("re_1").unwrap(),
            url: SignedUrl::parse("https://storage.example/1").unwrap(),
            expires_in: Duration::from_secs(3600),
        })
    }

    async fn send(&self, _: &SignedUrl, body: FileBody) -> Result<(), SendFault> {
        self.upload(Endpoint::Send, body).await
    }

    async fn status(&self, _: &AssetId) -> Result<StatusAnswer, Fault> {
        self.call(Endpoint::Status).await?;
        Ok(StatusAnswer::Found {
            status: UploadStatus::Success,
            file_size: None,
        })
    }

    async fn direct(&self, body: FileBody) -> Result<AssetId, SendFault> {
        self.upload(Endpoint::Direct, body).await?;
        Ok(AssetId::parse("re_1").unwrap())
    }

    async fn delete(&self, _: &AssetId) -> Result<(), Fault> {
        self.call(Endpoint::Delete).await
    }

    async fn download(&self, _: &AssetId, _: &mut (dyn FnMut(&[u8]) + Send)) -> Result<u64, Fault> {
        Ok(0)
    }
}

impl Model {
    /// An upload that takes a minute once its first byte was asked for.
    async fn upload(&self, endpoint: Endpoint, mut body: FileBody) -> Result<(), SendFault> {
        let first = std::future::poll_fn(|context| {
            http_body::Body::poll_frame(std::pin::Pin::new(&mut body), context)
        });
        first.await;
        self.call(endpoint).await.map_err(SendFault::Refused)?;
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(())
    }
}
