//! The machine itself: from state to step, from a reported answer to the next state, and what ends a
//! file: another try, another asset, or the end of the row or the run.

use std::time::Duration;

use jiff::Timestamp;

use super::attempts::Attempts;
use super::state::{Basis, OnWaiting, State};
use super::step::{End, Fillable, Step};
use crate::api::{Fault, SignedUpload};
use crate::model::{Asset, Fact, FileVersion, Reason, RowFailure, Sha256, StoredState};
use crate::retry::{OnExhausted, Pause, RetryPolicy};

/// The state machine of one file.
#[derive(Debug, Clone)]
pub(crate) struct UploadMachine {
    pub(super) state: State,
    pub(super) attempts: Attempts,
    pub(super) expected: Option<Sha256>,
}

impl UploadMachine {
    /// Begins where the ledger left the file. `version` is the file as it is now, `None` when gone.
    pub(crate) fn resume(
        stored_state: StoredState,
        version: Option<FileVersion>,
        expected: Option<Sha256>,
        policy: RetryPolicy,
    ) -> Self {
        let assets = u32::from(stored_state != StoredState::New);
        let mut machine = Self {
            state: State::Queued,
            attempts: Attempts::new(policy, assets),
            expected,
        };
        machine.state = match stored_state {
            StoredState::New => State::Queued,
            // A byte may have left before the crash: ask first.
            StoredState::Allotted(asset) => State::doubtful(asset, OnWaiting::Send, None),
            StoredState::Sent(asset) => machine.holding_bytes(asset, version, false),
            StoredState::Confirmed(asset) => machine.holding_bytes(asset, version, true),
        };
        machine
    }

    /// Makes this the run's second pass over the file, after `posts` POSTs to `assets` assets in the
    /// first: whatever fails now has failed for good.
    pub(crate) fn in_second_pass(mut self, posts: u32, assets: u32) -> Self {
        self.attempts.begin_second_pass(posts, assets);
        self
    }

    /// An asset with bytes: good as long as the file is the one they were read from.
    fn holding_bytes(
        &mut self,
        asset: Asset,
        version: Option<FileVersion>,
        confirmed: bool,
    ) -> State {
        match version {
            Some(version) if version.size != asset.version.size => {
                self.give_up(asset, Reason::Superseded)
            }
            Some(version) if version != asset.version => State::Rechecking(asset, confirmed),
            // Another file that shares the asset got it confirmed in this run.
            _ if confirmed => {
                let fact = Fact::version(&asset, asset.version);
                State::recording(fact, State::Ended(End::Confirmed))
            }
            _ => State::sent(asset, Basis::Stored),
        }
    }

