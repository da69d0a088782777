//! A MAVI-compatible service on this machine, for trying things out without a key and for tests.
//!
//! It is strict where the real service is: keys, signatures, limits, one part per body. It stores no bytes unless
//! asked to, only their size and SHA-256. It differs from the real service: nothing survives a restart, there is one
//! account, and what the service does not document is a guess.
//!
//! Limits, processing and URL expiry run on tokio's clock, so that a test with a paused clock moves them.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use mavi_sandbox::{Sandbox, SandboxConfig};
//!
//! let sandbox = Sandbox::start(SandboxConfig::default()).await?;
//! let (url, key) = (sandbox.base_url().to_owned(), sandbox.api_key().to_owned());
//! // ... upload to `url` with `key` ...
//! assert_eq!(sandbox.stats().violations.total(), 0);
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # The map
//!
//! Each file imports only from levels below its own; within a folder, only from rows below in the folder's own map.
//!
//! | level | files | duty |
//! |---|---|---|
//! | 10 | `serving` | accept connections and end them |
//! | 9 | `routes` | which path leads where |
//! | 8 | `middleware` | what every call passes: key, limits, faults |
//! | 7 | `api`, `storage`, `inject` | the calls themselves; carrying a fault out |
//! | 6 | `upload` | read and count one body |
//! | 5 | `service` | settings and state of an instance behind one lock |
//! | 4 | `state`, `config` | everything that changes; everything that is set |
//! | 3 | `assets`, `answer`, `faults` | records of assets; shapes of answers; scripts of faults (pure) |
//! | 2 | `limits`, `stats`, `processing`, `multipart`, `sink` | limits, counts, processing times; the wire; where bytes go |
//! | 1 | `call`, `connection`, `fate`, `disposition`, `random`, `signer` | nouns, and tools that know no other file |

mod answer;
mod api;
mod assets;
mod call;
mod config;
mod connection;
mod disposition;
mod fate;
mod faults;
mod inject;
mod limits;
mod middleware;
mod multipart;
mod processing;
mod random;
mod routes;
mod service;
mod serving;
mod signer;
mod sink;
mod state;
mod stats;
mod storage;
mod upload;

use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use self::assets::HeldAsset;
pub use self::call::Endpoint;
pub use self::config::SandboxConfig;
pub use self::faults::{Faults, FaultsError};
pub use self::limits::{LimitChange, LimitStyle};
pub use self::processing::{ParseProcessingError, Processing};
pub use self::stats::{PerEndpoint, Stats};

use self::limits::Limits;
use self::service::Service;

/// A running sandbox. Dropped, it stops at once; [`Sandbox::stop`] lets running calls end.
pub struct Sandbox {
    service: Arc<Service>,
    base_url: String,
    closing: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on the current tokio runtime; it is bound and serving when this returns.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound, the rate is negative or not finite, the key is empty, or the folder to
    /// store bodies in does not exist.
    pub async fn start(config: SandboxConfig) -> io::Result<Self> {
        let invalid = |words| io::Error::new(io::ErrorKind::InvalidInput, words);
        let changes = [&config.limits[..], &config.faults.limits].concat();
        let limits = Limits::new(config.rate, config.limit_style, changes)
            .ok_or_else(|| invalid("the sandbox's rate must be a number from 0 up"))?;
        let api_key = config.api_key.clone().unwrap_or_else(made_up_key);
        if api_key.is_empty() {
            return Err(invalid("the sandbox's key must not be empty"));
        }
        if config.keep.as_ref().is_some_and(|folder| !folder.is_dir()) {
            return Err(invalid("the folder to keep bodies in does not exist"));
        }
        let listener = TcpListener::bind(config.listen).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let base_url = format!("{origin}{}", routes::API);
        let service = Arc::new(Service::new(config, api_key, limits, origin));
        let closing = CancellationToken::new();
        let serving = serving::serve(listener, Arc::clone(&service), closing.clone());
        Ok(Self {
            service,
            base_url,
            closing,
            serving: Some(tokio::spawn(serving)),
        })
    }

    /// The base of the API, `http://127.0.0.1:PORT/serve/api/v2`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The key that is accepted.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.service.api_key
    }

    /// All assets, deleted ones too, in the order their ids were allotted.
    #[must_use]
    pub fn assets(&self) -> Vec<HeldAsset> {
        self.service.state().assets.view()
    }

    /// What was counted so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.service.state().stats.clone()
    }

    /// Calls that came too early at `mark` or later.
    #[must_use]
    pub fn violations_since(&self, mark: Instant) -> PerEndpoint {
        self.service.state().violations_since(mark)
    }

    /// Stops listening, waits up to a second for running calls, and ends the rest.
    ///
    /// # Cancellation
    ///
    /// Dropped halfway, everything ends at once.
    pub async fn stop(mut self) {
        self.closing.cancel();
        if let Some(serving) = &mut self.serving {
            // An error means that the runtime is going down, and then there is nothing left to stop.
            let _ = serving.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

fn made_up_key() -> String {
    let mut bytes = [0; 12];
    fastrand::fill(&mut bytes);
    format!("sk-mavi-sandbox-{}", signer::hex(&bytes))
}
