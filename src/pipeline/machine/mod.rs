//! One file's way through the service, as a state machine without input or output.
//!
//! [`UploadMachine::step`] says what to do next; the driver (`pipeline::life`) does it and tells what it
//! saw; the machine moves on. Everything that must be written down is a step of its own, so the
//! order of commits and calls is decided here and nowhere else. The rule behind all of it: the
//! service has no list of assets and no idempotency key, so doubt is settled by asking, never by
//! sending again.
//!
//! | part | duty |
//! |---|---|
//! | `state` | where a file is on its way |
//! | `step` | what the driver is told to do |
//! | `send`, `direct` | what the end of an upload leads to |
//! | `poll` | what a look at an asset leads to |
//! | `duplicate` | what another file of the same bytes leads to |
//! | `trouble` | another try, another asset, or the end |

mod direct;
mod duplicate;
mod poll;
mod send;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod trouble;

use jiff::Timestamp;
pub use send::SendReport;
use state::{Adoption, Doubt, OnWaiting, State};
pub use step::{End, Rest, Step};

use crate::api::{Fault, SignedUpload};
use crate::model::{Asset, Fact, FileVersion, Reason, RowFailure, Sha256, StoredState};
use crate::retry::{RetryPolicy, Tries};

/// The state machine of one file.
#[derive(Debug, Clone)]
pub struct UploadMachine {
    state: State,
    policy: RetryPolicy,
    expected: Option<Sha256>,
    tries: Tries,
    assets: u32,
    /// POSTs begun by this life.
    posts: u32,
    /// The last POST may have been refused by an answer that nobody saw.
    doubted: bool,
    /// POSTs begun for the file in the first pass, once this is the second.
    posts_before: Option<u32>,
    size_mismatches: Vec<String>,
}

impl UploadMachine {
    /// Begins where the ledger left the file. `version` is the file as it is now, `None` when gone.
    #[must_use]
    pub fn resume(
        stored_state: StoredState,
        version: Option<FileVersion>,
        expected: Option<Sha256>,
        policy: RetryPolicy,
    ) -> Self {
        let assets = u32::from(stored_state != StoredState::New);
        let mut machine = Self {
            state: State::Queued,
            policy,
            expected,
            tries: Tries::default(),
            assets,
            posts: 0,
            doubted: false,
            posts_before: None,
            size_mismatches: Vec::new(),
        };
        machine.state = match stored_state {
            StoredState::New => State::Queued,
            // A byte may have left before the crash: ask first.
            StoredState::Allotted(asset) => State::doubtful(asset, OnWaiting::Send, None),
            StoredState::Sent(asset) => machine.known(asset, version, false),
            StoredState::Confirmed(asset) => machine.known(asset, version, true),
        };
        machine
    }

    /// Makes this the run's second pass over the file, after `posts` POSTs to `assets` assets in the
    /// first: whatever fails now has failed for good.
    #[must_use]
    pub fn again(mut self, posts: u32, assets: u32) -> Self {
        self.posts_before = Some(posts);
        self.doubted = posts > 0;
        self.assets = self.assets.max(assets);
        self
    }

