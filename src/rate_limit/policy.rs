//! The times and limits that endpoints, and the sides of the service, are asked to keep. Numbers alone.

use std::num::NonZeroUsize;
use std::time::Duration;

use humantime::{FormattedDuration, format_duration};

use crate::retry::RetryPolicy;

/// How long nothing must have succeeded before failures make an outage.
const SILENCE: Duration = Duration::from_secs(30);

/// The time between two probes during an outage.
pub(super) const PROBE: Duration = Duration::from_secs(60);

/// What the calls to a service are asked to keep to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RateLimitPolicy {
    /// The pauses after throttle answers.
    pub(crate) cooldown: CooldownPolicy,
    /// When the service counts as down.
    pub(crate) outage: OutagePolicy,
    /// Calls of one endpoint under way at once while it has no limit.
    pub(crate) in_flight: NonZeroUsize,
    /// An earlier run may have called just now: the first call waits a period.
    pub(crate) resumed: bool,
}

/// How long an endpoint rests after a throttle answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CooldownPolicy {
    /// The first cooldown; doubled with each throttle answer in a row.
    pub(crate) first: Duration,
    /// The longest cooldown, unless the service asks for a longer one.
    pub(crate) longest: Duration,
}

/// When a service counts as down, and for how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutagePolicy {
    /// Without a success for so long, failures are an outage.
    pub(super) silence: Duration,
    /// The time between two probes during an outage.
    pub(super) probe: Duration,
    /// How long the service may be down before the run stops; `None`: for ever.
    longest: Option<Duration>,
}

impl OutagePolicy {
    /// The rules' times at the scale of `retry`, and the user's limit as it is.
    pub(crate) fn new(retry: &RetryPolicy, longest: Option<Duration>) -> Self {
        Self {
            silence: retry.scaled(SILENCE),
            probe: retry.scaled(PROBE),
            longest,
        }
    }

    /// For how long the service has been down, in words, to the second; `None` while that may last.
    pub(super) fn past_limit(&self, down: Duration) -> Option<FormattedDuration> {
        let is_past = self.longest.is_some_and(|longest| down >= longest);
        is_past.then(|| format_duration(Duration::from_secs(down.as_secs())))
    }
}
