//! The HTTP clients: what they are made of, and what they never do.
//!
//! Neither follows redirects, retries or unpacks. Makes no call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder};

use super::address::Address;
use super::network::root_cause;
use super::resolver::StorageResolver;
use crate::model::ApiKey;

/// How long an unused connection is kept. Shorter than the keep-alive of common servers (5 s at the
/// least), so that a call seldom meets a connection that the other side is just closing.
const IDLE: Duration = Duration::from_secs(4);

/// What an [`HttpService`](super::HttpService) is made of.
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

/// A client that sends `headers` with every request; without a resolver it asks the system's.
pub(super) fn client(
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
            // Its default breaks an upload off after 30 s without a byte; that is the watchdog's to
            // decide.
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
