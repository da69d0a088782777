//! The check itself: each asset is asked about once, in the order of the rows, and judged.
//! Writes nothing.

use std::collections::HashMap;

use super::observation::{Observation, Observed};
use super::{
    ReadError, Report, ReportedAsset, ReportedRow, Verdict, Verified, VerifyOptions, VerifyScope,
    content, verdict,
};
use crate::api::{Service, StatusAnswer};
use crate::client::{CallPolicy, ClientStopped, RetryingClient};
use crate::decision::MAX_SIZE;
use crate::model::UploadStatus;
use crate::retry::RetryPolicy;
use crate::shutdown::Shutdown;

/// A download that broke off is begun anew no more often than this: every byte of it is paid for.
const DOWNLOAD_RETRIES: u32 = 2;

/// A report and the service that is to confirm it.
#[derive(Debug)]
pub struct Verification<S> {
    report: Report,
    scope: VerifyScope,
    client: RetryingClient<S>,
    options: VerifyOptions,
    /// What was observed of assets that stand on several rows.
    known: HashMap<u64, Observed>,
    downloaded: u64,
}

impl<S: Service> Verification<S> {
    /// Sets a check up. `scope` is of this report and the options' sample; messages call the
    /// service `host`. Once `shutdown` fires, no further call is made.
    pub fn new(
        report: Report,
        scope: VerifyScope,
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
            scope,
            client: RetryingClient::new(service, host, policy, shutdown),
            options,
            known: HashMap::new(),
            downloaded: 0,
        }
    }

    /// Asks about every asset, in the order of the rows. `on_row` receives each row's verdict.
    ///
    /// # Errors
    /// When the report cannot be read any more. What differs is no error.
    pub async fn run(
        mut self,
        mut on_row: impl FnMut(&ReportedAsset, &Verdict),
    ) -> Result<Verified, ReadError> {
        let mut verified = Verified::default();
        for row in self.report.rows()? {
            let ReportedRow::Asset(asset) = row? else {
                continue;
            };
            if !self.options.sample.takes(asset.key()) {
                continue;
            }
            let observed = match self.observe(&asset).await {
                Ok(observed) => observed,
                Err(stopped) => {
                    (verified.cause, verified.interrupted) = stopped.into_parts();
                    break;
                }
            };
            let verdict = verdict::of(&asset, &observed);
            verified.add(&asset, &observed, &verdict);
            on_row(&asset, &verdict);
        }
        let counts = &mut verified.counts;
        counts.not_reached = self.scope.sampled_rows.saturating_sub(counts.checked());
        verified.downloaded = self.downloaded;
        Ok(verified)
    }

    /// What is known of a row's asset; each asset is asked about once.
    async fn observe(&mut self, asset: &ReportedAsset) -> Result<Observed, ClientStopped> {
        let key = asset.key();
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let observed = self.poll(asset).await?;
        if self.scope.is_repeated(key) {
            self.known.insert(key, observed.clone());
        }
        Ok(observed)
    }

    async fn poll(&mut self, asset: &ReportedAsset) -> Result<Observed, ClientStopped> {
        let (client, id) = (&self.client, &asset.asset_id);
        let status = async || client.answer(client.service().status(id)).await;
        let answer = match client.retried(&self.options.retry, status).await? {
            Ok(answer) => answer,
            Err(failure) => return Ok(Err(failure)),
        };
        let Some(most) = self.bytes_to_download(asset, &answer) else {
            let content = None;
            return Ok(Ok(Observation { answer, content }));
        };
        let retry = RetryPolicy {
            retries: self.options.retry.retries.min(DOWNLOAD_RETRIES),
            ..self.options.retry
        };
        let content = content::download(client, &retry, id, most, &mut self.downloaded).await?;
        Ok(content.map(|content| Observation {
            answer,
            content: Some(content),
        }))
    }

    /// How many bytes an asset should have, where it is to be downloaded: only one that is whole by
    /// its answer.
    fn bytes_to_download(&self, asset: &ReportedAsset, answer: &StatusAnswer) -> Option<u64> {
        match answer {
            StatusAnswer::Found {
                status: UploadStatus::Success,
                file_size,
            } if self.options.download && verdict::sizes_agree(asset.bytes, *file_size) => {
                Some(asset.bytes.or(*file_size).unwrap_or(MAX_SIZE))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
