//! Secrets as types that cannot print themselves.
//!
//! The API key and signed URLs exist outside these types only where they go onto the wire or into
//! the ledger; every such place calls `expose`, so that it can be found by searching.

use std::fmt;
use std::path::Path;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// The key of an account. `Debug` is redacted and there is no `Display`.
#[derive(Clone)]
pub struct ApiKey(SecretString);

/// Why a text cannot be an API key. The text itself is never part of the message.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ApiKeyError {
    /// Nothing is left after trimming.
    #[error("the API key is empty")]
    Empty,
    /// The key is sent bare; see the service's documentation of the `Authorization` header.
    #[error("the API key starts with \"Bearer \": give the key alone, without that word")]
    Bearer,
    /// As `docker --env-file` and some shells leave them.
    #[error("the API key stands in quotes: leave them out")]
    Quoted,
    /// A header value cannot hold it.
    #[error("the API key has a character that no key has (only visible ASCII is allowed)")]
    IllegalCharacter,
}

impl ApiKey {
    /// Takes a key as it was found in a variable or a file; surrounding white space is dropped, and the
    /// mark that some editors begin a file with.
    ///
    /// # Errors
    /// When what is left is empty, carries a `Bearer` prefix, or is not visible ASCII.
    pub fn parse(text: &str) -> Result<Self, ApiKeyError> {
        let key = text.trim_start_matches('\u{feff}').trim();
        if key.is_empty() {
            return Err(ApiKeyError::Empty);
        }
        if key
            .get(..7)
            .is_some_and(|word| word.eq_ignore_ascii_case("bearer "))
        {
            return Err(ApiKeyError::Bearer);
        }
        if key.starts_with(['"', '\'']) {
            return Err(ApiKeyError::Quoted);
        }
        if !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ApiKeyError::IllegalCharacter);
        }
        Ok(Self(SecretString::from(key.to_owned())))
    }

    /// The key itself, for the `Authorization` header alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The first 8 hex digits of the key's SHA-256: accounts differ in it, and it does not reveal the key.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.expose().as_bytes());
        super::Sha256(digest.into()).to_string()[..8].to_owned()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(redacted)")
    }
}

/// A URL whose query carries the right to store one file. Prints as its host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl(Url);

impl SignedUrl {
    /// Takes a URL from the service or from the ledger; whether it may be trusted is decided where
    /// it is used.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Url::parse(text).ok().filter(Url::has_host).map(Self)
    }

    /// The URL with its signature, for the request and the ledger alone.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0
    }

    /// The host, which may be shown.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedUrl(host {}, redacted)", self.host())
    }
}

/// Whether a file that holds secrets can be read by others.
#[cfg(unix)]
#[must_use]
pub fn others_may_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

/// Elsewhere files are their owner's by default.
#[cfg(not(unix))]
#[must_use]
pub fn others_may_read(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests;
