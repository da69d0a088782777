//! How a report is checked. Knows no command line.

use std::time::Duration;

use super::AssetSample;
use crate::retry::RetryPolicy;

/// How a report is checked.
#[derive(Debug, Clone, Copy)]
pub struct VerifyOptions {
    /// Which assets are asked about.
    pub sample: AssetSample,
    /// Calls a second, 0 for no limit.
    pub rate: f64,
    /// Attempts and pauses.
    pub retry: RetryPolicy,
    /// How long the service may be away; `None`: for ever.
    pub max_outage: Option<Duration>,
    /// Whether the assets are downloaded, which costs [`DOLLARS_PER_GB`](super::DOLLARS_PER_GB).
    pub download: bool,
}
