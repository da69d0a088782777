//! What the end of an upload leads to.

use std::time::Duration;

use jiff::Timestamp;

use super::{Adoption, End, Fact, OnWaiting, Reason, State, UploadMachine};
use crate::api::{Fault, SendFault};
use crate::body::BodyFault;
use crate::model::{Asset, ErrorCode, RowFailure, Sha256};
use crate::retry::{AMBIGUOUS_TRIES, OnExhausted, rule};

/// How long a file that changed under our hands is left alone.
pub(super) const CHANGED_REST: Duration = Duration::from_secs(30);

/// Tries that a file gets which changes or cannot be read.
pub(super) const BODY_TRIES: u32 = 3;

/// How one upload ended; a direct one brings the asset's id.
#[derive(Debug, Clone)]
pub struct SendReport<T = ()> {
    /// What storage said, or what came in between.
    pub result: Result<T, SendFault>,
    /// Whether any byte may have left.
    pub begun: bool,
    /// The digest, where the whole file had been read and handed over.
    pub digest: Option<Sha256>,
    /// Why our side broke off, where it did; beside a digest, what has become of the file since all of
    /// it was sent.
    pub body_fault: Option<BodyFault>,
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

impl UploadMachine {
    /// The end of [`super::Step::Send`].
    pub fn sent(&mut self, report: SendReport, now: Timestamp) {
        let State::Sendable(asset) = std::mem::replace(&mut self.state, State::Queued) else {
            return;
        };
        self.posted(&report);
        // What was sent tells of the file no more once that has changed.
        let digest = report.digest.filter(|_| report.body_fault.is_none());
        match (report.result, digest) {
            (Ok(()), Some(sha256)) => {
                self.state = self.adopted(asset, Adoption::Sent, sha256, now);
            }
            (Ok(()), None) if report.digest.is_some() => {
                self.state = self.overtaken(asset, report.body_fault);
            }
            // A yes to a body that did not leave whole settles nothing.
            (Ok(()), None) => self.doubt_after(asset, &SendFault::Early, None),
            // The asset cannot hold the whole file, but what it does hold is asked, not assumed.
            (Err(SendFault::Aborted), _) => self.broken_off(
                report.body_fault,
                State::doubtful(asset, OnWaiting::Send, None),
            ),
            (Err(SendFault::Refused(fault)), digest) => {
                self.refused(asset, fault, report.begun, digest);
            }
            (Err(SendFault::Denied { expired, text }), digest) => {
                self.denied(asset, expired, text, digest);
            }
            (Err(fault), digest) => self.doubt_after(asset, &fault, digest),
        }
    }

    fn refused(&mut self, asset: Asset, fault: Fault, begun: bool, digest: Option<Sha256>) {
        match fault {
            // The same URL serves again.
            Fault::Throttled { .. } => self.slowed_down(&fault, State::Sendable(asset)),
            // The service is away; whoever knocks at its door does not pay for that with an attempt.
            Fault::Probe(_) if !begun => self.state = State::Sendable(asset),
            Fault::Connect(_) if !begun => self.trouble(&fault, State::Sendable(asset)),
            Fault::Rejected(status, text) => {
                self.fail(RowFailure::new(ErrorCode::Storage(status), text), false);
            }
            Fault::Redirect(_) if self.tries.count(&fault) > 1 => {
                self.fail(redirected(&fault), false);
            }
            Fault::Redirect(_) => {
                self.state = State::doubtful(asset, OnWaiting::Send, digest);
            }
            fault => self.broken(asset, &fault, digest),
        }
    }

