//! What the status of an asset leads to: after a doubt, and while waiting for confirmation. Does not
//! know when it was asked for, nor why then.

use jiff::Timestamp;

use super::evidence::Settled;
use super::state::{Adoption, Basis, ConfirmationWait, Doubt, OnWaiting, State};
use super::step::{End, Fillable};
use super::upload_machine::UploadMachine;
use crate::api::{Fault, StatusAnswer};
use crate::body::BodyFault;
use crate::model::{Asset, ErrorCode, Fact, FileVersion, Reason, RowFailure, Sha256};

/// How often a doubtful asset is polled when the answers settle nothing.
const DOUBT_POLLS: u32 = 8;

/// How often an asset is polled after the time-out for confirmation when the answers disagree.
const LATE_POLLS: u32 = 4;

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
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault @ (Fault::Account(_) | Fault::Away(_) | Fault::Setup(_))) => {
                return self.retry(&fault, State::Queued);
            }
            // Whatever else went wrong says nothing about the asset.
            Err(_) => StatusAnswer::Absent,
        };
        self.state = match std::mem::replace(&mut self.state, State::Queued) {
            State::Doubtful(asset, doubt) => self.settle_doubt(asset, doubt, &answer, version, now),
            State::Sent(asset, wait) => self.confirm(asset, wait, &answer, late, now),
            other => other,
        };
    }

    /// Settles a doubt. Only WAITING for this asset, said twice, allows another POST.
    fn settle_doubt(
        &mut self,
        asset: Asset,
        mut doubt: Doubt,
        answer: &StatusAnswer,
        version: Option<FileVersion>,
        now: Timestamp,
    ) -> State {
        let Some(settled) = doubt.evidence.weigh(answer, asset.version.size) else {
            return self.poll_again(asset, doubt);
        };
        let has_changed = version.is_some_and(|version| version != asset.version);
        match settled {
            Settled::Empty => self.not_arrived(asset, doubt.on_waiting, now),
            Settled::Failed => self.give_up(asset, Reason::ServiceFailed),
            // Bytes arrived, but perhaps those of another state of the file.
            _ if doubt.digest.is_none() && has_changed => self.give_up(asset, Reason::Superseded),
            Settled::WrongSize(held) => self.wrong_size(asset, held),
            Settled::Whole { size_checked } => self.adopt(
                asset,
                Adoption::Confirmed { size_checked },
                doubt.digest,
                now,
            ),
            Settled::Arrived => {
                let basis = Basis::Adopted(doubt.on_waiting);
                self.adopt(asset, Adoption::Sent(basis), doubt.digest, now)
            }
        }
    }

    /// The service holds no bytes of an upload that ended in doubt.
    fn not_arrived(&mut self, asset: Asset, on_waiting: OnWaiting, now: Timestamp) -> State {
        match on_waiting {
            OnWaiting::Send => self.fill(asset, now),
            OnWaiting::Replace(reason) => self.give_up(asset, reason),
            OnWaiting::Fail {
                failure,
                is_passing,
            } => self.failure(failure, is_passing),
        }
    }

    fn wrong_size(&mut self, asset: Asset, held: u64) -> State {
        let sent = asset.version.size;
        self.give_up(asset, Reason::SizeMismatch { sent, held })
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
            Adoption::Sent(basis) => State::sent(asset, basis),
            Adoption::Confirmed { size_checked } => Self::confirmed(&asset, size_checked, now),
        };
        State::recording(sent, next)
    }

    /// Waits for SUCCESS. After a 2xx in this run nothing but FAILED or a wrong size starts a new asset.
    fn confirm(
        &mut self,
        asset: Asset,
        mut wait: ConfirmationWait,
        answer: &StatusAnswer,
        late: bool,
        now: Timestamp,
    ) -> State {
        wait.late_polls += u32::from(late);
        match wait.evidence.weigh(answer, asset.version.size) {
            Some(Settled::Whole { size_checked }) => Self::confirmed(&asset, size_checked, now),
            Some(Settled::Failed) => self.give_up(asset, Reason::ServiceFailed),
            Some(Settled::WrongSize(held)) => self.wrong_size(asset, held),
            Some(Settled::Empty) if self.may_send_again(&asset, &wait, late, now) => {
                self.send_again(asset, wait.basis, now)
            }
            _ if late && !self.is_open(&wait) => {
                let fact = Fact::Pending {
                    asset_id: asset.asset_id,
                };
                State::recording(fact, State::Ended(End::Pending))
            }
            _ => State::Sent(asset, wait),
        }
    }

    /// Whether another answer like the last one would settle more than that the time is over.
    fn is_open(&self, wait: &ConfirmationWait) -> bool {
        let may_settle = match wait.evidence.last() {
            Some(Settled::Failed | Settled::WrongSize(_)) => true,
            Some(Settled::Empty) => !self.has_yes(&wait.basis),
            _ => false,
        };
        may_settle && wait.late_polls < LATE_POLLS
    }

    /// Storage said yes in this run: the service has its time to notice.
    fn has_yes(&self, basis: &Basis) -> bool {
        match basis {
            Basis::Accepted => true,
            Basis::Adopted(_) => false,
            Basis::Stored => self.attempts.has_posted_in_this_pass(),
        }
    }

    /// Whether an asset that is called empty is to be sent to again. Of one that an earlier run sent
    /// no one knows whether storage had said yes: the service has its time, unless it said before that
    /// bytes were there, and even then nothing but the same URL is used.
    fn may_send_again(
        &self,
        asset: &Asset,
        wait: &ConfirmationWait,
        late: bool,
        now: Timestamp,
    ) -> bool {
        let contradicts_itself = wait.evidence.hinted_at_bytes();
        match wait.basis {
            Basis::Adopted(_) => true,
            _ if self.has_yes(&wait.basis) => false,
            _ => late || contradicts_itself && !asset.shared && asset.can_be_filled(now),
        }
    }

    fn send_again(&mut self, asset: Asset, basis: Basis, now: Timestamp) -> State {
        // A shared asset is not filled again: two files would do it at once.
        let fillable = Fillable::new(&asset, now).filter(|_| !asset.shared);
        match (basis, fillable) {
            (Basis::Adopted(on_waiting), _) if on_waiting != OnWaiting::Send => {
                self.not_arrived(asset, on_waiting, now)
            }
            (_, Some(fillable)) => State::Sendable(fillable),
            (_, None) => self.give_up(asset, Reason::NeverArrived),
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
