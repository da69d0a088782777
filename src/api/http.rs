//! The service over HTTP: two clients, one attempt a call.
//!
//! The API's client carries the key; storage's client carries nothing but a user agent, because a
//! signed URL is all the right that storage may see. Neither follows redirects, retries or unpacks:
//! whatever the wire says is heard by `envelope` and `storage`, which give it its meaning.

mod probe;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Certificate, Client, ClientBuilder, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

pub use probe::Probe;

use super::network::{ReadLimits, head, network_fault, read_answer, root_cause, stopped_by_proxy};
use super::resolver::StorageResolver;
use super::{
    Address, Endpoint, Fault, SendFault, Service, SignedUpload, StatusAnswer, decode, envelope,
    storage,
};
use crate::body::FileBody;
use crate::model::{ApiKey, AssetId, SignedUrl};

/// More than any answer of the API; what goes on beyond it is not an answer.
const API_ANSWER_BYTES: usize = 1024 * 1024;

/// How long an unused connection is kept. Shorter than the keep-alive of common servers (5 s at the
/// least), so that a call seldom meets a connection that the other side is just closing.
const IDLE: Duration = Duration::from_secs(4);

/// What an [`HttpService`] is made of.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Where the API lives.
    pub address: Address,
    /// The account's key.
    pub api_key: ApiKey,
    /// How long a connection may take to come about (10 s).
    pub connect_timeout: Duration,
    /// How long a short call may take in all (30 s). Uploads have no such limit.
    pub call_timeout: Duration,
    /// How long a download may go without a byte (60 s). It has no limit in all.
    pub download_stall: Duration,
    /// Certificates, in PEM, to trust beyond the system's store.
    pub ca_pem: Option<Vec<u8>>,
    /// Whether the proxies of the environment are passed by. A service on this machine is never
    /// reached through a proxy.
    pub no_proxy: bool,
    /// Addresses of hosts that the system's resolver is not asked for; a port of 0 is the URL's.
    pub resolve: Vec<(String, Vec<SocketAddr>)>,
    /// The `User-Agent` of every request.
    pub user_agent: String,
}

