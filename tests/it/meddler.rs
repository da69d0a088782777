//! A service that goes wrong where a test wants it to, around the real client.

use mavi_upload::api::{
    Fault, FileBody, HttpService, SendFault, Service, SignedUpload, StatusAnswer,
};
use mavi_upload::model::{AssetId, SignedUrl};

/// A point at which a call can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment<'a> {
    /// *sign* for a file of this name is about to be called.
    BeforeSign(&'a str),
    /// Storage has said yes to an upload, and its answer is on the way.
    AfterSend,
    /// *direct* has been done, and its answer is on the way.
    AfterDirect,
}

/// Asks `meddle` at every [`Moment`] whether the call fails, and how.
pub(crate) struct Meddler<F> {
    pub(crate) service: HttpService,
    pub(crate) meddle: F,
}

impl<F: Fn(Moment<'_>) -> Option<Fault> + Send + Sync + 'static> Service for Meddler<F> {
    async fn sign(&self, name: &str) -> Result<SignedUpload, Fault> {
        match (self.meddle)(Moment::BeforeSign(name)) {
            Some(fault) => Err(fault),
            None => self.service.sign(name).await,
        }
    }

    async fn send(&self, url: &SignedUrl, parcel: FileBody) -> Result<(), SendFault> {
        let answer = self.service.send(url, parcel).await;
        match (self.meddle)(Moment::AfterSend) {
            Some(fault) => Err(SendFault::Refused(fault)),
            None => answer,
        }
    }

    async fn status(&self, asset_id: &AssetId) -> Result<StatusAnswer, Fault> {
        self.service.status(asset_id).await
    }

    async fn direct(&self, parcel: FileBody) -> Result<AssetId, SendFault> {
        let answer = self.service.direct(parcel).await;
        match (self.meddle)(Moment::AfterDirect) {
            Some(fault) => Err(SendFault::Refused(fault)),
            None => answer,
        }
    }

    async fn delete(&self, asset_id: &AssetId) -> Result<(), Fault> {
        self.service.delete(asset_id).await
    }

    async fn download(
        &self,
        asset_id: &AssetId,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<u64, Fault> {
        self.service.download(asset_id, sink).await
    }
}
