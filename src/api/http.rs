//! The service over HTTP: two clients, one attempt a call.
//!
//! The API's client carries the key; storage's client carries nothing but a user agent, because a
//! signed URL is all the right that storage may see. Neither follows redirects, retries or unpacks:
//! what an answer means is for `envelope` and `storage` to say.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::address::Address;
use super::fault::{Fault, SendFault};
use super::http_client::{HttpBuildError, HttpSettings, client};
use super::network::{ReadLimits, head, network_fault, read_answer, stopped_by_proxy};
use super::probe::{Probe, date};
use super::resolver::StorageResolver;
use super::service::{Service, SignedUpload, StatusAnswer};
use super::{decode, envelope, storage};
use crate::body::FileBody;
use crate::model::{ApiKey, AssetId, Endpoint, SignedUrl};

/// More than any answer of the API; what goes on beyond it is not an answer.
const API_ANSWER_BYTES: usize = 1024 * 1024;

/// The service, over HTTP. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct HttpService {
    address: Address,
    api_key: ApiKey,
    api: Client,
    storage: Client,
    call_timeout: Duration,
    download_stall: Duration,
}

impl HttpService {
    /// Makes the two clients. Connects to nothing.
    ///
    /// # Errors
    /// When the certificates, the key or the user agent cannot be used.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpBuildError> {
        // Another part of this process may have installed a provider already; that one is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut key = HeaderValue::from_str(settings.api_key.expose())
            .map_err(|_| HttpBuildError::Header("the API key"))?;
        key.set_sensitive(true);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, key)]);
        let to_storage = StorageResolver::new(settings.address.clone());
        Ok(Self {
            api: client(&settings, &headers, None)?,
            storage: client(&settings, &HeaderMap::new(), Some(to_storage))?,
            address: settings.address,
            api_key: settings.api_key,
            call_timeout: settings.call_timeout,
            download_stall: settings.download_stall,
        })
    }

    /// Asks about an asset, which costs nothing, and returns what lies around the answer, too.
    pub async fn probe(&self, asset_id: &AssetId) -> Probe {
        let url = self.address.call(&[asset_id.as_str(), "metadata"]);
        let request = self.api.get(url).timeout(self.call_timeout);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => {
                return Probe {
                    date: None,
                    status: None,
                    answer: Err(self.network_fault(&error)),
                };
            }
        };
        let (date, status) = (date(&response), response.status().as_u16());
        let content = self.data_of(Endpoint::Status, response).await;
        Probe {
            date,
            status: Some(status),
            answer: content.and_then(|content| decode::status_answer(&content, asset_id)),
        }
    }

    /// Makes a short call of the API and returns the data of its answer.
    async fn call(&self, endpoint: Endpoint, request: RequestBuilder) -> Result<Value, Fault> {
        let request = request.timeout(self.call_timeout);
        let response = request
            .send()
            .await
            .map_err(|error| self.network_fault(&error))?;
        self.data_of(endpoint, response).await
    }

    async fn data_of(&self, endpoint: Endpoint, response: Response) -> Result<Value, Fault> {
        let limits = ReadLimits {
            bytes: API_ANSWER_BYTES,
            patience: self.call_timeout,
        };
        let (answer, fault) = read_answer(response, &self.address.host(), limits).await;
        tracing::debug!(?endpoint, status = answer.status, "answered");
        match fault {
            // An error's status means the same without the rest of its words.
            Some(fault) if (200..300).contains(&answer.status) => Err(fault),
            // Whatever is quoted of it from here on, by a fault or as a status, is without the key.
            _ => envelope::meaning(endpoint, &answer.without(self.api_key.expose())),
        }
    }

    /// A proxy that does not connect to the API serves no file, whatever else it may reach.
    fn network_fault(&self, error: &reqwest::Error) -> Fault {
        let fault = network_fault(&self.address.host(), error);
        match fault {
            Fault::Connect(words) if stopped_by_proxy(error) => Fault::Proxy(words),
            fault => fault,
        }
    }
}

impl Service for HttpService {
    async fn sign(&self, name: &str) -> Result<SignedUpload, Fault> {
        let url = self.address.call(&["upload", "signed-url"]);
        let request = self
            .api
            .post(url)
            .json(&json!({ "original_filename": name }));
        decode::signed_upload(&self.call(Endpoint::Sign, request).await?)
    }

    async fn send(&self, url: &SignedUrl, body: FileBody) -> Result<(), SendFault> {
        self.address.permits(url)?;
        storage::send(&self.storage, url, body, self.call_timeout).await
    }

    async fn status(&self, asset_id: &AssetId) -> Result<StatusAnswer, Fault> {
        let url = self.address.call(&[asset_id.as_str(), "metadata"]);
        let content = self.call(Endpoint::Status, self.api.get(url)).await?;
        decode::status_answer(&content, asset_id)
    }

    async fn direct(&self, body: FileBody) -> Result<AssetId, SendFault> {
        let progress = body.progress().clone();
        let request = self.api.post(self.address.call(&["upload"]));
        let request = request.header(CONTENT_TYPE, body.content_type());
        let (guard, body) = storage::guarded(body);
        let answer = match request.body(Body::wrap(body)).send().await {
            Ok(response) => self.data_of(Endpoint::Direct, response).await,
            Err(error) => Err(self.network_fault(&error)),
        };
        drop(guard);
        if progress.fault().is_some() {
            return Err(SendFault::Aborted);
        }
        let asset_id = decode::asset_id(&answer?);
        if !progress.is_complete() {
            return Err(SendFault::Early);
        }
        Ok(asset_id?)
    }

    async fn delete(&self, asset_id: &AssetId) -> Result<(), Fault> {
        let url = self.address.call(&[asset_id.as_str()]);
        self.call(Endpoint::Delete, self.api.delete(url))
            .await
            .map(drop)
    }

    async fn download(
        &self,
        asset_id: &AssetId,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<u64, Fault> {
        let late = |_| Fault::Timeout(format!("{}: no answer in time", self.address.host()));
        let url = self.address.call(&[asset_id.as_str(), "download"]);
        let asked = timeout(self.download_stall, self.api.get(url).send())
            .await
            .map_err(late)?;
        let mut response = asked.map_err(|error| self.network_fault(&error))?;
        let answer = head(&response);
        let is_json = answer
            .content_type
            .is_some_and(|kind| kind.contains("json"));
        if is_json || !(200..300).contains(&answer.status) {
            self.data_of(Endpoint::Download, response).await?;
            return Err(Fault::Protocol(
                "JSON where the asset's bytes belong".to_owned(),
            ));
        }
        let mut bytes = 0;
        loop {
            let chunk = timeout(self.download_stall, response.chunk())
                .await
                .map_err(late)?;
            let Some(chunk) = chunk.map_err(|error| self.network_fault(&error))? else {
                return Ok(bytes);
            };
            sink(&chunk);
            bytes += chunk.len() as u64;
        }
    }
}

#[cfg(test)]
mod tests;
