//! What the ledger is to store of a file's way.
//!
//! Plain data; the ledger says what each fact changes.

use std::fmt;

use jiff::Timestamp;

use super::{Asset, AssetId, ErrorCode, FileVersion, RowFailure, Sha256};

/// One thing to store about one file.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// The service allotted an asset; the file is as `Asset::version` says.
    Allotted(Asset),
    /// The file, as it is now, is the one whose bytes go (or went) to this asset.
    Version {
        /// The asset.
        asset_id: AssetId,
        /// The file's size and time.
        version: FileVersion,
    },
    /// Another file's asset holds the bytes of this one: both use it from now on.
    Shared {
        /// The asset.
        asset_id: AssetId,
        /// This file's size and time.
        version: FileVersion,
        /// The service has confirmed the asset; else its bytes are up.
        confirmed: bool,
        /// POSTs begun for the file in this run.
        posts: u32,
    },
    /// An asset that was allotted to another file of the same bytes, and may hold them, is this one's.
    TakenOver {
        /// The asset.
        asset_id: AssetId,
        /// This file's size and time.
        version: FileVersion,
    },
    /// Storage took all bytes.
    Sent {
        /// The asset.
        asset_id: AssetId,
        /// The digest of the bytes.
        sha256: Sha256,
        /// POSTs begun for the file in this run.
        posts: u32,
        /// When.
        at: Timestamp,
    },
    /// The service said SUCCESS, with an equal size where it says one.
    Confirmed {
        /// The asset.
        asset_id: AssetId,
        /// The service reported the size, and it was equal.
        size_checked: bool,
        /// When.
        at: Timestamp,
    },
    /// The asset is given up.
    Abandoned {
        /// The asset.
        asset_id: AssetId,
        /// Why.
        reason: Reason,
    },
    /// The file's end in this run.
    Failed {
        /// Why.
        failure: RowFailure,
        /// POSTs begun for the file in this run.
        posts: u32,
    },
    /// Given up for now, for a reason that may pass: tried once more before the run ends.
    Deferred {
        /// Why.
        failure: RowFailure,
        /// POSTs begun for the file in this run.
        posts: u32,
    },
    /// The service took longer than the limit; the asset stays as it is.
    Pending {
        /// The asset.
        asset_id: AssetId,
    },
}

impl Fact {
    pub(crate) fn version(asset: &Asset, version: FileVersion) -> Self {
        let asset_id = asset.asset_id.clone();
        Self::Version { asset_id, version }
    }
}

/// Why an asset is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The service called it FAILED.
    ServiceFailed,
    /// The service holds another number of bytes.
    SizeMismatch {
        /// Bytes sent.
        sent: u64,
        /// Bytes the service says it holds.
        held: u64,
    },
    /// Its URL expired before the bytes were up.
    UrlExpired,
    /// Storage refused its URL.
    UrlRefused,
    /// Storage said yes, but nothing ever arrived.
    NeverArrived,
    /// The file changed since. An asset that other files use stays theirs.
    Superseded,
    /// It holds no bytes yet, and another asset already holds those of the file.
    DuplicateContent,
}

impl Reason {
    /// The ledger's word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::ServiceFailed => "service_failed",
            Self::SizeMismatch { .. } => "size_mismatch",
            Self::UrlExpired => "url_expired",
            Self::UrlRefused => "url_refused",
            Self::NeverArrived => "never_arrived",
            Self::Superseded => "superseded",
            Self::DuplicateContent => "duplicate_content",
        }
    }

    /// The report's code when a row fails for it.
    pub(crate) fn error_code(&self) -> ErrorCode {
        match self {
            Self::ServiceFailed => ErrorCode::ServiceFailed,
            Self::SizeMismatch { .. } => ErrorCode::SizeMismatch,
            Self::UrlExpired => ErrorCode::UrlExpired,
            Self::UrlRefused => ErrorCode::StorageDenied,
            Self::NeverArrived | Self::Superseded | Self::DuplicateContent => {
                ErrorCode::OutcomeUnknown
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServiceFailed => f.write_str("the service called the asset FAILED"),
            Self::SizeMismatch { sent, held } => {
                write!(f, "{sent} bytes were sent, the service holds {held}")
            }
            Self::UrlExpired => f.write_str("the signed URL expired before the bytes were up"),
            Self::UrlRefused => f.write_str("storage refused the signed URL"),
            Self::NeverArrived => f.write_str("the bytes never arrived"),
            Self::Superseded => f.write_str("the file changed since"),
            Self::DuplicateContent => f.write_str("another asset holds the same bytes"),
        }
    }
}
