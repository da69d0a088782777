//! What to do with a candidate: skip it, refuse it, or work on it, and where its work begins.
//!
//! Pure: it is told what the disk says and what the ledger knows, and touches neither.

mod check;

use std::path::PathBuf;

pub use check::{DIRECT_SIZE, MAX_SIZE, Rules, check, look_at};
use jiff::Timestamp;

use crate::asset::{AssetId, Sha256};
use crate::body::FileStamp;
use crate::error::{ErrorCode, Refusal};
use crate::secret::SignedUrl;

/// The ledger's number for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub i64);

/// Size and time by which a file is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change of content, in nanoseconds since 1970.
    pub mtime_ns: i64,
}

impl From<&FileStamp> for Seen {
    fn from(stamp: &FileStamp) -> Self {
        Self {
            size: stamp.size,
            mtime_ns: stamp.mtime_ns,
        }
    }
}

/// An asset that was allotted to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its id.
    pub asset_id: AssetId,
    /// Where its bytes go, while that is of use.
    pub url: Option<SignedUrl>,
    /// When `url` stops being of use.
    pub url_expires_at: Timestamp,
    /// The file as it was when the asset was allotted.
    pub seen: Seen,
    /// The digest of the bytes that were sent, once they were.
    pub sha256: Option<Sha256>,
    /// When storage took the last byte.
    pub sent_at: Option<Timestamp>,
    /// Other files with the same bytes use it too.
    pub shared: bool,
}

impl Asset {
    /// Whether bytes can still be sent to it.
    #[must_use]
    pub fn can_be_filled(&self, now: Timestamp) -> bool {
        self.url.is_some() && self.url_expires_at > now
    }
}

/// What the ledger knows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// No asset that is of use.
    New,
    /// An asset that may or may not have been sent to.
    Allotted(Asset),
    /// An asset whose bytes are up.
    Sent(Asset),
    /// An asset that the service confirmed.
    Confirmed(Asset),
}

/// What happens to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: the service confirmed this very file before.
    Skip,
    /// The row fails before any call.
    Refuse(Refusal),
    /// The file goes through the pipeline, from where it stands.
    Work,
}

/// Which of a run's two passes over its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Over all files that need work.
    First,
    /// Over those that failed for reasons that may have passed since.
    Second,
}

/// One file's work: everything its life needs to know.
#[derive(Debug, Clone)]
pub struct Job {
    /// Which pass this is.
    pub pass: Pass,
    /// POSTs begun for the file so far in this run.
    pub attempts: u32,
    /// Assets allotted to the file so far in this run.
    pub assets: u32,
    /// The file.
    pub file: FileId,
    /// Its absolute path.
    pub path: PathBuf,
    /// The name to send, where the manifest gives one.
    pub name: Option<String>,
    /// What the manifest says the bytes hash to.
    pub expected_sha256: Option<Sha256>,
    /// The file as the plan saw it; `None` when it is gone (and only needs to be confirmed).
    pub seen: Option<Seen>,
    /// Where its work begins.
    pub standing: Standing,
}

/// Decides on a row from what the disk says (`seen`), what the ledger knows (`standing`), and the
/// digest that the manifest expects.
#[must_use]
pub fn decide(
    seen: &Result<Seen, Refusal>,
    standing: &Standing,
    expected: Option<Sha256>,
) -> Decision {
    match (seen, standing) {
        (Err(gone), Standing::Confirmed(_)) if is_out_of_reach(&gone.code) => Decision::Skip,
        (Err(gone), Standing::Sent(_)) if is_out_of_reach(&gone.code) => Decision::Work,
        (Err(refusal), _) => Decision::Refuse(refusal.clone()),
        (Ok(seen), Standing::Confirmed(asset)) if asset.seen == *seen => {
            mismatch(asset, expected).map_or(Decision::Skip, Decision::Refuse)
        }
        (Ok(_), _) => Decision::Work,
    }
}

/// Whether a file was merely not to be had: what was uploaded of it stays true.
fn is_out_of_reach(code: &ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NotFound | ErrorCode::Permission | ErrorCode::Io
    )
}

fn mismatch(asset: &Asset, expected: Option<Sha256>) -> Option<Refusal> {
    let (expected, sent) = (expected?, asset.sha256?);
    (expected != sent).then(|| {
        Refusal::new(
            ErrorCode::Sha256Mismatch,
            format!(
                "the manifest expects sha256 {expected}, the bytes sent earlier hash to {sent}"
            ),
        )
    })
}

#[cfg(test)]
mod tests;
