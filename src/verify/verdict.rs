//! What a row of the report and the observation of its asset amount to. Pure.

use std::fmt;

use super::ReportedAsset;
use super::observation::{Observation, Observed};
use crate::api::StatusAnswer;
use crate::model::{RowFailure, Sha256, UploadStatus};

/// What was found of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As the report says.
    Ok,
    /// `pending` in the report, usable by now.
    Confirmed,
    /// The service has no record of the asset.
    Missing,
    /// The service calls the asset FAILED.
    Failed,
    /// The service holds another number of bytes.
    WrongSize {
        /// What the report says.
        reported: u64,
        /// What the service says, or sent.
        held: u64,
    },
    /// The service sent more bytes than it should hold; the download was broken off there.
    TooLong {
        /// What the report, or else the service, says.
        reported: u64,
    },
    /// The service holds as many bytes, but others.
    WrongBytes {
        /// What the report says.
        reported: Sha256,
        /// What the downloaded bytes hash to.
        held: Sha256,
    },
    /// Not usable yet; what the service says of it.
    Processing(UploadStatus),
    /// The service did not say.
    NotAsked(RowFailure),
}

impl Verdict {
    /// The stable word for it, for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Confirmed => "confirmed",
            Self::Missing => "missing",
            Self::Failed => "failed",
            Self::WrongSize { .. } | Self::TooLong { .. } => "wrong_size",
            Self::WrongBytes { .. } => "wrong_bytes",
            Self::Processing(_) => "processing",
            Self::NotAsked(_) => "not_asked",
        }
    }

    /// Whether the row is as the report says, or better.
    #[must_use]
    pub fn is_well(&self) -> bool {
        matches!(self, Self::Ok | Self::Confirmed)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("as the report says"),
            Self::Confirmed => f.write_str("pending in the report, confirmed by now"),
            Self::Missing => f.write_str("missing: the service has no record of it"),
            Self::Failed => f.write_str("FAILED: the service gave it up: upload the file again"),
            Self::WrongSize { reported, held } => write!(
                f,
                "wrong size: the report says {reported} bytes, the service holds {held}"
            ),
            Self::TooLong { reported } => write!(
                f,
                "wrong size: {reported} bytes are reported, the download went on beyond them"
            ),
            Self::WrongBytes { reported, held } => write!(
                f,
                "wrong bytes: the report says sha256 {reported}, the service holds {held}"
            ),
            Self::Processing(status) => {
                write!(f, "still processing: the service says {}", status.word())
            }
            Self::NotAsked(failure) => write!(f, "could not be asked: {failure}"),
        }
    }
}

/// Judges a row by what became known of its asset.
pub(super) fn of(asset: &ReportedAsset, observed: &Observed) -> Verdict {
    let Observation { answer, content } = match observed {
        Ok(observation) => observation,
        Err(failure) => return Verdict::NotAsked(failure.clone()),
    };
    let file_size = match answer {
        StatusAnswer::Absent => return Verdict::Missing,
        StatusAnswer::Found { status, file_size } => match status {
            UploadStatus::Success => *file_size,
            UploadStatus::Failed => return Verdict::Failed,
            other => return Verdict::Processing(other.clone()),
        },
    };
    let sha256 = content.map(|content| content.sha256);
    if let (Some(content), Some(None)) = (content, sha256) {
        let reported = asset.bytes.or(file_size).unwrap_or(content.bytes);
        return Verdict::TooLong { reported };
    }
    let held = content.map(|content| content.bytes).or(file_size);
    if let (Some(reported), Some(held)) = (asset.bytes, held)
        && reported != held
    {
        return Verdict::WrongSize { reported, held };
    }
    if let (Some(reported), Some(Some(held))) = (asset.sha256, sha256)
        && reported != held
    {
        return Verdict::WrongBytes { reported, held };
    }
    if asset.pending {
        Verdict::Confirmed
    } else {
        Verdict::Ok
    }
}

/// Whether two sizes are equal, as far as both are known.
pub(super) fn sizes_agree(reported: Option<u64>, held: Option<u64>) -> bool {
    reported.is_none() || held.is_none() || reported == held
}
