//! The settings of a sandbox. They are checked at its start, not here.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::faults::Faults;
use crate::limits::{LimitChange, LimitStyle};
use crate::processing::Processing;

/// How a sandbox behaves. The default is a service as documented that takes two seconds to process an asset.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Where to listen; port 0 (the default, on 127.0.0.1) takes a free one.
    pub listen: SocketAddr,
    /// The only key that is accepted; `None` makes one up at start.
    pub api_key: Option<String>,
    /// Requests per second for each endpoint, 0 for no limit.
    ///
    /// A call is too early when less than 0.98 / rate has passed since the last call to the same endpoint that was
    /// admitted, whatever became of that one. An early call is refused and does not move the mark.
    pub rate: f64,
    /// How an early call is refused.
    pub limit_style: LimitStyle,
    /// Changes of the limits while the sandbox runs; those of the script of faults are added.
    pub limits: Vec<LimitChange>,
    /// What goes wrong.
    pub faults: Faults,
    /// How long an asset is processed once its bytes are there.
    pub processing: Processing,
    /// How long a signed URL takes bytes.
    pub url_lifetime: Duration,
    /// Where signed URLs point to, as `http://host:port`; `None` is the sandbox itself. A test that puts a proxy in
    /// front of storage sets it.
    pub storage_origin: Option<String>,
    /// An existing folder to store bodies in, as `<asset_id>.<extension>`; without it only size and SHA-256 are stored.
    pub keep: Option<PathBuf>,
    /// Decides the processing times, see [`Processing::draw`].
    pub seed: u64,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api_key: None,
            rate: 1.0,
            limit_style: LimitStyle::default(),
            limits: Vec::new(),
            faults: Faults::default(),
            processing: Processing::default(),
            url_lifetime: Duration::from_secs(93_600),
            storage_origin: None,
            keep: None,
            seed: 0,
        }
    }
}

impl std::fmt::Debug for SandboxConfig {
    /// Leaves the key out, because people put real ones here.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SandboxConfig")
            .field("listen", &self.listen)
            .field("rate", &self.rate)
            .field("limit_style", &self.limit_style)
            .field("limits", &self.limits)
            .field("faults", &self.faults)
            .field("processing", &self.processing)
            .field("url_lifetime", &self.url_lifetime)
            .field("storage_origin", &self.storage_origin)
            .field("keep", &self.keep)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
