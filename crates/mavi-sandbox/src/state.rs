//! Everything that changes while a sandbox runs. It knows no lock: that is the service's.

use tokio::time::Instant;

use crate::assets::Assets;
use crate::call::Endpoint;
use crate::faults::Faults;
use crate::faults::choose::{Chosen, Rules, Tally};
use crate::faults::rule::Cue;
use crate::limits::Limits;
use crate::stats::{PerEndpoint, Stats};

/// Everything that changes.
#[derive(Debug)]
pub(crate) struct ServiceState {
    pub(crate) assets: Assets,
    pub(crate) limits: Limits,
    pub(crate) stats: Stats,
    /// The last answer that did what was asked, by endpoint; kept for scripts that give it again.
    pub(crate) previous: [Option<String>; Endpoint::ALL.len()],
    tally: Tally,
}

impl ServiceState {
    /// With nothing in them but the names of the faults.
    pub(crate) fn new(limits: Limits, faults: &Faults) -> Self {
        let stats = Stats {
            faults: faults.names().map(|name| (name, 0)).collect(),
            ..Stats::default()
        };
        Self {
            assets: Assets::new(),
            limits,
            stats,
            previous: Default::default(),
            tally: Tally::default(),
        }
    }

    /// The fault that a call meets, which is then on record.
    pub(crate) fn choose(&mut self, rules: &Rules, cue: &Cue<'_>) -> Option<Chosen> {
        let chosen = rules.choose(&mut self.tally, cue)?;
        *self.stats.faults.entry(rules.name(chosen)).or_default() += 1;
        Some(chosen)
    }

    /// Calls that came too early at `mark` or later.
    pub(crate) fn violations_since(&self, mark: Instant) -> PerEndpoint {
        let mut violations = PerEndpoint::default();
        for endpoint in self.limits.violations_since(mark) {
            *violations.of(endpoint) += 1;
        }
        violations
    }
}
