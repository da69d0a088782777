//! What it leads to that another file has the same bytes. Does not know how that was found out.

use super::send::{BODY_TRIES, CHANGED_PAUSE};
use super::state::{Basis, OnWaiting, State};
use super::step::End;
use super::upload_machine::UploadMachine;
use crate::body::BodyFault;
use crate::model::{Asset, ErrorCode, Fact, FileVersion, Reason, RowFailure, Sha256, StoredState};

impl UploadMachine {
    /// The file was read before anything was signed for or sent; this is its version and its digest;
    /// `duplicate` is how an asset of another file of the same bytes stands. The file uses that one; an
    /// own one, which is known to hold no bytes, is given up first.
    pub(crate) fn read_ahead(
        &mut self,
        version: FileVersion,
        sha256: Sha256,
        duplicate: Option<StoredState>,
    ) {
        if !matches!(self.state, State::Queued | State::Sendable(_)) {
            return;
        }
        if let Some(expected) = self.expected.filter(|expected| *expected != sha256) {
            let actual = sha256;
            let fault = BodyFault::Sha256Mismatch { expected, actual };
            return self.fail(fault.row_failure(), false);
        }
        let next = match duplicate {
            Some(StoredState::Confirmed(asset)) => self.share(asset, version, true),
            Some(StoredState::Sent(asset)) => self.share(asset, version, false),
            Some(StoredState::Allotted(asset)) => self.take_over(asset, version, sha256),
            Some(StoredState::New) | None => return,
        };
        self.state = match std::mem::replace(&mut self.state, State::Queued) {
            State::Sendable(own) => {
                let (asset_id, reason) = (own.asset.asset_id, Reason::DuplicateContent);
                State::recording(Fact::Abandoned { asset_id, reason }, next)
            }
            _ => next,
        };
    }

    /// The file could not be read ahead. One that changed meanwhile is left alone and read again, as
    /// when it changes while it is sent.
    pub(crate) fn not_read_ahead(&mut self, failure: RowFailure) {
        let fault = BodyFault::Changed(String::new());
        if failure.code == ErrorCode::Changed {
            let attempt = self.attempts.count(&fault);
            if attempt < self.attempts.most(BODY_TRIES) {
                let next = std::mem::replace(&mut self.state, State::Queued);
                return self.pause(attempt, CHANGED_PAUSE, next);
            }
        }
        self.fail(failure, false);
    }

    /// The ledger refused [`Fact::Shared`] or [`Fact::TakenOver`]: the asset was given up meanwhile, or
    /// got further.
    pub(crate) fn duplicate_gone(&mut self) {
        if let State::Recording(Fact::Shared { .. } | Fact::TakenOver { .. }, _) = &self.state {
            self.state = State::Queued;
        }
    }

    fn share(&mut self, asset: Asset, version: FileVersion, confirmed: bool) -> State {
        self.attempts.count_asset();
        let fact = Fact::Shared {
            asset_id: asset.asset_id.clone(),
            version,
            confirmed,
            posts: self.posts(),
        };
        let shared = true;
        let next = if confirmed {
            State::Ended(End::Confirmed)
        } else {
            let asset = Asset {
                version,
                shared,
                ..asset
            };
            State::sent(asset, Basis::Stored)
        };
        State::recording(fact, next)
    }

    /// The other file's upload ended in doubt, which is settled like one's own.
    fn take_over(&mut self, asset: Asset, version: FileVersion, sha256: Sha256) -> State {
        self.attempts.count_asset();
        let asset = Asset { version, ..asset };
        let asset_id = asset.asset_id.clone();
        let doubtful = State::doubtful(asset, OnWaiting::Send, Some(sha256));
        State::recording(Fact::TakenOver { asset_id, version }, doubtful)
    }
}
