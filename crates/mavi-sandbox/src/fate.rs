//! What a fault may have in store for an asset.
//!
//! A noun only: `assets` and `upload` act on it.

use std::time::Duration;

use serde::Deserialize;

/// What becomes of an asset whose bytes came.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FateStatus {
    /// The bytes are lost.
    Waiting,
    /// Processing has no end.
    Uploading,
    /// Processing ends in a failure.
    Failed,
}

/// An asset's own misfortune.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) status: Option<FateStatus>,
    /// How long a failed asset is shown as SUCCESS first.
    pub(crate) after: Duration,
    /// So many bytes are missing at the end of what is stored.
    pub(crate) truncate: u32,
    /// The first byte is stored with its bits turned.
    pub(crate) flip: bool,
    /// How long the record is missing after the bytes came.
    pub(crate) lag: Duration,
    /// How long the signed URL really lives.
    pub(crate) url_lifetime: Option<Duration>,
}

impl Fate {
    /// Whether other bytes are stored than came.
    pub(crate) fn spoils(&self) -> bool {
        self.flip || self.truncate > 0
    }
}