    /// An asset with bytes: good as long as the file is the one they were read from.
    fn known(&mut self, asset: Asset, version: Option<FileVersion>, confirmed: bool) -> State {
        match version {
            Some(version) if version.size != asset.version.size => {
                self.give_up(asset, Reason::Superseded)
            }
            Some(version) if version != asset.version => State::Rechecking(asset, confirmed),
            // Another file that shares the asset got it confirmed in this run.
            _ if confirmed => {
                let fact = Fact::version(&asset, asset.version);
                State::recording(fact, State::WorkerEnd(End::Confirmed))
            }
            _ => State::Sent(asset),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> Step<'_> {
        match &self.state {
            State::Queued => Step::Sign,
            State::Recording(fact, _) => Step::Record(fact),
            State::Resting(rest, _) => Step::Rest(*rest),
            State::Sendable(asset) => Step::Send(asset),
            State::Doubtful(asset, doubt) => Step::Resolve(&asset.asset_id, doubt.polls),
            State::Sent(asset) => Step::Confirm(asset),
            State::Adopting(..) | State::Rechecking(..) => Step::Hash,
            State::WorkerEnd(end) => Step::End(end),
        }
    }

    /// POSTs begun for the file in this run.
    #[must_use]
    pub fn posts(&self) -> u32 {
        self.posts_before.unwrap_or_default() + self.posts
    }

    /// Whether the next upload is to wait for an early refusal: the one before may have had one that
    /// was lost.
    #[must_use]
    pub fn doubted(&self) -> bool {
        self.doubted
    }

    /// A POST ended.
    fn posted<T>(&mut self, report: &SendReport<T>) {
        if report.begun {
            self.posts += 1;
            self.doubted = !report.is_plain();
        }
    }

    /// The fact of [`Step::Record`] is on disk.
    pub fn recorded(&mut self) {
        if let State::Recording(_, next) = &mut self.state {
            self.state = std::mem::replace(next, State::Queued);
        }
    }

    /// The ledger refused [`Fact::Allotted`]: the id is another file's. Using it would overwrite
    /// that file, so it counts as an answer that breaks the protocol.
    pub fn asset_id_taken(&mut self) {
        if let State::Recording(Fact::Allotted(asset), _) = &self.state {
            let fault = Fault::Protocol(format!("asset id reused: {}", asset.asset_id));
            self.trouble(&fault, State::Queued);
        }
    }

    /// The pause is over.
    pub fn rested(&mut self) {
        if let State::Resting(_, next) = &mut self.state {
            self.state = std::mem::replace(next, State::Queued);
        }
    }

    /// The file was opened for sending and looks like this. Gives whether the step is still due:
    /// an asset allotted for an earlier state of the file is first written down as this one's.
    pub fn opened(&mut self, version: FileVersion) -> bool {
        match &mut self.state {
            State::Sendable(asset) if asset.version != version => {
                asset.version = version;
                let fact = Fact::version(asset, version);
                self.state = State::recording(fact, State::Sendable(asset.clone()));
                false
            }
            _ => true,
        }
    }

    /// The run does not wait for confirmation: the asset stays as it is.
    pub fn leave_pending(&mut self) {
        if let State::Sent(asset) = &self.state {
            let fact = Fact::Pending {
                asset_id: asset.asset_id.clone(),
            };
            self.state = State::recording(fact, State::WorkerEnd(End::Pending));
        }
    }

    /// The file could not be opened or read.
    pub fn unreadable(&mut self, refusal: RowFailure) {
        self.fail(refusal, false);
    }

    /// The answer to [`Step::Sign`].
    pub fn signed(
        &mut self,
        answer: Result<SignedUpload, Fault>,
        version: FileVersion,
        now: Timestamp,
    ) {
        let allotment = match answer {
            Ok(allotment) => allotment,
            Err(fault) => return self.trouble(&fault, State::Queued),
        };
        self.assets += 1;
        let asset = Asset {
            asset_id: allotment.asset_id,
            url: Some(allotment.url),
            url_expires_at: now
                .saturating_add(allotment.expires_in)
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
    pub fn hashed(&mut self, answer: Result<(FileVersion, Sha256), RowFailure>, now: Timestamp) {
        let (version, sha256) = match answer {
            Ok(hashed) => hashed,
            Err(refusal) => return self.fail(refusal, false),
        };
        match std::mem::replace(&mut self.state, State::Queued) {
            State::Adopting(asset, adoption) if asset.version == version => {
                self.adopt(asset, adoption, sha256, now);
            }
            State::Rechecking(asset, confirmed) if asset.sha256 == Some(sha256) => {
                let fact = Fact::version(&asset, version);
                let next = if confirmed {
                    State::WorkerEnd(End::Confirmed)
                } else {
                    State::Sent(Asset { version, ..asset })
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
    fn fill(&mut self, asset: Asset, now: Timestamp) -> State {
        if asset.can_be_filled(now) {
            State::Sendable(asset)
        } else {
            self.give_up(asset, Reason::UrlExpired)
        }
    }
}
