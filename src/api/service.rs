//! What the service can be asked, and what it answers.
//!
//! Knows neither HTTP nor limits.

use std::future::Future;
use std::time::Duration;

use super::fault::{Fault, SendFault};
use crate::body::FileBody;
use crate::model::{AssetId, SignedUrl, UploadStatus};

/// The answer to *sign*: an asset id, and where its bytes go.
#[derive(Debug, Clone)]
pub struct SignedUpload {
    /// The asset's id; paid for from now on.
    pub asset_id: AssetId,
    /// Where the bytes go, once.
    pub url: SignedUrl,
    /// How long `url` is of use, from now; zero when the service said so.
    pub expires_in: Duration,
}

/// The answer to *status*, for the asset that was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusAnswer {
    /// The service has a record of the asset.
    Found {
        /// How far it is.
        status: UploadStatus,
        /// How many bytes the service holds, where it says so.
        file_size: Option<u64>,
    },
    /// No record (`total` 0, HTTP 404, or records of other assets only).
    Absent,
}

/// What the service can be asked, one attempt a call.
///
/// Implementations are the HTTP client, the rate limiter around it, and the models of the tests.
pub trait Service: Send + Sync + 'static {
    /// Asks for an asset id and a URL to fill it through.
    fn sign(&self, name: &str) -> impl Future<Output = Result<SignedUpload, Fault>> + Send;

    /// Sends the bytes. `Ok` means that storage answered 2xx after it had taken the whole body;
    /// only [`Service::status`] says whether the asset is usable.
    fn send(
        &self,
        url: &SignedUrl,
        body: FileBody,
    ) -> impl Future<Output = Result<(), SendFault>> + Send;

    /// Asks what is known of an asset.
    fn status(
        &self,
        asset_id: &AssetId,
    ) -> impl Future<Output = Result<StatusAnswer, Fault>> + Send;

    /// Signs and sends in one call, for files under 500 MB. A lost answer is a lost asset id.
    fn direct(&self, body: FileBody) -> impl Future<Output = Result<AssetId, SendFault>> + Send;

    /// Deletes an asset for good.
    fn delete(&self, asset_id: &AssetId) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Downloads an asset, handing each chunk to `sink`; returns the number of bytes. Costs money.
    fn download(
        &self,
        asset_id: &AssetId,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> impl Future<Output = Result<u64, Fault>> + Send;
}
