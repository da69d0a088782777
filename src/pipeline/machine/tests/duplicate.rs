//! Another file of the same bytes, which an earlier run began, sent or confirmed.

use super::{Mutant, World, digest};
use crate::model::{Asset, StoredState, UploadStatus};

impl World {
    /// An earlier run has begun, sent or confirmed another file of the same bytes.
    pub(super) fn with_duplicate(mut self) -> Self {
        let stage = self.random.u32(..4);
        let Some(mut asset) = self.allotted() else {
            return self;
        };
        if stage > 1 {
            (asset.sha256, asset.sent_at) = (Some(digest(1)), Some(self.now()));
        }
        // The file itself may have been begun before the two had the same bytes.
        if let (2.., Some(own)) = (stage, self.allotted().filter(|_| self.random.bool())) {
            self.stored_state = StoredState::Allotted(own);
        }
        // A begun asset may hold the bytes or not; what was sent may be called FAILED.
        let fails = stage < 3 && self.chance(10);
        let held = self.held(&asset.asset_id);
        if stage > 0 {
            held.bytes = Some((1, asset.version.size));
            held.excused = fails;
            held.status = match (stage, fails) {
                (3, _) => UploadStatus::Success,
                (_, true) => UploadStatus::Failed,
                _ => UploadStatus::Uploading,
            };
        }
        self.duplicate = match stage {
            0 | 1 => StoredState::Allotted(asset),
            2 => StoredState::Sent(asset),
            _ => StoredState::Confirmed(asset),
        };
        self
    }

    fn allotted(&mut self) -> Option<Asset> {
        let signed = self.sign().ok()?;
        Some(Asset {
            asset_id: signed.asset_id,
            url: Some(signed.url),
            url_expires_at: self.now() + signed.expires_in,
            version: self.version(),
            sha256: None,
            sent_at: None,
            shared: false,
        })
    }

    /// What the worker finds before it signs or sends.
    pub(super) fn found(&self) -> Option<StoredState> {
        let same = self.version == 1 && self.mutant != Mutant::DuplicateIgnored;
        same.then(|| self.duplicate.clone())
    }
}
