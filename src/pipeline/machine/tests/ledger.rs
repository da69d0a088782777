//! The ledger of the model: it writes facts down, and checks the rules.

use super::{Held, Mutant, World, digest};
use crate::model::{Asset, AssetId, Fact, FileVersion, Reason, StoredState, UploadStatus};
use crate::pipeline::machine::End;

impl World {
    pub(super) fn knows(&self, id: &AssetId) -> bool {
        match &self.stored_state {
            StoredState::Allotted(a) | StoredState::Sent(a) | StoredState::Confirmed(a) => {
                a.asset_id == *id
            }
            StoredState::New => false,
        }
    }

    /// Writes a fact down, as the ledger does.
    pub(super) fn apply(&mut self, fact: &Fact) -> Result<(), String> {
        let next = self.after(fact)?;
        if self.mutant == Mutant::NoCommitBeforeTheFirstByte && matches!(fact, Fact::Allotted(_)) {
            self.floating = Some(next);
            return Ok(());
        }
        self.stored_state = next;
        let sent_is_enough = self.mutant == Mutant::RowBeforeConfirmation;
        match fact {
            Fact::Confirmed { asset_id, .. }
            | Fact::Shared {
                asset_id,
                confirmed: true,
                ..
            } => self.success(asset_id),
            Fact::Sent { asset_id, .. } if sent_is_enough => self.success(asset_id),
            _ => Ok(()),
        }
    }

    /// How the file stands after a fact.
    fn after(&mut self, fact: &Fact) -> Result<StoredState, String> {
        Ok(match (fact, self.stored_state.clone()) {
            (Fact::Allotted(asset), _) => StoredState::Allotted(asset.clone()),
            (Fact::Version { version, .. }, StoredState::Allotted(a)) => {
                StoredState::Allotted(in_version(a, *version))
            }
            (Fact::Version { version, .. }, StoredState::Sent(a)) => {
                StoredState::Sent(in_version(a, *version))
            }
            (Fact::Version { version, .. }, StoredState::Confirmed(a)) => {
                StoredState::Confirmed(in_version(a, *version))
            }
            (Fact::Sent { sha256, at, .. }, StoredState::Allotted(a) | StoredState::Sent(a)) => {
                StoredState::Sent(Asset {
                    sha256: Some(*sha256),
                    sent_at: Some(*at),
                    ..a
                })
            }
            (Fact::Confirmed { .. }, StoredState::Sent(a)) => StoredState::Confirmed(a),
            (Fact::Shared { version, .. }, StoredState::New) => {
                let with = |asset: &Asset| Asset {
                    shared: true,
                    ..in_version(asset.clone(), *version)
                };
                match &self.duplicate {
                    StoredState::Sent(asset) => StoredState::Sent(with(asset)),
                    StoredState::Confirmed(asset) => StoredState::Confirmed(with(asset)),
                    duplicate => return Err(format!("{fact:?} of {duplicate:?}")),
                }
            }
            (Fact::TakenOver { .. }, StoredState::New) => {
                std::mem::replace(&mut self.duplicate, StoredState::New)
            }
            (Fact::Abandoned { asset_id, reason }, _) => {
                let is_theirs = match &self.duplicate {
                    StoredState::Sent(a) | StoredState::Confirmed(a) => a.asset_id == *asset_id,
                    _ => false,
                };
                if is_theirs && *reason != Reason::Superseded {
                    self.duplicate = StoredState::New;
                }
                self.abandoned(&asset_id.clone(), reason)?;
                StoredState::New
            }
            (Fact::Failed { .. } | Fact::Deferred { .. }, stored_state) => {
                self.row = Some(End::Failed);
                stored_state
            }
            (Fact::Pending { .. }, stored_state) => stored_state,
            (fact, stored_state) => return Err(format!("{fact:?} in {stored_state:?}")),
        })
    }

    /// Only what is of no use may be given up.
    fn abandoned(&mut self, id: &AssetId, reason: &Reason) -> Result<(), String> {
        let version = self.version;
        let held = self.held(id);
        let useful = held.bytes.is_some_and(|(bytes, _)| bytes == version) && !held.excused;
        held.excused |= *reason == Reason::Superseded;
        if useful {
            Err(format!("{id} was given up ({reason}) although it is good"))
        } else {
            Ok(())
        }
    }

    /// A row says success: the service must agree, and the digest must be that of its bytes.
    fn success(&mut self, id: &AssetId) -> Result<(), String> {
        self.row = Some(End::Confirmed);
        let sha256 = match &self.stored_state {
            StoredState::Sent(asset) | StoredState::Confirmed(asset) => asset.sha256,
            _ => None,
        };
        let held = self.held(id);
        if held.status != UploadStatus::Success {
            return Err(format!(
                "{id} reported as success while it is {:?}",
                held.status
            ));
        }
        let held = held.bytes.map(|(version, _)| digest(version));
        if held == sha256 {
            Ok(())
        } else {
            Err(format!("{id}: digest of other bytes"))
        }
    }

    /// No file has two assets with bytes, save those that are of no use.
    pub(super) fn check(&self) -> Result<(), String> {
        let with_bytes = |held: &&Held| held.bytes.is_some() && !held.excused;
        let stored: Vec<_> = self.assets.iter().filter(with_bytes).collect();
        if stored.len() > 1 {
            Err(format!("stored twice: {stored:?}"))
        } else {
            Ok(())
        }
    }
}

fn in_version(asset: Asset, version: FileVersion) -> Asset {
    Asset { version, ..asset }
}
