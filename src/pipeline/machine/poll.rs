//! What the status of an asset leads to: after a doubt, and while waiting for confirmation. Does not
//! know when it was asked for, nor why then.

use jiff::Timestamp;

use super::state::{Adoption, Doubt, OnWaiting, State};
use super::step::{End, Fillable};
use super::upload_machine::UploadMachine;
use crate::api::{Fault, StatusAnswer};
use crate::body::BodyFault;
use crate::model::{Asset, ErrorCode, Fact, FileVersion, Reason, RowFailure, Sha256, UploadStatus};

/// How often a doubtful asset is polled when the answers settle nothing.
const DOUBT_POLLS: u32 = 8;

impl UploadMachine {
    /// The answer to [`Step::PollDoubtful`](super::Step::PollDoubtful) or
    /// [`Step::PollSent`](super::Step::PollSent). `version` is the file as it is now, `None` when gone;
    /// `late` says that the poll was made after the time-out for confirmation.
    pub(crate) fn polled(
        &mut self,
        answer: Result<StatusAnswer, Fault>,
        version: Option<FileVersion>,
        late: bool,
        now: Timestamp,
    ) {
        let status = match answer {
            Ok(status) => status,
            Err(fault @ (Fault::Account(_) | Fault::Away(_) | Fault::Setup(_))) => {
                return self.retry(&fault, State::Queued);
            }
            // Whatever else went wrong says nothing about the asset.
            Err(_) => StatusAnswer::Absent,
        };
        self.state = match std::mem::replace(&mut self.state, State::Queued) {
            State::Doubtful(asset, doubt) => self.settle_doubt(asset, doubt, status, version, now),
            State::Sent(asset) => self.confirm(asset, &status, late, now),
            other => other,
        };
    }

    /// Settles a doubt. Only a well-formed WAITING for this asset allows another POST.
    fn settle_doubt(
        &mut self,
        asset: Asset,
        doubt: Doubt,
        status: StatusAnswer,
        version: Option<FileVersion>,
        now: Timestamp,
    ) -> State {
        let StatusAnswer::Found { status, file_size } = status else {
            return self.poll_again(asset, doubt);
        };
        match status {
            UploadStatus::Waiting => match doubt.on_waiting {
                OnWaiting::Send => self.fill(asset, now),
                OnWaiting::Replace(reason) => self.give_up(asset, reason),
                OnWaiting::Fail(failure) => self.failure(failure, true),
            },
            UploadStatus::Failed => self.give_up(asset, Reason::ServiceFailed),
            // Bytes arrived, but perhaps those of another state of the file.
            _ if doubt.digest.is_none()
                && version.is_some_and(|version| version != asset.version) =>
            {
                self.give_up(asset, Reason::Superseded)
            }
            UploadStatus::Success => match wrong_size(&asset, file_size) {
                Some(reason) => self.give_up(asset, reason),
                None => self.adopt(asset, Adoption::Confirmed, doubt.digest, now),
            },
            UploadStatus::Uploading | UploadStatus::Unknown(_) => {
                self.adopt(asset, Adoption::Sent, doubt.digest, now)
            }
        }
    }

    fn poll_again(&mut self, asset: Asset, doubt: Doubt) -> State {
        let polls = doubt.polls + 1;
        if polls >= self.attempts.most(DOUBT_POLLS).max(3) {
            let text = format!(
                "the upload was broken off and the service does not say what became of asset {}: \
                 run again to ask again",
                asset.asset_id
            );
            return self.failure(RowFailure::new(ErrorCode::OutcomeUnknown, text), true);
        }
        State::Doubtful(asset, Doubt { polls, ..doubt })
    }

    /// Takes an asset over as this file's; without the digest of its bytes the file is read first.
    fn adopt(
        &mut self,
        asset: Asset,
        adoption: Adoption,
        digest: Option<Sha256>,
        now: Timestamp,
    ) -> State {
        match digest {
            Some(sha256) => self.record_sent(asset, adoption, sha256, now),
            None => State::Adopting(asset, adoption),
        }
    }

    /// The file was read: takes the asset over, unless the manifest promised another digest.
    pub(super) fn adopt_hashed(
        &mut self,
        asset: Asset,
        adoption: Adoption,
        sha256: Sha256,
        now: Timestamp,
    ) {
        self.state = match self.expected {
            Some(expected) if expected != sha256 => {
                let fault = BodyFault::Sha256Mismatch {
                    expected,
                    actual: sha256,
                };
                self.failure(fault.row_failure(), false)
            }
            _ => self.record_sent(asset, adoption, sha256, now),
        };
    }

    /// The asset holds these bytes: written down as sent, and as confirmed where it is.
    pub(super) fn record_sent(
        &mut self,
        asset: Asset,
        adoption: Adoption,
        sha256: Sha256,
        now: Timestamp,
    ) -> State {
        let asset_id = asset.asset_id.clone();
        let sent = Fact::Sent {
            asset_id,
            sha256,
            posts: self.posts(),
            at: now,
        };
        let asset = Asset {
            sha256: Some(sha256),
            sent_at: Some(now),
            ..asset
        };
        let next = match adoption {
            Adoption::Sent => State::Sent(asset),
            Adoption::Confirmed => Self::confirmed(&asset, true, now),
        };
        State::recording(sent, next)
    }

    /// Waits for SUCCESS. After a 2xx nothing but FAILED or a wrong size starts a new asset.
    fn confirm(
        &mut self,
        asset: Asset,
        status: &StatusAnswer,
        late: bool,
        now: Timestamp,
    ) -> State {
        match status {
            StatusAnswer::Found {
                status: UploadStatus::Success,
                file_size,
            } => match wrong_size(&asset, *file_size) {
                Some(reason) => self.give_up(asset, reason),
                None => Self::confirmed(&asset, file_size.is_some(), now),
            },
            StatusAnswer::Found {
                status: UploadStatus::Failed,
                ..
            } => self.give_up(asset, Reason::ServiceFailed),
            // Sent by an earlier run, and still nothing there although the time is over.
            StatusAnswer::Found {
                status: UploadStatus::Waiting,
                ..
            } if late && !self.attempts.has_posted_in_this_pass() => {
                // A shared asset is not filled again: two files would do it at once.
                let fillable = Fillable::new(&asset, now).filter(|_| !asset.shared);
                match fillable {
                    Some(fillable) => State::Sendable(fillable),
                    None => self.give_up(asset, Reason::NeverArrived),
                }
            }
            _ if late => {
                let fact = Fact::Pending {
                    asset_id: asset.asset_id,
                };
                State::recording(fact, State::Ended(End::Pending))
            }
            _ => State::Sent(asset),
        }
    }

    fn confirmed(asset: &Asset, size_checked: bool, now: Timestamp) -> State {
        let asset_id = asset.asset_id.clone();
        let fact = Fact::Confirmed {
            asset_id,
            size_checked,
            at: now,
        };
        State::recording(fact, State::Ended(End::Confirmed))
    }
}

fn wrong_size(asset: &Asset, held: Option<u64>) -> Option<Reason> {
    let (sent, held) = (asset.version.size, held?);
    (sent != held).then_some(Reason::SizeMismatch { sent, held })
}
