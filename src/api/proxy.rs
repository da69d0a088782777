//! The proxies that the environment names, and what a connection is made to.
//!
//! Knows no service: whether a proxy is passed by is `address`'s to say.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

/// A host and a port to connect to. Carries no user name and no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// The proxy that the environment names for `service`, as the HTTP client finds it.
pub(super) fn proxy_for(service: &Url) -> Option<Peer> {
    let found = Matcher::from_system().intercept(&service.as_str().parse().ok()?)?;
    let uri = found.uri();
    let usual = match uri.scheme_str() {
        Some("https") => 443,
        Some(scheme) if scheme.starts_with("socks") => 1080,
        _ => 80,
    };
    Some(Peer {
        host: unbracketed(uri.host()?),
        port: uri.port_u16().unwrap_or(usual),
    })
}

/// Whether `host` is a proxy of the environment's.
pub(super) fn is_proxy(host: &str) -> bool {
    proxies().any(|url| url.host_str() == Some(host))
}

/// The proxies that the environment names for https, in the order the client tries them.
pub(super) fn proxies() -> impl Iterator<Item = Url> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let set = names
        .into_iter()
        .filter_map(|name| std::env::var(name).ok());
    set.filter_map(|text| {
        let with_scheme = if text.contains("://") {
            text
        } else {
            format!("http://{text}")
        };
        Url::parse(&with_scheme).ok()
    })
}

/// A host as it is resolved: an IPv6 address without its brackets.
pub(super) fn unbracketed(host: &str) -> String {
    let host = host.strip_prefix('[').unwrap_or(host);
    host.strip_suffix(']').unwrap_or(host).to_owned()
}
