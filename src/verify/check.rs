//! The check itself: each asset is asked about once, in the order of the rows, and judged.

use std::collections::HashMap;

use super::content;
use super::sight::{Observed, Sight};
use super::verdict;
use super::{Claim, ReadError, Report, Row, Survey, Verdict, Verified, VerifyOptions};
use crate::api::{Service, StatusAnswer};
use crate::client::{CallPolicy, ClientStopped, RetryingClient};
use crate::decision::MAX_SIZE;
use crate::model::{AssetId, RowFailure, UploadStatus};
use crate::retry::{RetryPolicy, Tries};
use crate::shutdown::Shutdown;

/// A download that broke off is begun anew no more often than this: every byte of it is paid for.
const DOWNLOAD_RETRIES: u32 = 2;

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
            let given_up = self.calls.again(&self.options.retry, &mut tries, &fault);
            if let Some(refusal) = given_up.await? {
                return Ok(Err(refusal));
            }
        }
    }
}

#[cfg(test)]
mod tests;
