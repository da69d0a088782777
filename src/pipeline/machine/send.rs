//! What the end of an upload leads to, to a signed URL or direct. Whatever leaves open what storage
//! holds leads to a poll.

use std::time::Duration;

use jiff::Timestamp;

use super::state::{Adoption, Basis, OnWaiting, State};
use super::step::{End, Fillable, SendReport};
use super::upload_machine::UploadMachine;
use crate::api::{Fault, SendFault};
use crate::body::BodyFault;
use crate::model::{Asset, AssetId, ErrorCode, Fact, FileVersion, Reason, RowFailure, Sha256};
use crate::retry::{AMBIGUOUS_TRIES, OnExhausted};

/// How long a file that changed while it was read is left alone.
pub(super) const CHANGED_PAUSE: Duration = Duration::from_secs(30);

/// Tries that a file gets which changes or cannot be read.
pub(super) const BODY_TRIES: u32 = 3;

/// Tries that a file gets whose answers leave open what storage holds.
const DOUBT_TRIES: u32 = 8;

/// What had left of an upload's body when it ended.
#[derive(Debug, Clone, Copy)]
struct Departed {
    /// Any byte.
    begun: bool,
    /// All of it.
    whole: bool,
    /// Its digest, where the file is still the same.
    digest: Option<Sha256>,
}

impl UploadMachine {
    /// The end of [`Step::Send`](super::Step::Send).
    pub(crate) fn sent(&mut self, report: SendReport, now: Timestamp) {
        let State::Sendable(fillable) = std::mem::replace(&mut self.state, State::Queued) else {
            return;
        };
        self.attempts.count_post(&report);
        let departed = Departed {
            begun: report.begun,
            whole: report.digest.is_some(),
            // A file that has changed is not what was sent any more.
            digest: report.digest.filter(|_| report.body_fault.is_none()),
        };
        let digest = departed.digest;
        let (result, asset) = match report.result {
            Err(SendFault::Refused(fault)) => return self.refused(fillable, fault, departed),
            result => (result, fillable.asset),
        };
        match (result, digest) {
            (Ok(()), Some(sha256)) => {
                let adoption = Adoption::Sent(Basis::Accepted);
                self.state = self.record_sent(asset, adoption, sha256, now);
            }
            (Ok(()), None) if departed.whole => {
                self.state = self.outdated(asset, report.body_fault);
            }
            // A yes to a body that did not leave whole settles nothing.
            (Ok(()), None) => self.doubt(asset, &SendFault::Early, None),
            // The asset cannot hold the whole file, but what it does hold is asked, not assumed.
            (Err(SendFault::Aborted), _) => self.body_failed(
                report.body_fault,
                State::doubtful(asset, OnWaiting::Send, None),
            ),
            (Err(SendFault::Denied { expired, text }), _) => {
                self.denied(asset, expired, text, departed);
            }
            (Err(fault), digest) => self.doubt(asset, &fault, digest),
        }
    }

    /// The end of a direct upload, in place of the answer to [`Step::Sign`](super::Step::Sign): the
    /// asset's id comes with the answer, or never.
    pub(crate) fn sent_directly(
        &mut self,
        report: SendReport<AssetId>,
        version: FileVersion,
        now: Timestamp,
    ) {
        self.attempts.count_post(&report);
        match (report.result, report.digest) {
            (Ok(asset_id), Some(sha256)) => {
                self.direct_asset(asset_id, sha256, version, report.body_fault, now);
            }
            (Err(SendFault::Aborted), _) => self.body_failed(report.body_fault, State::Queued),
            // The whole file had left and no answer says what became of it. Another upload might be
            // paid for twice: that is for a person to decide.
            (Err(SendFault::Refused(fault)), Some(_)) if leaves_open(&fault) => self.fail(
                RowFailure::new(
                    ErrorCode::OutcomeUnknown,
                    "the answer to a direct upload was lost: the service may hold the file under an \
                     id that no one knows; run again to upload it anew, perhaps for the second time",
                ),
                false,
            ),
            (Err(SendFault::Refused(fault @ Fault::Throttled { .. })), _) => {
                self.throttled(&fault, State::Queued);
            }
            (Err(SendFault::Refused(Fault::Probe(_))), _) if !report.begun => {
                self.state = State::Queued;
            }
            (Err(SendFault::Refused(fault)), _) => self.retry(&fault, State::Queued),
            (Err(SendFault::Denied { text, .. } | SendFault::Exists(text)), _) => {
                self.fail(RowFailure::new(ErrorCode::BadRequest, text), false);
            }
            (Ok(_) | Err(SendFault::Early), _) => {
                let text = "the service answered before it had been given the whole file";
                self.retry(&Fault::Protocol(text.to_owned()), State::Queued);
            }
        }
    }

