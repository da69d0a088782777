//! What a file costs the account and the line, from where it stands.
//!
//! Where its work begins is the protocol's to say; what must follow from there is counted here.

use jiff::Timestamp;

use crate::model::{Fact, FileVersion, Sha256, StoredState};
use crate::pipeline::{Step, UploadMachine, Via};
use crate::retry::RetryPolicy;

/// Calls of each endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Calls {
    /// *sign*
    pub sign: u64,
    /// Starts of uploads: to storage, or direct ones.
    pub send: u64,
    /// *status*
    pub status: u64,
}

/// Where the work on a file begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// With nothing.
    New,
    /// With an asset that was allotted and may be filled; it is looked at first.
    Allotted {
        /// Its URL is of use still.
        can_be_filled: bool,
    },
    /// With an asset that holds the bytes of what the file was before.
    Outdated,
    /// With an asset that holds bytes; the file was touched, and is read to tell whether it changed.
    Touched,
    /// With an asset that waits for its confirmation.
    Sent,
}

impl Begin {
    /// Where a run would begin.
    pub(super) fn of(
        stored_state: StoredState,
        version: Option<FileVersion>,
        expected: Option<Sha256>,
        now: Timestamp,
    ) -> Self {
        let can_be_filled = match &stored_state {
            StoredState::Allotted(asset) => asset.can_be_filled(now),
            _ => false,
        };
        let machine =
            UploadMachine::resume(stored_state, version, expected, RetryPolicy::default());
        match machine.step() {
            Step::PollDoubtful(..) => Self::Allotted { can_be_filled },
            Step::Hash => Self::Touched,
            Step::PollSent(_) => Self::Sent,
            Step::Record(Fact::Abandoned { .. }) => Self::Outdated,
            _ => Self::New,
        }
    }

    /// Whether bytes are sent for it.
    pub(super) fn sends(self) -> bool {
        !matches!(self, Self::Touched | Self::Sent)
    }

    /// The fewest calls until it is confirmed, or only up where it is not to be confirmed.
    pub(super) fn calls(self, via: Via, confirms: bool) -> Calls {
        let doubt = u64::from(matches!(self, Self::Allotted { .. }));
        let signs = self.sends()
            && via == Via::SignedUrl
            && !matches!(
                self,
                Self::Allotted {
                    can_be_filled: true
                }
            );
        Calls {
            sign: u64::from(signs),
            send: u64::from(self.sends()),
            status: doubt + u64::from(confirms && self != Self::Touched),
        }
    }
}

impl std::ops::AddAssign for Calls {
    fn add_assign(&mut self, more: Self) {
        self.sign += more.sign;
        self.send += more.send;
        self.status += more.status;
    }
}

impl std::ops::SubAssign for Calls {
    fn sub_assign(&mut self, fewer: Self) {
        self.sign -= fewer.sign;
        self.send -= fewer.send;
        self.status -= fewer.status;
    }
}
