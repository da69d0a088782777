//! Asks the service again about every asset of a report, and compares.
//!
//! ```text
//! report ──> survey ──> ask (and download) ──> verdict ──> tally, and whoever is told
//! ```
//!
//! Needs no ledger and writes nothing: a report can be checked by whoever has it and the account's
//! key. The report is read twice and never held: memory grows by eight bytes or so an asset, and by
//! what was seen of those assets that stand on more than one row. Knows no terminal.

mod content;
mod report;
mod sample;
mod survey;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::HashMap;
use std::time::Duration;

use content::Content;
pub use content::DOLLARS_PER_GB;
pub use report::{Claim, ReadError, ReadFault, Report, Row, Rows};
pub use sample::{Sample, SampleError};
pub use survey::Survey;
pub use verdict::Verdict;

use crate::api::{Service, StatusAnswer};
use crate::client::{CallPolicy, ClientStopped, RetryingClient};
use crate::decision::MAX_SIZE;
use crate::model::{AssetId, RowFailure, UploadStatus};
use crate::retry::{RetryPolicy, Tries};
use crate::shutdown::{Shutdown, StopCause};

/// A download that broke off is begun anew no more often than this: every byte of it is paid for.
const DOWNLOAD_RETRIES: u32 = 2;

/// How a report is checked.
#[derive(Debug, Clone, Copy)]
pub struct VerifyOptions {
    /// Which assets are asked about.
    pub sample: Sample,
    /// Calls a second, 0 for no limit.
    pub rate: f64,
    /// Attempts and pauses.
    pub retry: RetryPolicy,
    /// How long the service may be away; `None`: for ever.
    pub max_outage: Option<Duration>,
    /// Whether the assets are downloaded, which costs [`DOLLARS_PER_GB`].
    pub download: bool,
}

/// What became known of one asset, or why nothing did.
type Observed = Result<Sight, RowFailure>;

/// What became known of one asset.
#[derive(Debug, Clone)]
struct Sight {
    look: StatusAnswer,
    /// What was downloaded, where that was asked for and the look gave no reason not to.
    content: Option<Content>,
}

/// Rows by what was found. They add up to the rows that were to be checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// `success` in the report, and still so.
    pub ok: u64,
    /// `pending` in the report, confirmed by now.
    pub confirmed: u64,
    /// The service has no record of the asset.
    pub missing: u64,
    /// The service calls the asset FAILED.
    pub failed: u64,
    /// The service holds another number of bytes.
    pub wrong_size: u64,
    /// The service holds other bytes.
    pub wrong_bytes: u64,
    /// Not usable yet.
    pub processing: u64,
    /// The service would not say.
    pub not_asked: u64,
    /// The check stopped before them.
    pub not_reached: u64,
}

impl Tally {
    fn add(&mut self, verdict: &Verdict) {
        *match verdict {
            Verdict::Ok => &mut self.ok,
            Verdict::Confirmed => &mut self.confirmed,
            Verdict::Missing => &mut self.missing,
            Verdict::Failed => &mut self.failed,
            Verdict::WrongSize { .. } | Verdict::TooLong { .. } => &mut self.wrong_size,
            Verdict::WrongBytes { .. } => &mut self.wrong_bytes,
            Verdict::Processing(_) => &mut self.processing,
            Verdict::NotAsked(_) => &mut self.not_asked,
        } += 1;
    }

    /// Rows that have a verdict.
    #[must_use]
    pub fn checked(&self) -> u64 {
        let differ = self.missing + self.failed + self.wrong_size + self.wrong_bytes;
        self.ok + self.confirmed + differ + self.processing + self.not_asked
    }

    /// Whether every row is as the report says, or better.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.checked() == self.ok + self.confirmed && self.not_reached == 0
    }
}

/// How a check ended.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// The rows.
    pub tally: Tally,
    /// Rows found well whose size neither the report nor the service could vouch for.
    pub without_size: u64,
    /// Bytes that were downloaded, tries that broke off included.
    pub downloaded: u64,
    /// The account or the service made it stop.
    pub cause: Option<StopCause>,
    /// It was asked to stop.
    pub interrupted: bool,
}

/// A report and the service that is to confirm it.
#[derive(Debug)]
pub struct Verification<S> {
    report: Report,
    survey: Survey,
    calls: RetryingClient<S>,
    options: VerifyOptions,
    /// What was seen of assets that stand on several rows.
    known: HashMap<u64, Observed>,
    downloaded: u64,
}