    /// A direct upload brought an asset, which holds the whole file as it was read.
    fn direct_asset(
        &mut self,
        asset_id: AssetId,
        sha256: Sha256,
        version: FileVersion,
        changed: Option<BodyFault>,
        now: Timestamp,
    ) {
        self.attempts.count_asset();
        let asset = Asset {
            asset_id,
            url: None,
            url_expires_at: now,
            version,
            sha256: None,
            sent_at: None,
            shared: false,
        };
        let adoption = Adoption::Sent(Basis::Accepted);
        let next = match changed {
            Some(fault) => self.outdated(asset.clone(), Some(fault)),
            None => self.record_sent(asset.clone(), adoption, sha256, now),
        };
        self.state = State::recording(Fact::Allotted(asset), next);
    }

    fn refused(&mut self, fillable: Fillable, fault: Fault, departed: Departed) {
        let Departed { begun, digest, .. } = departed;
        match fault {
            // Storage may have kept what it refuses: that is asked once the endpoint is free again.
            Fault::Throttled { retry_after, .. } if departed.whole => {
                let hold = Some(retry_after.unwrap_or_default());
                let on_waiting = self.on_waiting_after_limit(&fault);
                self.state = State::held(fillable.asset, on_waiting, hold, digest);
            }
            // The same URL serves again.
            Fault::Throttled { .. } => self.throttled(&fault, State::Sendable(fillable)),
            // The service is down; the upload that probes it does not pay for that with an attempt.
            Fault::Probe(_) if !begun => self.state = State::Sendable(fillable),
            Fault::Connect(_) if !begun => self.retry(&fault, State::Sendable(fillable)),
            Fault::Rejected(status, text) => {
                let failure = RowFailure::new(ErrorCode::Storage(status), text);
                self.fail_unless_arrived(fillable.asset, failure, departed);
            }
            Fault::Redirect(_) if self.attempts.count(&fault) > 1 => {
                self.fail_unless_arrived(fillable.asset, redirected(&fault), departed);
            }
            Fault::Redirect(_) => {
                self.state = State::doubtful(fillable.asset, OnWaiting::Send, digest);
            }
            fault => self.outcome_unknown(fillable.asset, &fault, departed),
        }
    }

    /// No answer says what became of an upload: its asset is polled, after the last try too, since
    /// what has arrived is no failure.
    fn outcome_unknown(&mut self, asset: Asset, fault: &Fault, departed: Departed) {
        let digest = departed.digest;
        let rule = match self.attempts.retry(fault) {
            Ok(pause) => {
                let doubtful = State::doubtful(asset, OnWaiting::Send, digest);
                self.state = State::pausing(pause, doubtful);
                return;
            }
            Err(rule) => rule,
        };
        let is_passing = rule.is_passing();
        match rule.then {
            OnExhausted::FailRow(failure) if is_passing => {
                let on_waiting = OnWaiting::Fail {
                    failure,
                    is_passing,
                };
                self.state = State::doubtful(asset, on_waiting, digest);
            }
            OnExhausted::FailRow(failure) => self.fail_unless_arrived(asset, failure, departed),
            OnExhausted::StopRun(cause) => self.state = State::Ended(End::Stopped(cause)),
        }
    }

    /// A refusal for good. Where the whole body had left storage may hold it all the same: asked first.
    fn fail_unless_arrived(&mut self, asset: Asset, failure: RowFailure, departed: Departed) {
        if !departed.whole {
            return self.fail(failure, false);
        }
        let on_waiting = OnWaiting::Fail {
            failure,
            is_passing: false,
        };
        self.state = State::doubtful(asset, on_waiting, departed.digest);
    }

