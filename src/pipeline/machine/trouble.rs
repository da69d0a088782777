//! What trouble leads to: a rest and another try, another asset, or the end of the row or the run.

use std::time::Duration;

use super::{End, Fact, Reason, Rest, State, UploadMachine};
use crate::api::Fault;
use crate::model::{Asset, AssetId, ErrorCode, RowFailure};
use crate::retry::{OnExhausted, RetryRule, rule};

impl UploadMachine {
    /// Gives an asset up; the file starts again, or fails when it has used up its assets.
    pub(super) fn give_up(&mut self, asset: Asset, reason: Reason) -> State {
        let asset_id = asset.asset_id;
        let next = match self.verdict(&asset_id, &reason) {
            Some(refusal) => self.failure(refusal, false),
            None => State::Queued,
        };
        State::recording(Fact::Abandoned { asset_id, reason }, next)
    }

    /// Whether giving up an asset for this reason ends the row.
    fn verdict(&mut self, asset_id: &AssetId, reason: &Reason) -> Option<RowFailure> {
        let used_up = self.assets >= self.policy.assets();
        match reason {
            Reason::Superseded => {
                self.assets = 0;
                None
            }
            Reason::SizeMismatch { .. } => {
                self.size_mismatches.push(format!("{asset_id}: {reason}"));
                (self.size_mismatches.len() > 1 || used_up).then(|| {
                    RowFailure::new(ErrorCode::SizeMismatch, self.size_mismatches.join("; "))
                })
            }
            _ => used_up.then(|| {
                RowFailure::new(
                    reason.error_code(),
                    format!("{reason} ({} assets tried)", self.assets),
                )
            }),
        }
    }

    /// A trouble of the table: rest and go to `next`, or end.
    pub(super) fn trouble(&mut self, fault: &Fault, next: State) {
        let rule = rule(fault);
        if let Some(rest) = self.next_try(fault, &rule) {
            self.state = State::Resting(rest, Box::new(next));
            return;
        }
        match rule.then {
            OnExhausted::FailRow(refusal) => self.fail(refusal, rule.tries > 1),
            OnExhausted::StopRun(cause) => self.state = State::WorkerEnd(End::Stopped(cause)),
        }
    }

    /// The pause before another try under this rule; `None` when the tries are used up.
    pub(super) fn next_try(&mut self, fault: &Fault, rule: &RetryRule) -> Option<Rest> {
        let (attempt, at_least) = (self.tries.count(fault), rule.gap);
        (attempt < self.policy.tries(rule.tries)).then_some(Rest { attempt, at_least })
    }

    pub(super) fn rest(&mut self, attempt: u32, at_least: Duration, next: State) {
        self.state = State::Resting(Rest { attempt, at_least }, Box::new(next));
    }

    pub(super) fn fail(&mut self, refusal: RowFailure, passing: bool) {
        self.state = self.failure(refusal, passing);
    }

    pub(super) fn failure(&self, refusal: RowFailure, passing: bool) -> State {
        let posts = self.posts();
        if passing && self.posts_before.is_none() {
            let fact = Fact::Deferred { refusal, posts };
            return State::recording(fact, State::WorkerEnd(End::Deferred));
        }
        let fact = Fact::Failed { refusal, posts };
        State::recording(fact, State::WorkerEnd(End::Failed))
    }
}