impl HttpSettings {
    /// The documented time-outs, the system's trust and the environment's proxies.
    #[must_use]
    pub fn new(address: Address, api_key: ApiKey) -> Self {
        Self {
            address,
            api_key,
            connect_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(30),
            download_stall: Duration::from_secs(60),
            ca_pem: None,
            no_proxy: false,
            resolve: Vec::new(),
            user_agent: concat!("mavi-upload/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Why no client could be made of the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpBuildError {
    /// The added certificates are none.
    #[error("the CA certificate cannot be used: {0}")]
    CaCert(String),
    /// The system has no store of certificates, or TLS cannot start for another reason.
    #[error(
        "no TLS client can be made: {0} (install the package ca-certificates, or name a bundle in SSL_CERT_FILE)"
    )]
    Tls(String),
    /// The key or the user agent cannot stand in a header.
    #[error("{0} cannot stand in an HTTP header")]
    Header(&'static str),
}

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
        // Somebody else in this process may have installed a provider already; theirs is as good.
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

    /// Makes a short call of the API and gives the data of its answer.
    async fn call(&self, endpoint: Endpoint, request: RequestBuilder) -> Result<Value, Fault> {
        let request = request.timeout(self.call_timeout);
        let response = request
            .send()
            .await
            .map_err(|error| self.network_fault(&error))?;
        self.data_of(endpoint, response).await
    }

    async fn data_of(&self, endpoint: Endpoint, response: Response) -> Result<Value, Fault> {
        let bounds = ReadLimits {
            bytes: API_ANSWER_BYTES,
            patience: self.call_timeout,
        };
        let (answer, cut) = read_answer(response, &self.address.host(), bounds).await;
        tracing::debug!(?endpoint, status = answer.status, "answered");
        match cut {
            // An error's status means the same without the rest of its words.
            Some(cut) if (200..300).contains(&answer.status) => Err(cut.fault()),
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

fn client(
    settings: &HttpSettings,
    headers: &HeaderMap,
    resolver: Option<StorageResolver>,
) -> Result<Client, HttpBuildError> {
    let user_agent = HeaderValue::from_str(&settings.user_agent)
        .map_err(|_| HttpBuildError::Header("the user agent"))?;
    let added = added_certificates(settings)?;
    let resolver = resolver.map(Arc::new);
    let builder = || {
        let builder = Client::builder()
            .user_agent(user_agent.clone())
            .default_headers(headers.clone())
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .http1_only()
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(IDLE)
            // Its default breaks an upload off after 30 s without a byte; whoever watches over the
            // transfer decides that.
            .tcp_user_timeout(None);
        let builder = match &resolver {
            Some(resolver) => builder.dns_resolver(Arc::clone(resolver)),
            None => builder,
        };
        let known = |builder: ClientBuilder, (host, addresses): &(String, Vec<SocketAddr>)| {
            builder.resolve_to_addrs(host, addresses)
        };
        let builder = settings.resolve.iter().fold(builder, known);
        direct_to_this_machine(builder, settings)
    };
    let trusting_the_system = builder().tls_certs_merge(added.clone()).build();
    let built = match trusting_the_system {
        // Without a store of certificates a service on this machine can still be talked to.
        Err(_) if settings.address.is_plain() => builder().tls_certs_only(added.clone()).build(),
        built => built,
    };
    built.map_err(|error| {
        let cause = root_cause(&error);
        if added.is_empty() {
            HttpBuildError::Tls(cause)
        } else {
            HttpBuildError::CaCert(cause)
        }
    })
}

fn direct_to_this_machine(builder: ClientBuilder, settings: &HttpSettings) -> ClientBuilder {
    if settings.no_proxy || settings.address.is_loopback() {
        builder.no_proxy()
    } else {
        builder
    }
}

fn added_certificates(settings: &HttpSettings) -> Result<Vec<Certificate>, HttpBuildError> {
    let Some(pem) = &settings.ca_pem else {
        return Ok(Vec::new());
    };
    let found = Certificate::from_pem_bundle(pem)
        .map_err(|error| HttpBuildError::CaCert(root_cause(&error)))?;
    if found.is_empty() {
        return Err(HttpBuildError::CaCert(
            "there is no PEM certificate in it".to_owned(),
        ));
    }
    Ok(found)
}

impl Service for HttpService {
    async fn sign(&self, name: &str) -> Result<SignedUpload, Fault> {
        let url = self.address.call(&["upload", "signed-url"]);
        let request = self
            .api
            .post(url)
            .json(&json!({ "original_filename": name }));
        decode::allotment(&self.call(Endpoint::Sign, request).await?)
    }

    async fn send(&self, url: &SignedUrl, parcel: FileBody) -> Result<(), SendFault> {
        self.address.permits(url).map_err(SendFault::Refused)?;
        storage::send(&self.storage, url, parcel, self.call_timeout).await
    }

    async fn status(&self, asset_id: &AssetId) -> Result<StatusAnswer, Fault> {
        let url = self.address.call(&[asset_id.as_str(), "metadata"]);
        let content = self.call(Endpoint::Status, self.api.get(url)).await?;
        decode::look(&content, asset_id)
    }

    async fn direct(&self, parcel: FileBody) -> Result<AssetId, SendFault> {
        let progress = parcel.progress().clone();
        let request = self.api.post(self.address.call(&["upload"]));
        let request = request.header(CONTENT_TYPE, parcel.content_type());
        let (leash, parcel) = storage::leash(parcel);
        let told = match request.body(Body::wrap(parcel)).send().await {
            Ok(response) => self.data_of(Endpoint::Direct, response).await,
            Err(error) => Err(self.network_fault(&error)),
        };
        drop(leash);
        if progress.fault().is_some() {
            return Err(SendFault::Aborted);
        }
        let asset_id = decode::asset_id(&told.map_err(SendFault::Refused)?);
        if !progress.is_complete() {
            return Err(SendFault::Early);
        }
        asset_id.map_err(SendFault::Refused)
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
