//! What a failure of the network means, and the bounded reading of answers.
//!
//! The words name the host and the root cause: never a path, a query, or a proxy's password.

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER};
use tokio::time::{Instant, timeout_at};

use super::address::shown_host;
use super::answer::HttpAnswer;
use super::fault::Fault;
use super::proxy::proxies;
use super::resolver::NowherePublic;
use crate::model::is_shortage;
use crate::text::{plain, without_queries};

/// The fault that a failure of the HTTP client is; `host` is what it was to talk to.
pub(super) fn network_fault(host: &str, error: &reqwest::Error) -> Fault {
    let causes = chain(error);
    let root = causes
        .last()
        .map_or_else(|| "unknown cause".to_owned(), ToString::to_string);
    let tunnel = causes.iter().find_map(|cause| tunnel_fault(*cause));
    let words = match tunnel {
        Some(Tunnel::Refused) => format!("proxy {}: no connection to {host}", proxy_host()),
        Some(Tunnel::Barred) => {
            let root = root.strip_prefix(TUNNEL).unwrap_or(&root);
            format!("proxy {}: {}", proxy_host(), without_queries(root))
        }
        None => format!("{host}: {}", without_queries(&root)),
    };
    let words = plain(&words);
    tracing::debug!("{words}");
    if causes.iter().any(|cause| cause.is::<NowherePublic>()) {
        return Fault::InsecureUrl(words);
    }
    if let Some(hint) = causes.iter().find_map(|cause| distrust(*cause)) {
        Fault::Tls(format!("{words}: {hint}"))
    } else if causes.iter().any(|cause| is_short(*cause)) {
        Fault::Descriptors(words)
    } else if tunnel == Some(Tunnel::Barred) {
        Fault::Proxy(words)
    } else if error.is_connect() {
        Fault::Connect(words)
    } else if error.is_timeout() {
        Fault::Timeout(format!("{host}: no answer in time"))
    } else {
        Fault::Broken(words)
    }
}

/// How the client's words about a proxy begin.
const TUNNEL: &str = "tunnel error: ";

/// Why a proxy made no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tunnel {
    /// It cannot be reached, or lets no one pass.
    Barred,
    /// It refused this host, or did not reach it: another may be reached.
    Refused,
}

/// The client does not export the type of these: its words are all there is.
fn tunnel_fault(cause: &(dyn Error + 'static)) -> Option<Tunnel> {
    match cause.to_string().strip_prefix(TUNNEL)? {
        "unsuccessful" => Some(Tunnel::Refused),
        _ => Some(Tunnel::Barred),
    }
}

/// Whether no connection came about because of a proxy.
pub(super) fn stopped_by_proxy(error: &reqwest::Error) -> bool {
    chain(error)
        .into_iter()
        .any(|cause| tunnel_fault(cause).is_some())
}

/// The innermost cause of a failure, fit to be shown.
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let unknown = if error.is_builder() {
        "it cannot be built"
    } else {
        "unknown cause"
    };
    let root = chain(error).last().map(ToString::to_string);
    plain(&root.unwrap_or_else(|| unknown.to_owned()))
}

/// The causes below `error`, outermost first. `error` itself, which may know a URL, is left out.
fn chain(error: &reqwest::Error) -> Vec<&(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| inner(*cause)).collect()
}

/// What lies under a cause; an [`io::Error`] passes over the very error it wraps.
fn inner<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    wrapped.map_or_else(|| cause.source(), |wrapped| Some(wrapped))
}

fn is_short(cause: &(dyn Error + 'static)) -> bool {
    cause.downcast_ref::<io::Error>().is_some_and(is_shortage)
}

/// What `webpki` calls an authority's certificate that a server shows as its own.
const AUTHORITYS_OWN: &str = "CaUsedAsEndEntity";

/// What to do about a certificate that cannot be trusted, which no retry helps; `None` for other
/// failures of a handshake, which may pass.
fn distrust(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    use rustls::CertificateError as Why;
    use rustls::Error::{InvalidCertificate, NoCertificatesPresented, UnsupportedNameType};
    match cause.downcast_ref()? {
        InvalidCertificate(
            Why::Expired
            | Why::ExpiredContext { .. }
            | Why::NotValidYet
            | Why::NotValidYetContext { .. },
        ) => Some("see whether this machine's clock is right"),
        InvalidCertificate(Why::NotValidForName | Why::NotValidForNameContext { .. })
        | UnsupportedNameType => Some("the certificate is another host's"),
        InvalidCertificate(Why::Other(other)) if other.to_string().contains(AUTHORITYS_OWN) => {
            Some(
                "the server shows an authority's certificate (CA:TRUE) as its own, which --ca-cert cannot \
             repair: give it one that the authority signed",
            )
        }
        InvalidCertificate(_) | NoCertificatesPresented => {
            Some("a company's own authority is trusted with --ca-cert")
        }
        _ => None,
    }
}

/// The host of the proxy that the environment names for https, in the order the client tries them.
fn proxy_host() -> String {
    proxies()
        .next()
        .map_or_else(|| "of the system".to_owned(), |url| shown_host(&url))
}

/// How much of an answer is read, and how long its body may take once its head is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadLimits {
    pub(super) bytes: usize,
    pub(super) patience: Duration,
}

/// Reads an answer within `limits`. What came before a fault is returned, too: a status is worth
/// having.
pub(super) async fn read_answer(
    mut response: Response,
    host: &str,
    limits: ReadLimits,
) -> (HttpAnswer, Option<Fault>) {
    let mut answer = head(&response);
    let mut body = BytesMut::new();
    let deadline = Instant::now() + limits.patience;
    let fault = loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                let left = limits.bytes - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(left)]);
                if chunk.len() > left {
                    let most = limits.bytes / 1024;
                    let text = format!("an answer of more than {most} KiB");
                    break Some(Fault::Protocol(text));
                }
            }
            Ok(Ok(None)) => break None,
            Ok(Err(error)) => break Some(network_fault(host, &error)),
            Err(_) => {
                let late = format!("{host}: the answer did not end in time");
                break Some(Fault::Timeout(late));
            }
        }
    };
    answer.body = body.freeze();
    (answer, fault)
}

/// The head of an answer, with an empty body.
pub(super) fn head(response: &Response) -> HttpAnswer {
    let header = |name: HeaderName| {
        let value = response.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    HttpAnswer {
        status: response.status().as_u16(),
        content_type: header(CONTENT_TYPE),
        retry_after: header(RETRY_AFTER),
        location: header(LOCATION),
        body: Bytes::new(),
    }
}
