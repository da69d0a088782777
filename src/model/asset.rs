//! The service's nouns: asset ids, upload statuses, digests, the price of storage.
//!
//! Plain values: they are parsed and shown, and decide nothing.

use std::fmt;

use serde::{Serialize, Serializer};

/// The id the service allotted to one file, for example `re_660736410386149376`.
///
/// It is put into request paths, so nothing but `[A-Za-z0-9_-]{1,128}` is accepted.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssetId(String);

impl AssetId {
    /// Checks the shape of an id that came from outside.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let well_formed = (1..=128).contains(&text.len()) && text.bytes().all(allowed);
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The id as the service wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for AssetId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What it costs to store so many bytes for a day, in dollars: $0.001 per GB (10^9 bytes), the
/// service's price.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub fn dollars_a_day(bytes: u64) -> f64 {
    bytes as f64 / 1e9 * 0.001
}

/// `upload_status` of an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadStatus {
    /// Asked for; no bytes have arrived.
    Waiting,
    /// The bytes arrived and are being processed.
    Uploading,
    /// Usable.
    Success,
    /// The service gave up on it: upload the file again as a new asset.
    Failed,
    /// A word this program does not know. Never terminal.
    Unknown(String),
}

impl UploadStatus {
    /// Reads the service's word for it, in any case of letters.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        let known = [Self::Waiting, Self::Uploading, Self::Success, Self::Failed];
        known
            .into_iter()
            .find(|status| status.word().eq_ignore_ascii_case(word))
            .unwrap_or_else(|| Self::Unknown(word.chars().take(40).collect()))
    }

    /// The service's word for it.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Waiting => "WAITING",
            Self::Uploading => "UPLOADING",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
            Self::Unknown(word) => word,
        }
    }
}

/// A SHA-256 digest; shown as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// Reads 64 hex digits in any case; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
