//! Everything a run can be asked for, validated. Reads no file.

use std::path::PathBuf;
use std::time::Duration;

use super::paths::{Paths, own_files};
use crate::api::{Address, BaseUrlError, HttpSettings};
use crate::body::Timetable;
use crate::decision::Rules;
use crate::model::{ApiKey, ApiKeyError, Rates};
use crate::pipeline::{Concurrency, ConfirmPolicy, Via};
use crate::retry::RetryPolicy;

/// The service's address.
pub const BASE_URL: &str = "https://mavi-backend.memories.ai/serve/api/v2";

/// How long the service may be down, unless another time is given.
const MAX_OUTAGE: Duration = Duration::from_secs(2 * 3600);

/// What a run needs to know. Start from [`Settings::new`] and change what should differ.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// Where the service is.
    pub address: Address,
    /// The account's key.
    pub api_key: ApiKey,
    /// Where the report goes.
    pub report: PathBuf,
    /// Where the ledger is.
    pub ledger: PathBuf,
    /// Uploads in flight.
    pub concurrency: Concurrency,
    /// Calls a second.
    pub rates: Rates,
    /// How files go up.
    pub via: Via,
    /// Bytes a second for all uploads together, by the time of day.
    pub bandwidth: Timetable,
    /// How long the service may be down before the run stops; `None`: for ever.
    pub max_outage: Option<Duration>,
    /// Tries and pauses.
    pub retry: RetryPolicy,
    /// Waiting for SUCCESS.
    pub confirm: ConfirmPolicy,
    /// Files with the same bytes share one upload and one asset.
    pub dedupe: bool,
    /// Which files are taken.
    pub rules: Rules,
    /// Replace a file at `report` that is not a report of ours.
    pub overwrite: bool,
    /// Make a ledger of another service or account this one's.
    pub adopt_ledger: bool,
    /// Certificates in PEM, trusted beside the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// Ignore the system's proxy settings.
    pub no_proxy: bool,
}

/// What is wrong with a setting.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The base URL.
    #[error(transparent)]
    BaseUrl(#[from] BaseUrlError),
    /// The key.
    #[error(transparent)]
    ApiKey(#[from] ApiKeyError),
}

impl Settings {
    /// The defaults for a key and a report; the ledger is beside the report.
    ///
    /// # Errors
    /// When the key or the base URL cannot be one.
    pub fn new(
        api_key: &str,
        base_url: &str,
        report: impl Into<PathBuf>,
    ) -> Result<Self, SettingsError> {
        let Paths { report, ledger } = Paths::new(&report.into(), None);
        Ok(Self {
            address: Address::parse(base_url, &[])?,
            api_key: ApiKey::parse(api_key)?,
            ledger,
            report,
            concurrency: Concurrency::default(),
            rates: Rates::default(),
            via: Via::default(),
            bandwidth: Timetable::default(),
            max_outage: Some(MAX_OUTAGE),
            retry: RetryPolicy::default(),
            confirm: ConfirmPolicy::default(),
            dedupe: false,
            rules: Rules::default(),
            overwrite: false,
            adopt_ledger: false,
            ca_pem: None,
            no_proxy: false,
        })
    }

    /// The files that a run with these settings writes: never to be uploaded.
    #[must_use]
    pub fn own_files(&self) -> Vec<PathBuf> {
        own_files(&self.report, &self.ledger)
    }

    /// What the HTTP client of such a run is made of.
    #[must_use]
    pub fn http(&self) -> HttpSettings {
        HttpSettings {
            ca_pem: self.ca_pem.clone(),
            no_proxy: self.no_proxy,
            ..HttpSettings::new(self.address.clone(), self.api_key.clone())
        }
    }
}