impl<S: Service> Verification<S> {
    /// Sets a check up. `survey` is of this report and the options' sample; messages call the
    /// service `host`. Once `shutdown` fires, no further call is made.
    pub fn new(
        report: Report,
        survey: Survey,
        service: S,
        host: String,
        options: VerifyOptions,
        shutdown: Shutdown,
    ) -> Self {
        let policy = CallPolicy {
            rate: options.rate,
            retry: options.retry,
            longest_outage: options.max_outage,
        };
        Self {
            report,
            survey,
            calls: RetryingClient::new(service, host, policy, shutdown),
            options,
            known: HashMap::new(),
            downloaded: 0,
        }
    }

    /// Asks about every asset, in the order of the rows. `told` hears of each row.
    ///
    /// # Errors
    /// When the report cannot be read any more. What differs is no error.
    pub async fn run(
        mut self,
        mut told: impl FnMut(&Claim, &Verdict),
    ) -> Result<Verified, ReadError> {
        let mut verified = Verified::default();
        for row in self.report.rows()? {
            let Row::Claim(claim) = row? else { continue };
            if !self.options.sample.takes(claim.key()) {
                continue;
            }
            let observed = match self.observe(&claim).await {
                Ok(observed) => observed,
                Err(ended) => {
                    verified.end(ended);
                    break;
                }
            };
            let verdict = verdict::of(&claim, &observed);
            verified.tally.add(&verdict);
            let is_unmeasured = |sight: &Sight| claim.bytes.is_none() || sight.size().is_none();
            let unmeasured = verdict.is_well() && observed.as_ref().is_ok_and(is_unmeasured);
            verified.without_size += u64::from(unmeasured);
            told(&claim, &verdict);
        }
        let tally = &mut verified.tally;
        tally.not_reached = self.survey.sampled_rows.saturating_sub(tally.checked());
        verified.downloaded = self.downloaded;
        Ok(verified)
    }

    /// What is known of a row's asset; each asset is asked about once.
    async fn observe(&mut self, claim: &Claim) -> Result<Observed, ClientStopped> {
        let key = claim.key();
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let observed = self.ask(claim).await?;
        if self.survey.stands_again(key) {
            self.known.insert(key, observed.clone());
        }
        Ok(observed)
    }

    async fn ask(&mut self, claim: &Claim) -> Result<Observed, ClientStopped> {
        let look = match self.look(&claim.asset_id).await? {
            Ok(look) => look,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let most = match (&look, self.options.download) {
            (
                StatusAnswer::Found {
                    status: UploadStatus::Success,
                    file_size,
                },
                true,
            ) if verdict::sizes_agree(claim.bytes, *file_size) => {
                claim.bytes.or(*file_size).unwrap_or(MAX_SIZE)
            }
            _ => {
                let content = None;
                return Ok(Ok(Sight { look, content }));
            }
        };
        let retry = RetryPolicy {
            retries: self.options.retry.retries.min(DOWNLOAD_RETRIES),
            ..self.options.retry
        };
        let got = content::download(
            &self.calls,
            &retry,
            &claim.asset_id,
            most,
            &mut self.downloaded,
        );
        Ok(got.await?.map(|content| Sight {
            look,
            content: Some(content),
        }))
    }

    async fn look(
        &self,
        asset_id: &AssetId,
    ) -> Result<Result<StatusAnswer, RowFailure>, ClientStopped> {
        let mut tries = Tries::default();
        loop {
            let looking = self.calls.service().status(asset_id);
            let fault = match self.calls.answer(looking).await? {
                Ok(look) => return Ok(Ok(look)),
                Err(fault) => fault,
            };
            let given_up = self.calls.retry(&self.options.retry, &mut tries, &fault);
            if let Some(refusal) = given_up.await? {
                return Ok(Err(refusal));
            }
        }
    }
}

impl Sight {
    /// How many bytes the service holds, as far as it can be known.
    fn size(&self) -> Option<u64> {
        let told = match &self.look {
            StatusAnswer::Found { file_size, .. } => *file_size,
            StatusAnswer::Absent => None,
        };
        let counted = self.content.as_ref();
        counted.map(|content| content.bytes).or(told)
    }
}

impl Verified {
    fn end(&mut self, ended: ClientStopped) {
        match ended {
            ClientStopped::Interrupted => self.interrupted = true,
            ClientStopped::Stopped(cause) => self.cause = Some(cause),
        }
    }
}
