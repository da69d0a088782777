//! What a file has used up in this run: tries, assets and POSTs, and when that is too much. Does not
//! know what follows then.

use super::step::SendReport;
use crate::api::Fault;
use crate::model::{AssetId, ErrorCode, Reason, RowFailure};
use crate::retry::{Kind, Pause, RetryPolicy, RetryRule, Tries};

/// What a file has used up in this run.
#[derive(Debug, Clone)]
pub(super) struct Attempts {
    policy: RetryPolicy,
    tries: Tries,
    assets: u32,
    /// POSTs begun in this pass.
    posts: u32,
    /// POSTs begun in the first pass, once this is the second.
    posts_before: Option<u32>,
    /// The last POST may have been refused by an answer that was lost.
    answer_lost: bool,
    size_mismatches: Vec<String>,
}

impl Attempts {
    pub(super) fn new(policy: RetryPolicy, assets: u32) -> Self {
        Self {
            policy,
            tries: Tries::default(),
            assets,
            posts: 0,
            posts_before: None,
            answer_lost: false,
            size_mismatches: Vec::new(),
        }
    }

    /// Begins the second pass, after `posts` POSTs to `assets` assets in the first.
    pub(super) fn begin_second_pass(&mut self, posts: u32, assets: u32) {
        self.posts_before = Some(posts);
        self.answer_lost = posts > 0;
        self.assets = self.assets.max(assets);
    }

    pub(super) fn is_second_pass(&self) -> bool {
        self.posts_before.is_some()
    }

    /// Counts one more fault of this kind; returns how many there were.
    pub(super) fn count(&mut self, kind: impl Into<Kind>) -> u32 {
        self.tries.count(kind)
    }

    /// How many attempts a limit of `tries` amounts to under the policy.
    pub(super) fn most(&self, tries: u32) -> u32 {
        self.policy.tries(tries)
    }

    /// The pause before another try after this fault; its rule when the tries are used up.
    pub(super) fn retry(&mut self, fault: &Fault) -> Result<Pause, RetryRule> {
        self.tries.retry(fault, &self.policy)
    }

    /// Counts a POST, if its body was begun.
    pub(super) fn count_post<T>(&mut self, report: &SendReport<T>) {
        if report.begun {
            self.posts += 1;
            self.answer_lost = !report.is_plain();
        }
    }

    /// POSTs begun for the file in this run.
    pub(super) fn posts(&self) -> u32 {
        self.posts_before.unwrap_or_default() + self.posts
    }

    pub(super) fn has_posted_in_this_pass(&self) -> bool {
        self.posts > 0
    }

    pub(super) fn answer_lost(&self) -> bool {
        self.answer_lost
    }

    pub(super) fn count_asset(&mut self) {
        self.assets += 1;
    }

    /// The file has changed: the assets of what it was before do not count.
    pub(super) fn forget_assets(&mut self) {
        self.assets = 0;
    }

    /// Counts an asset that is given up. Returns the row's failure when no other may be tried.
    pub(super) fn give_up(&mut self, asset_id: &AssetId, reason: &Reason) -> Option<RowFailure> {
        let used_up = self.assets >= self.policy.assets();
        match reason {
            Reason::Superseded => {
                self.forget_assets();
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
}

#[cfg(test)]
mod tests;
