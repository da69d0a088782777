//! What a fault decides about an asset.
//!
//! It does not act: `assets`, `sink` and `api` do.

use std::time::Duration;

use serde::Deserialize;

/// The status in which an asset stays after its bytes arrived.
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

/// What a fault decides about one asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) status: Option<FateStatus>,
    /// How long a failed asset is shown as SUCCESS first.
    pub(crate) after: Duration,
    /// How many bytes are missing at the end of what is stored.
    pub(crate) truncate: u32,
    /// The first byte is stored with its bits inverted.
    pub(crate) flip: bool,
    /// How long the record is missing after the bytes arrived.
    pub(crate) lag: Duration,
    /// How long the signed URL lives, whatever the answer says.
    pub(crate) url_lifetime: Option<Duration>,
}

impl Fate {
    /// Whether the stored bytes differ from those that arrived.
    pub(crate) fn spoils(&self) -> bool {
        self.flip || self.truncate > 0
    }
}