    /// Nobody knows what became of an upload: it is looked at, after the last try too, since what
    /// has arrived is no failure.
    fn broken(&mut self, asset: Asset, fault: &Fault, digest: Option<Sha256>) {
        let rule = rule(fault);
        let rest = self.next_try(fault, &rule);
        self.state = match (rest, rule.then) {
            (Some(rest), _) => {
                let doubtful = State::doubtful(asset, OnWaiting::Send, digest);
                State::Resting(rest, Box::new(doubtful))
            }
            (None, OnExhausted::FailRow(refusal)) if rule.tries > 1 => {
                State::doubtful(asset, OnWaiting::Fail(refusal), digest)
            }
            (None, OnExhausted::FailRow(refusal)) => self.failure(refusal, false),
            (None, OnExhausted::StopRun(cause)) => State::WorkerEnd(End::Stopped(cause)),
        };
    }

    /// An upload met a limit, and its endpoint is held: `next` is another try of it, until the text
    /// that validation errors share has been met too often.
    pub(super) fn slowed_down(&mut self, fault: &Fault, next: State) {
        if fault.is_ambiguous() && self.tries.count(fault) >= AMBIGUOUS_TRIES {
            self.trouble(fault, next);
        } else {
            self.state = next;
        }
    }

    /// The URL was refused: look, then try it once more, then another, then give up.
    fn denied(&mut self, asset: Asset, expired: bool, text: String, digest: Option<Sha256>) {
        if expired {
            self.state = State::doubtful(asset, OnWaiting::Replace(Reason::UrlExpired), digest);
            return;
        }
        let fault = SendFault::Denied {
            expired,
            text: text.clone(),
        };
        let on_waiting = match self.tries.count(&fault) {
            1 => OnWaiting::Send,
            2 => OnWaiting::Replace(Reason::UrlRefused),
            _ => return self.fail(RowFailure::new(ErrorCode::StorageDenied, text), false),
        };
        self.state = State::doubtful(asset, on_waiting, digest);
    }

    /// Storage has all of a file that changed before it answered: that is given up, and the file
    /// goes up as it is now.
    pub(super) fn overtaken(&mut self, asset: Asset, fault: Option<BodyFault>) -> State {
        self.assets = 0;
        self.broken_off(fault, State::Queued);
        let next = std::mem::replace(&mut self.state, State::Queued);
        let (asset_id, reason) = (asset.asset_id, Reason::Superseded);
        State::recording(Fact::Abandoned { asset_id, reason }, next)
    }

    /// Our side broke the body off before its last chunk.
    pub(super) fn broken_off(&mut self, fault: Option<BodyFault>, next: State) {
        let fault = fault.unwrap_or_else(|| BodyFault::Io("the reading ended early".to_owned()));
        let attempt = self.tries.count(&fault);
        let rest = match fault {
            BodyFault::Sha256Mismatch { .. } | BodyFault::Stalled => {
                return self.fail(fault.row_failure(), false);
            }
            _ if attempt >= self.policy.tries(BODY_TRIES) => {
                return self.fail(fault.row_failure(), false);
            }
            BodyFault::Changed(_) => CHANGED_REST,
            BodyFault::Io(_) => Duration::ZERO,
        };
        self.rest(attempt, rest, next);
    }

    /// Storage answered something that leaves open what it holds.
    fn doubt_after(&mut self, asset: Asset, fault: &SendFault, digest: Option<Sha256>) {
        let attempt = self.tries.count(fault);
        if attempt >= self.policy.tries(8) {
            let refusal = RowFailure::new(ErrorCode::OutcomeUnknown, fault.to_string());
            self.state = State::doubtful(asset, OnWaiting::Fail(refusal), digest);
        } else {
            let doubtful = State::doubtful(asset, OnWaiting::Send, digest);
            self.rest(attempt, Duration::ZERO, doubtful);
        }
    }
}

fn redirected(fault: &Fault) -> RowFailure {
    let host = if let Fault::Redirect(host) = fault {
        host.as_str()
    } else {
        "another place"
    };
    RowFailure::new(
        ErrorCode::Redirect,
        format!("storage redirects to {host}, which is not followed"),
    )
}

#[cfg(test)]
mod tests;
