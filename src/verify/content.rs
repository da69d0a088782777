//! An asset's bytes, downloaded to be counted and hashed. None of them is kept.

use sha2::{Digest, Sha256 as Hasher};
use tokio_util::sync::CancellationToken;

use crate::api::{Fault, Service};
use crate::client::{ClientStopped, RetryingClient};
use crate::model::{AssetId, RowFailure, Sha256};
use crate::retry::RetryPolicy;

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
    client: &RetryingClient<S>,
    retry: &RetryPolicy,
    asset_id: &AssetId,
    most: u64,
    downloaded: &mut u64,
) -> Result<Result<Content, RowFailure>, ClientStopped> {
    let attempt = async || {
        let mut bytes = 0;
        let taking = take(client, asset_id, most, &mut bytes);
        let taken = client.transfer(taking).await;
        *downloaded += bytes;
        taken
    };
    client.retried(retry, attempt).await
}

/// One attempt. The API passes chunks on without asking, so a download that exceeds `most`
/// is broken off here.
async fn take<S: Service>(
    client: &RetryingClient<S>,
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
        answer = client.service().download(asset_id, &mut sink) => answer.map(|_| true)?,
    };
    Ok(Content {
        bytes: *bytes,
        sha256: (is_whole && *bytes <= most).then(|| Sha256(hasher.finalize().into())),
    })
}
