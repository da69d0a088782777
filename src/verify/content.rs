//! An asset's bytes, downloaded to be counted and hashed: none of them is kept.

use sha2::{Digest, Sha256 as Hasher};
use tokio_util::sync::CancellationToken;

use crate::api::{Fault, Service};
use crate::client::{ClientStopped, RetryingClient};
use crate::model::{AssetId, RowFailure, Sha256};
use crate::retry::{RetryPolicy, Tries};

/// What the service charges for a download, for 10^9 bytes.
pub const DOLLARS_PER_GB: f64 = 0.12;

/// What came of a download.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content {
    pub(super) bytes: u64,
    /// `None` when it went on beyond what was expected and was broken off.
    pub(super) sha256: Option<Sha256>,
}

/// Downloads an asset of `most` bytes; every byte that came is added to `downloaded`.
pub(super) async fn download<S: Service>(
    calls: &RetryingClient<S>,
    retry: &RetryPolicy,
    asset_id: &AssetId,
    most: u64,
    downloaded: &mut u64,
) -> Result<Result<Content, RowFailure>, ClientStopped> {
    let mut tries = Tries::default();
    loop {
        let mut bytes = 0;
        let taken = calls
            .transfer(take(calls, asset_id, most, &mut bytes))
            .await;
        *downloaded += bytes;
        let fault = match taken? {
            Ok(content) => return Ok(Ok(content)),
            // Not an attempt: the pace is lower from now on, and no byte was sent.
            Err(Fault::Throttled {
                ambiguous: false, ..
            }) => continue,
            Err(fault) => fault,
        };
        if let Some(refusal) = calls.retry(retry, &mut tries, &fault).await? {
            return Ok(Err(refusal));
        }
    }
}

/// One attempt. The API hands chunks on without asking, so that what goes on beyond `most` is
/// broken off from here.
async fn take<S: Service>(
    calls: &RetryingClient<S>,
    asset_id: &AssetId,
    most: u64,
    bytes: &mut u64,
) -> Result<Content, Fault> {
    let (mut hasher, too_long) = (Hasher::new(), CancellationToken::new());
    let mut sink = |chunk: &[u8]| {
        *bytes += chunk.len() as u64;
        hasher.update(chunk);
        if *bytes > most {
            too_long.cancel();
        }
    };
    let is_whole = tokio::select! {
        biased;
        () = too_long.cancelled() => false,
        answer = calls.service().download(asset_id, &mut sink) => answer.map(|_| true)?,
    };
    Ok(Content {
        bytes: *bytes,
        sha256: (is_whole && *bytes <= most).then(|| Sha256(hasher.finalize().into())),
    })
}
