//! Whom a connection to the service is made to: the service itself, or a proxy of the environment's.

use hyper_util::client::proxy::matcher::Matcher;

use super::Address;
use super::network::proxies;

/// A host and a port to connect to. Carries no user name and no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Address {
    /// The service itself.
    #[must_use]
    pub fn peer(&self) -> Peer {
        let url = self.url();
        let host = url.host_str().unwrap_or_default();
        Peer {
            host: unbracketed(host),
            port: url.port_or_known_default().unwrap_or(443),
        }
    }

    /// Whether the environment names a proxy that is not for this service (`NO_PROXY`).
    #[must_use]
    pub fn passes_proxies_by(&self) -> bool {
        !self.is_loopback() && proxies().next().is_some() && self.proxy(false).is_none()
    }

    /// The proxy that calls go through, as the HTTP client finds it: by the environment, unless
    /// `no_proxy` or the service is on this machine.
    #[must_use]
    pub fn proxy(&self, no_proxy: bool) -> Option<Peer> {
        if no_proxy || self.is_loopback() {
            return None;
        }
        let service = self.url().as_str().parse().ok()?;
        let found = Matcher::from_system().intercept(&service)?;
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
}

fn unbracketed(host: &str) -> String {
    let host = host.strip_prefix('[').unwrap_or(host);
    host.strip_suffix(']').unwrap_or(host).to_owned()
}