    /// What to do next.
    pub(crate) fn step(&self) -> Step<'_> {
        match &self.state {
            State::Queued => Step::Sign,
            State::Recording(fact, _) => Step::Record(fact),
            State::Pausing(pause, _) => Step::Pause(*pause),
            State::Sendable(fillable) => Step::Send(fillable),
            State::Doubtful(asset, doubt) => Step::PollDoubtful {
                asset_id: &asset.asset_id,
                polls: doubt.polls,
                hold: doubt.hold,
            },
            State::Sent(asset, _) => Step::PollSent(asset),
            State::Adopting(..) | State::Rechecking(..) => Step::Hash,
            State::Ended(end) => Step::End(end),
        }
    }

    /// POSTs begun for the file in this run.
    pub(crate) fn posts(&self) -> u32 {
        self.attempts.posts()
    }

    /// Whether the next upload is to wait for an early refusal: the one before may have had one that
    /// was lost.
    pub(crate) fn awaits_early_refusal(&self) -> bool {
        self.attempts.answer_lost()
    }

    /// The fact of [`Step::Record`] is on disk.
    pub(crate) fn recorded(&mut self) {
        if let State::Recording(_, next) = &mut self.state {
            self.state = std::mem::replace(next, State::Queued);
        }
    }

    /// The ledger refused [`Fact::Allotted`]: the id is another file's. Using it would overwrite
    /// that file, so it counts as an answer that breaks the protocol.
    pub(crate) fn asset_id_taken(&mut self) {
        if let State::Recording(Fact::Allotted(asset), _) = &self.state {
            let fault = Fault::Protocol(format!("asset id reused: {}", asset.asset_id));
            self.retry(&fault, State::Queued);
        }
    }

    /// The pause is over.
    pub(crate) fn paused(&mut self) {
        if let State::Pausing(_, next) = &mut self.state {
            self.state = std::mem::replace(next, State::Queued);
        }
    }

    /// The file was opened for sending, in this version. Returns the asset to fill; `None` when the
    /// step is not due yet: an asset allotted for an earlier state of the file is first written down
    /// as this one's.
    pub(crate) fn opened(&mut self, version: FileVersion) -> Option<&Fillable> {
        if let State::Sendable(fillable) = &mut self.state
            && fillable.asset.version != version
        {
            fillable.asset.version = version;
            let fact = Fact::version(&fillable.asset, version);
            self.state = State::recording(fact, State::Sendable(fillable.clone()));
        }
        match &self.state {
            State::Sendable(fillable) => Some(fillable),
            _ => None,
        }
    }

    /// The run does not wait for confirmation: the asset stays as it is.
    pub(crate) fn leave_pending(&mut self) {
        if let State::Sent(asset, _) = &self.state {
            let fact = Fact::Pending {
                asset_id: asset.asset_id.clone(),
            };
            self.state = State::recording(fact, State::Ended(End::Pending));
        }
    }

    /// The file could not be opened or read.
    pub(crate) fn unreadable(&mut self, failure: RowFailure) {
        self.fail(failure, false);
    }

    /// The answer to [`Step::Sign`].
    pub(crate) fn signed(
        &mut self,
        answer: Result<SignedUpload, Fault>,
        version: FileVersion,
        now: Timestamp,
    ) {
        let signed = match answer {
            Ok(signed) => signed,
            Err(fault) => return self.retry(&fault, State::Queued),
        };
        self.attempts.count_asset();
        let asset = Asset {
            asset_id: signed.asset_id,
            url: Some(signed.url),
            url_expires_at: now
                .saturating_add(signed.expires_in)
                .unwrap_or(Timestamp::MAX),
            version,
            sha256: None,
            sent_at: None,
            shared: false,
        };
        let next = self.fill(asset.clone(), now);
        self.state = State::recording(Fact::Allotted(asset), next);
    }

    /// The answer to [`Step::Hash`]: the file as it was while it was read, and its digest.
    pub(crate) fn hashed(
        &mut self,
        answer: Result<(FileVersion, Sha256), RowFailure>,
        now: Timestamp,
    ) {
        let (version, sha256) = match answer {
            Ok(hashed) => hashed,
            Err(failure) => return self.fail(failure, false),
        };
        match std::mem::replace(&mut self.state, State::Queued) {
            State::Adopting(asset, adoption) if asset.version == version => {
                self.adopt_hashed(asset, adoption, sha256, now);
            }
            State::Rechecking(asset, confirmed) if asset.sha256 == Some(sha256) => {
                let fact = Fact::version(&asset, version);
                let next = if confirmed {
                    State::Ended(End::Confirmed)
                } else {
                    State::sent(Asset { version, ..asset }, Basis::Stored)
                };
                self.state = State::recording(fact, next);
            }
            State::Adopting(asset, _) | State::Rechecking(asset, _) => {
                self.state = self.give_up(asset, Reason::Superseded);
            }
            other => self.state = other,
        }
    }

    /// An asset without bytes: filled while its URL is of use, else given up.
    pub(super) fn fill(&mut self, asset: Asset, now: Timestamp) -> State {
        match Fillable::new(&asset, now) {
            Some(fillable) => State::Sendable(fillable),
            None => self.give_up(asset, Reason::UrlExpired),
        }
    }

    /// Gives an asset up; the file starts again, or fails when it has used up its assets.
    pub(super) fn give_up(&mut self, asset: Asset, reason: Reason) -> State {
        let asset_id = asset.asset_id;
        let next = match self.attempts.give_up(&asset_id, &reason) {
            Some(failure) => self.failure(failure, false),
            None => State::Queued,
        };
        State::recording(Fact::Abandoned { asset_id, reason }, next)
    }

    /// A fault of the table: pauses and goes to `next`, or ends the row or the run.
    pub(super) fn retry(&mut self, fault: &Fault, next: State) {
        let rule = match self.attempts.retry(fault) {
            Ok(pause) => {
                self.state = State::pausing(pause, next);
                return;
            }
            Err(rule) => rule,
        };
        let is_passing = rule.is_passing();
        match rule.then {
            OnExhausted::FailRow(failure) => self.fail(failure, is_passing),
            OnExhausted::StopRun(cause) => self.state = State::Ended(End::Stopped(cause)),
        }
    }

    pub(super) fn pause(&mut self, attempt: u32, at_least: Duration, next: State) {
        self.state = State::pausing(Pause { attempt, at_least }, next);
    }

    pub(super) fn fail(&mut self, failure: RowFailure, is_passing: bool) {
        self.state = self.failure(failure, is_passing);
    }

    /// The row's end as failed; what may pass is left to the second pass, once.
    pub(super) fn failure(&self, failure: RowFailure, is_passing: bool) -> State {
        let posts = self.posts();
        if is_passing && !self.attempts.is_second_pass() {
            let fact = Fact::Deferred { failure, posts };
            return State::recording(fact, State::Ended(End::Deferred));
        }
        let fact = Fact::Failed { failure, posts };
        State::recording(fact, State::Ended(End::Failed))
    }
}
