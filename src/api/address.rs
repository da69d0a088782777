//! Where the API lives, and where its signed URLs may send a file.
//!
//! Judges URLs by their text, and the addresses that their names turn out to have. `resolver` resolves
//! the names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use super::fault::Fault;
use super::proxy::{Peer, proxies, proxy_for, unbracketed};
use crate::model::SignedUrl;

/// A base URL that was found fit to be sent the key, and the storage hosts trusted beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    base: Url,
    storage_hosts: Vec<String>,
}

/// Why a text cannot be the base URL. User names and passwords are not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// It is no URL with a host.
    #[error("the base URL is not a URL: give it as https://host/path")]
    Malformed,
    /// Neither https nor, on this machine, http.
    #[error(
        "the base URL must start with https:// (http:// only to this machine): the key would travel in the clear"
    )]
    Insecure,
    /// It has a user name or a password.
    #[error(
        "the base URL has a user name or password: leave them out, the key is all the service needs"
    )]
    UserInfo,
    /// It has a `?query` or a `#fragment`.
    #[error("the base URL has a query or a fragment: leave out everything from ? or # on")]
    Query,
}

impl Address {
    /// Checks a base URL. `storage_hosts` (`host` or `host:port`) are trusted with files although
    /// their addresses are private or their ports unusual.
    ///
    /// # Errors
    /// When the key must not be sent there.
    pub fn parse(text: &str, storage_hosts: &[String]) -> Result<Self, BaseUrlError> {
        let base = Url::parse(text.trim()).map_err(|_| BaseUrlError::Malformed)?;
        if has_userinfo(&base) {
            return Err(BaseUrlError::UserInfo);
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(BaseUrlError::Query);
        }
        let fits = match base.scheme() {
            "https" => base.has_host(),
            "http" => is_loopback(&base),
            _ => false,
        };
        if !fits {
            return Err(BaseUrlError::Insecure);
        }
        let storage_hosts = storage_hosts
            .iter()
            .map(|host| host.trim().to_ascii_lowercase());
        Ok(Self {
            base,
            storage_hosts: storage_hosts.collect(),
        })
    }

    /// The host, with its port where that is not the usual one; fit to be shown.
    #[must_use]
    pub fn host(&self) -> String {
        shown_host(&self.base)
    }

    /// The base URL without a trailing slash: what a ledger is bound to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Whether the service is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.base)
    }

    /// Whether calls travel without TLS, which only a service on this machine may ask for.
    pub(crate) fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// The service itself.
    #[must_use]
    pub fn peer(&self) -> Peer {
        Peer {
            host: unbracketed(self.base.host_str().unwrap_or_default()),
            port: self.base.port_or_known_default().unwrap_or(443),
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
        proxy_for(&self.base)
    }

    /// The URL of a call.
    pub(super) fn call(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        // An http URL always has a path to add to.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// Whether a file may be sent to `url`.
    ///
    /// # Errors
    /// [`Fault::InsecureUrl`], which says why and names the host alone.
    pub fn permits(&self, url: &SignedUrl) -> Result<(), Fault> {
        let signed = url.expose();
        self.objection(signed).map_or(Ok(()), |why| {
            Err(Fault::InsecureUrl(format!(
                "the signed URL for {} {why}",
                shown_host(signed)
            )))
        })
    }

    /// Whether a file may go to `ip`, an address of the storage host `host`.
    pub(super) fn admits(&self, host: &str, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        let on_this_machine = self.is_loopback() && ip.is_loopback();
        is_public(ip) || on_this_machine || self.lists_name(host)
    }

    fn lists_name(&self, host: &str) -> bool {
        let port = |listed: &str| Some(listed.strip_prefix(host)?.strip_prefix(':')?.len());
        self.storage_hosts
            .iter()
            .any(|listed| listed == host || port(listed).is_some())
    }

    fn objection(&self, url: &Url) -> Option<&'static str> {
        let on_this_machine = is_loopback(url);
        let listed = self.lists(url);
        let may_be_plain = self.is_plain() && on_this_machine;
        let may_be_local = self.is_loopback() || listed;
        let private = ip(url).is_some_and(|ip| !ip.is_loopback() && !is_public(ip));
        let rules = [
            (
                !matches!(url.scheme(), "https" | "http"),
                "is not an https URL",
            ),
            (url.scheme() == "http" && !may_be_plain, "is not encrypted"),
            (has_userinfo(url), "carries a user name or password"),
            (on_this_machine && !may_be_local, "points to this machine"),
            (
                private && !listed,
                "points to a private address: --storage-host allows it",
            ),
            (
                url.port().is_some() && !may_be_local,
                "has an unusual port: --storage-host allows it",
            ),
        ];
        rules
            .into_iter()
            .find_map(|(broken, why)| broken.then_some(why))
    }

    fn lists(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        let with_port = url
            .port_or_known_default()
            .map(|port| format!("{host}:{port}"));
        self.storage_hosts
            .iter()
            .any(|listed| listed == host || Some(listed) == with_port.as_ref())
    }
}

/// A URL's host and, where it is not the usual one, its port.
pub(super) fn shown_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("no host");
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn ip(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    literal.parse().ok().map(|ip: IpAddr| ip.to_canonical())
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    host == "localhost"
        || host.ends_with(".localhost")
        || ip(url).is_some_and(|ip| ip.is_loopback())
}

/// The address blocks that are not of the public internet (IANA's special-purpose registry, RFC
/// 6890): first address and length of the prefix.
const NOT_PUBLIC: [(Ipv4Addr, u32); 14] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let bits = u32::from(ip);
            !NOT_PUBLIC.iter().any(|(first, length)| {
                (bits ^ u32::from(*first)).checked_shr(32 - length) == Some(0)
            })
        }
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// Global unicast (`2000::/3`) without documentation, Teredo and 6to4, which can hide a private IPv4.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let tunnels = first == 0x2002 || (first == 0x2001 && second < 0x200);
    let documentation = (first == 0x2001 && second == 0xdb8) || first == 0x3fff;
    first & 0xe000 == 0x2000 && !tunnels && !documentation
}

#[cfg(test)]
mod tests;
