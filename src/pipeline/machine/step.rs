//! The border with the worker: what it does next, how the way ends, and how an upload is reported.
//! Data without rules.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::{Fault, SendFault};
use crate::body::BodyFault;
use crate::model::{Asset, AssetId, Fact, Sha256, SignedUrl};
use crate::retry::Pause;
use crate::shutdown::StopCause;

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step<'a> {
    /// Ask for an asset (or send the file directly, which brings one). Needs the file open and an
    /// upload slot.
    Sign,
    /// Write a fact down; go on only when it is on disk.
    Record(&'a Fact),
    /// Pause.
    Pause(Pause),
    /// Send the file to this asset. Needs the file open and an upload slot.
    Send(&'a Fillable),
    /// Poll an asset whose upload ended in doubt.
    PollDoubtful {
        /// The asset.
        asset_id: &'a AssetId,
        /// Polls that settled nothing yet; each next one comes a pause later.
        polls: u32,
        /// Storage asked to slow down, for so long where it said so.
        hold: Option<Duration>,
    },
    /// Poll an asset whose bytes are up, when that is likely to be worth it.
    PollSent(&'a Asset),
    /// Read the file and hash it.
    Hash,
    /// The end.
    End(&'a End),
}

/// An asset without bytes, and the URL through which it is filled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fillable {
    /// The asset.
    pub(crate) asset: Asset,
    /// Where its bytes go.
    pub(crate) url: SignedUrl,
}

impl Fillable {
    /// `None` when the asset's URL is of no use any more.
    pub(super) fn new(asset: &Asset, now: Timestamp) -> Option<Self> {
        let url = asset.url.clone().filter(|_| asset.can_be_filled(now))?;
        Some(Self {
            asset: asset.clone(),
            url,
        })
    }
}

/// How a file's work in this run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The service confirmed the asset.
    Confirmed,
    /// The bytes are up; the service took longer than the limit.
    Pending,
    /// Given up.
    Failed,
    /// Given up until the run's second pass.
    Deferred,
    /// The run cannot go on.
    Stopped(StopCause),
}

/// How one upload ended; a direct one brings the asset's id.
#[derive(Debug, Clone)]
pub(crate) struct SendReport<T = ()> {
    /// What storage said, or what came in between.
    pub(crate) result: Result<T, SendFault>,
    /// Whether any byte may have left.
    pub(crate) begun: bool,
    /// The digest, where the whole file had been read and handed over.
    pub(crate) digest: Option<Sha256>,
    /// Why our side broke off, where it did; beside a digest, what has become of the file since all of
    /// it was sent.
    pub(crate) body_fault: Option<BodyFault>,
}

impl<T> SendReport<T> {
    /// Whether the answer was seen and says that nothing is wrong with the file.
    pub(super) fn is_plain(&self) -> bool {
        matches!(
            self.result,
            Ok(_)
                | Err(SendFault::Refused(
                    Fault::Throttled { .. } | Fault::Server(..)
                ))
        )
    }
}