    /// What follows a limit's answer when nothing was kept.
    fn on_waiting_after_limit(&mut self, fault: &Fault) -> OnWaiting {
        if self.counts_as_refusal(fault) {
            return OnWaiting::Fail {
                failure: RowFailure::new(ErrorCode::BadRequest, fault.to_string()),
                is_passing: false,
            };
        }
        OnWaiting::Send
    }

    /// Counts a limit's answer. Returns whether its text has been met so often that it is taken for a
    /// validation error.
    fn counts_as_refusal(&mut self, fault: &Fault) -> bool {
        fault.is_ambiguous() && self.attempts.count(fault) >= AMBIGUOUS_TRIES
    }

    /// An upload met a limit, and its endpoint is held: `next` is another try of it, until the text
    /// that validation errors share has been met too often.
    fn throttled(&mut self, fault: &Fault, next: State) {
        if self.counts_as_refusal(fault) {
            self.retry(fault, next);
        } else {
            self.state = next;
        }
    }

    /// The URL was refused: poll, then try it once more, then another, then give up.
    fn denied(&mut self, asset: Asset, expired: bool, text: String, departed: Departed) {
        let digest = departed.digest;
        if expired {
            self.state = State::doubtful(asset, OnWaiting::Replace(Reason::UrlExpired), digest);
            return;
        }
        let fault = SendFault::Denied {
            expired,
            text: text.clone(),
        };
        let on_waiting = match self.attempts.count(&fault) {
            1 => OnWaiting::Send,
            2 => OnWaiting::Replace(Reason::UrlRefused),
            _ => {
                let failure = RowFailure::new(ErrorCode::StorageDenied, text);
                return self.fail_unless_arrived(asset, failure, departed);
            }
        };
        self.state = State::doubtful(asset, on_waiting, digest);
    }

    /// Storage has all of a file that changed before it answered: that asset is given up, and the
    /// file goes up as it is now.
    fn outdated(&mut self, asset: Asset, fault: Option<BodyFault>) -> State {
        self.attempts.forget_assets();
        self.body_failed(fault, State::Queued);
        let next = std::mem::replace(&mut self.state, State::Queued);
        let (asset_id, reason) = (asset.asset_id, Reason::Superseded);
        State::recording(Fact::Abandoned { asset_id, reason }, next)
    }

    /// Our side broke the body off before its last chunk.
    fn body_failed(&mut self, fault: Option<BodyFault>, next: State) {
        let fault = fault.unwrap_or_else(|| BodyFault::Io("the reading ended early".to_owned()));
        let attempt = self.attempts.count(&fault);
        let at_least = match fault {
            BodyFault::Sha256Mismatch { .. } | BodyFault::Stalled => {
                return self.fail(fault.row_failure(), false);
            }
            _ if attempt >= self.attempts.most(BODY_TRIES) => {
                return self.fail(fault.row_failure(), false);
            }
            BodyFault::Changed(_) => CHANGED_PAUSE,
            BodyFault::Io(_) => Duration::ZERO,
        };
        self.pause(attempt, at_least, next);
    }

    /// Storage answered something that leaves open what it holds.
    fn doubt(&mut self, asset: Asset, fault: &SendFault, digest: Option<Sha256>) {
        let attempt = self.attempts.count(fault);
        if attempt >= self.attempts.most(DOUBT_TRIES) {
            let on_waiting = OnWaiting::Fail {
                failure: RowFailure::new(ErrorCode::OutcomeUnknown, fault.to_string()),
                is_passing: true,
            };
            self.state = State::doubtful(asset, on_waiting, digest);
        } else {
            let doubtful = State::doubtful(asset, OnWaiting::Send, digest);
            self.pause(attempt, Duration::ZERO, doubtful);
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

/// Whether the service may hold a file whose direct upload ended so.
fn leaves_open(fault: &Fault) -> bool {
    fault.may_be_done()
        || matches!(
            fault,
            Fault::Server(..) | Fault::Protocol(_) | Fault::NotJson(_)
        )
}
