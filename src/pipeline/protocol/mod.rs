//! One file's way through the service, as a state machine without input or output.
//!
//! [`Protocol::step`] says what to do next; the driver (`pipeline::life`) does it and tells what it
//! saw; the machine moves on. Everything that must be written down is a step of its own, so the
//! order of commits and calls is decided here and nowhere else. The rule behind all of it: the
//! service has no list of assets and no idempotency key, so doubt is settled by asking, never by
//! sending again.

mod direct;
mod fact;
mod look;
mod send;
#[cfg(test)]
mod tests;
mod twin;

pub use fact::{Fact, Reason};
use jiff::Timestamp;
pub use send::SendReport;

use crate::api::{Allotment, Fault};
use crate::asset::{AssetId, Sha256};
use crate::error::{ErrorCode, Refusal};
use crate::plan::{Asset, Seen, Standing};
use crate::retry::{RetryPolicy, Rule, StopCause, Then, Tries, rule};

/// Where a file is on its way.
#[derive(Debug, Clone)]
enum State {
    /// Nothing asked. Next: sign.
    Queued,
    /// Something to write down before anything else happens.
    Recording(Fact, Box<Self>),
    /// A pause after a passing trouble.
    Resting(Rest, Box<Self>),
    /// An asset that is known to hold no bytes and is in the ledger. Next: send to it.
    Sendable(Asset),
    /// An asset that may hold bytes. Next: look at it.
    Doubtful(Asset, Doubt),
    /// An asset holds the bytes, but their digest is not known. Next: read the file again.
    Adopting(Asset, Adoption),
    /// The file's time changed since its bytes were sent. Next: read it, to see whether they did.
    Rechecking(Asset, bool),
    /// The bytes are up. Next: look until the service confirms.
    Sent(Asset),
    /// Nothing is left to do.
    Ended(End),
}

/// What is to be made of an asset whose upload ended in doubt.
#[derive(Debug, Clone)]
struct Doubt {
    /// Looks that settled nothing so far.
    looks: u32,
    /// What a well-formed WAITING leads to.
    on_waiting: OnWaiting,
    /// The digest of the bytes that may have arrived, where the whole body had left.
    digest: Option<Sha256>,
}

/// What to do with an asset that the service holds no bytes for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum OnWaiting {
    /// Fill it through the URL that is already paid for.
    Send,
    /// Its URL is of no use: give it up and sign anew.
    Replace(Reason),
    /// Leave it: the file's tries are used up.
    Fail(Refusal),
}

/// What a look said of an asset that is adopted once its digest is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Adoption {
    Sent,
    Confirmed,
}

/// A pause before the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// Which attempt failed, from 1: the pause grows with it.
    pub attempt: u32,
    /// The pause is at least this long, at a retry delay of one second.
    pub at_least: std::time::Duration,
}

