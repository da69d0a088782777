//! The calls that a file costs, from where it stands.
//!
//! The upload machine says where the work on a file begins. What must follow from there is counted
//! here.

use jiff::Timestamp;

use crate::model::{Fact, FileVersion, Sha256, StoredState};
use crate::pipeline::{Step, UploadMachine, Via};
use crate::retry::RetryPolicy;

/// Calls of each endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct CallCounts {
    /// *sign*
    pub sign: u64,
    /// Starts of uploads: to storage, or direct ones.
    pub send: u64,
    /// *status*
    pub status: u64,
}

/// Where the work on a file begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StartPoint {
    /// With nothing.
    New,
    /// With an asset that was allotted and may be filled; it is polled first.
    Allotted {
        /// Its URL is still valid.
        can_be_filled: bool,
    },
    /// With an asset that holds the bytes of an earlier version of the file.
    Outdated,
    /// With an asset that holds bytes. The file's time changed, so it is read to see whether its
    /// bytes did.
    Touched,
    /// With an asset that waits for its confirmation.
    Sent,
}

impl StartPoint {
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
            Step::PollDoubtful { .. } => Self::Allotted { can_be_filled },
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

    /// The fewest calls until it is confirmed, or uploaded where it is not to be confirmed.
    pub(super) fn calls(self, via: Via, confirms: bool) -> CallCounts {
        // It is sent to when two polls say that it is empty.
        let doubt = if matches!(self, Self::Allotted { .. }) {
            2
        } else {
            0
        };
        let signs = self.sends()
            && via == Via::SignedUrl
            && !matches!(
                self,
                Self::Allotted {
                    can_be_filled: true
                }
            );
        CallCounts {
            sign: u64::from(signs),
            send: u64::from(self.sends()),
            status: doubt + u64::from(confirms && self != Self::Touched),
        }
    }
}

impl std::ops::AddAssign for CallCounts {
    fn add_assign(&mut self, more: Self) {
        self.sign += more.sign;
        self.send += more.send;
        self.status += more.status;
    }
}

impl std::ops::SubAssign for CallCounts {
    fn sub_assign(&mut self, fewer: Self) {
        self.sign -= fewer.sign;
        self.send -= fewer.send;
        self.status -= fewer.status;
    }
}
