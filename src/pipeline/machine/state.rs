//! Where a file is on its way: what the machine knows of it between two steps. Data without rules.

use std::time::Duration;

use super::evidence::Evidence;
use super::step::{End, Fillable};
use crate::model::{Asset, Fact, Reason, RowFailure, Sha256};
use crate::retry::Pause;

/// Where a file is on its way.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// Nothing asked. Next: sign.
    Queued,
    /// Something to write down before anything else happens.
    Recording(Fact, Box<Self>),
    /// A pause after a fault that may pass.
    Pausing(Pause, Box<Self>),
    /// An asset that is known to hold no bytes and is in the ledger. Next: send to it.
    Sendable(Fillable),
    /// An asset that may hold bytes. Next: poll it.
    Doubtful(Asset, Doubt),
    /// An asset holds the bytes, but their digest is not known. Next: read the file again.
    Adopting(Asset, Adoption),
    /// The file's time changed since its bytes were sent. Next: read it, to see whether they did.
    Rechecking(Asset, bool),
    /// The bytes are up. Next: poll until the service confirms.
    Sent(Asset, ConfirmationWait),
    /// Nothing is left to do.
    Ended(End),
}

/// What is to be made of an asset whose upload ended in doubt.
#[derive(Debug, Clone)]
pub(super) struct Doubt {
    /// Polls that settled nothing so far.
    pub(super) polls: u32,
    /// What they said.
    pub(super) evidence: Evidence,
    /// What it leads to that no bytes arrived.
    pub(super) on_waiting: OnWaiting,
    /// Storage asked to slow down, for so long where it said so: polled after that.
    pub(super) hold: Option<Duration>,
    /// The digest of the bytes that may have arrived, where the whole body had left.
    pub(super) digest: Option<Sha256>,
}

/// What to do with an asset that the service holds no bytes for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OnWaiting {
    /// Fill it through the URL that is already paid for.
    Send,
    /// Its URL is of no use: give it up and sign anew.
    Replace(Reason),
    /// Leave it: the row fails, for a reason that may pass or not.
    Fail {
        failure: RowFailure,
        is_passing: bool,
    },
}

/// What is known of an asset that waits for confirmation.
#[derive(Debug, Clone)]
pub(super) struct ConfirmationWait {
    /// Why it counts as sent.
    pub(super) basis: Basis,
    /// What the polls said since.
    pub(super) evidence: Evidence,
    /// Polls after the time-out.
    pub(super) late_polls: u32,
}

/// Why an asset counts as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Basis {
    /// Storage said yes, in this run.
    Accepted,
    /// The service said that the bytes arrived; storage did not say yes. When they did not arrive after
    /// all, the doubt's way is taken.
    Adopted(OnWaiting),
    /// An earlier run or another file says so.
    Stored,
}

/// What a poll said of an asset that is adopted once its digest is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Adoption {
    Sent(Basis),
    Confirmed { size_checked: bool },
}

impl State {
    pub(super) fn recording(fact: Fact, next: Self) -> Self {
        Self::Recording(fact, Box::new(next))
    }

    pub(super) fn pausing(pause: Pause, next: Self) -> Self {
        Self::Pausing(pause, Box::new(next))
    }

    pub(super) fn doubtful(asset: Asset, on_waiting: OnWaiting, digest: Option<Sha256>) -> Self {
        Self::held(asset, on_waiting, None, digest)
    }

    /// A doubt that is left alone first, where storage asked to slow down.
    pub(super) fn held(
        asset: Asset,
        on_waiting: OnWaiting,
        hold: Option<Duration>,
        digest: Option<Sha256>,
    ) -> Self {
        Self::Doubtful(
            asset,
            Doubt {
                polls: 0,
                evidence: Evidence::default(),
                on_waiting,
                hold,
                digest,
            },
        )
    }

    pub(super) fn sent(asset: Asset, basis: Basis) -> Self {
        Self::Sent(
            asset,
            ConfirmationWait {
                basis,
                evidence: Evidence::default(),
                late_polls: 0,
            },
        )
    }
}