/// How a file's work in this run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
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

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<'a> {
    /// Ask for an asset (or send the file directly, which brings one). Needs the file open and an
    /// upload slot.
    Sign,
    /// Write a fact down; go on only when it is on disk.
    Record(&'a Fact),
    /// Pause.
    Rest(Rest),
    /// Send the file to this asset. Needs the file open and an upload slot.
    Send(&'a Asset),
    /// Look at an asset whose upload ended in doubt; so many looks settled nothing yet.
    Resolve(&'a AssetId, u32),
    /// Look at an asset whose bytes are up, when that is likely to be worth it.
    Confirm(&'a Asset),
    /// Read the file and hash it.
    Hash,
    /// The end.
    End(&'a End),
}

/// The state machine of one file.
#[derive(Debug, Clone)]
pub struct Protocol {
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

impl Protocol {
    /// Begins where the ledger left the file. `seen` is the file as it is now, `None` when gone.
    #[must_use]
    pub fn resume(
        standing: Standing,
        seen: Option<Seen>,
        expected: Option<Sha256>,
        policy: RetryPolicy,
    ) -> Self {
        let assets = u32::from(standing != Standing::New);
        let mut way = Self {
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
        way.state = match standing {
            Standing::New => State::Queued,
            // A byte may have left before the crash: ask first.
            Standing::Allotted(asset) => State::doubtful(asset, OnWaiting::Send, None),
            Standing::Sent(asset) => way.known(asset, seen, false),
            Standing::Confirmed(asset) => way.known(asset, seen, true),
        };
        way
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
    fn known(&mut self, asset: Asset, seen: Option<Seen>, confirmed: bool) -> State {
        match seen {
            Some(seen) if seen.size != asset.seen.size => self.give_up(asset, Reason::Superseded),
            Some(seen) if seen != asset.seen => State::Rechecking(asset, confirmed),
            // Another file that shares the asset got it confirmed in this run.
            _ if confirmed => {
                let fact = Fact::seen(&asset, asset.seen);
                State::recording(fact, State::Ended(End::Confirmed))
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
            State::Doubtful(asset, doubt) => Step::Resolve(&asset.asset_id, doubt.looks),
            State::Sent(asset) => Step::Confirm(asset),
            State::Adopting(..) | State::Rechecking(..) => Step::Hash,
            State::Ended(end) => Step::End(end),
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
    pub fn opened(&mut self, seen: Seen) -> bool {
        match &mut self.state {
            State::Sendable(asset) if asset.seen != seen => {
                asset.seen = seen;
                let fact = Fact::seen(asset, seen);
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
            self.state = State::recording(fact, State::Ended(End::Pending));
        }
    }

    /// The file could not be opened or read.
    pub fn unreadable(&mut self, refusal: Refusal) {
        self.fail(refusal, false);
    }

    /// The answer to [`Step::Sign`].
    pub fn signed(&mut self, answer: Result<Allotment, Fault>, seen: Seen, now: Timestamp) {
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
            seen,
            sha256: None,
            sent_at: None,
            shared: false,
        };
        let next = self.fill(asset.clone(), now);
        self.state = State::recording(Fact::Allotted(asset), next);
    }

    /// The answer to [`Step::Hash`]: the file as it was while it was read, and its digest.
    pub fn hashed(&mut self, answer: Result<(Seen, Sha256), Refusal>, now: Timestamp) {
        let (seen, sha256) = match answer {
            Ok(hashed) => hashed,
            Err(refusal) => return self.fail(refusal, false),
        };
        match std::mem::replace(&mut self.state, State::Queued) {
            State::Adopting(asset, adoption) if asset.seen == seen => {
                self.adopt(asset, adoption, sha256, now);
            }
            State::Rechecking(asset, confirmed) if asset.sha256 == Some(sha256) => {
                let fact = Fact::seen(&asset, seen);
                let next = if confirmed {
                    State::Ended(End::Confirmed)
                } else {
                    State::Sent(Asset { seen, ..asset })
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

    /// Gives an asset up; the file starts again, or fails when it has used up its assets.
    fn give_up(&mut self, asset: Asset, reason: Reason) -> State {
        let asset_id = asset.asset_id;
        let next = match self.verdict(&asset_id, &reason) {
            Some(refusal) => self.failure(refusal, false),
            None => State::Queued,
        };
        State::recording(Fact::Abandoned { asset_id, reason }, next)
    }

    /// Whether giving up an asset for this reason ends the row.
    fn verdict(&mut self, asset_id: &AssetId, reason: &Reason) -> Option<Refusal> {
        let used_up = self.assets >= self.policy.assets();
        match reason {
            Reason::Superseded => {
                self.assets = 0;
                None
            }
            Reason::SizeMismatch { .. } => {
                self.size_mismatches.push(format!("{asset_id}: {reason}"));
                (self.size_mismatches.len() > 1 || used_up)
                    .then(|| Refusal::new(ErrorCode::SizeMismatch, self.size_mismatches.join("; ")))
            }
            _ => used_up.then(|| {
                Refusal::new(
                    reason.error_code(),
                    format!("{reason} ({} assets tried)", self.assets),
                )
            }),
        }
    }

    /// A trouble of the table: rest and go to `next`, or end.
    fn trouble(&mut self, fault: &Fault, next: State) {
        let rule = rule(fault);
        if let Some(rest) = self.next_try(fault, &rule) {
            self.state = State::Resting(rest, Box::new(next));
            return;
        }
        match rule.then {
            Then::FailRow(refusal) => self.fail(refusal, rule.tries > 1),
            Then::StopRun(cause) => self.state = State::Ended(End::Stopped(cause)),
        }
    }

    /// The pause before another try under this rule; `None` when the tries are used up.
    fn next_try(&mut self, fault: &Fault, rule: &Rule) -> Option<Rest> {
        let (attempt, at_least) = (self.tries.count(fault), rule.gap);
        (attempt < self.policy.tries(rule.tries)).then_some(Rest { attempt, at_least })
    }

    fn rest(&mut self, attempt: u32, at_least: std::time::Duration, next: State) {
        self.state = State::Resting(Rest { attempt, at_least }, Box::new(next));
    }

    fn fail(&mut self, refusal: Refusal, passing: bool) {
        self.state = self.failure(refusal, passing);
    }

    fn failure(&self, refusal: Refusal, passing: bool) -> State {
        let posts = self.posts();
        if passing && self.posts_before.is_none() {
            let fact = Fact::Deferred { refusal, posts };
            return State::recording(fact, State::Ended(End::Deferred));
        }
        let fact = Fact::Failed { refusal, posts };
        State::recording(fact, State::Ended(End::Failed))
    }
}

impl State {
    fn recording(fact: Fact, next: Self) -> Self {
        Self::Recording(fact, Box::new(next))
    }

    fn doubtful(asset: Asset, on_waiting: OnWaiting, digest: Option<Sha256>) -> Self {
        Self::Doubtful(
            asset,
            Doubt {
                looks: 0,
                on_waiting,
                digest,
            },
        )
    }
}
