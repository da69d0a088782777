//! Everything that changes while a sandbox runs. It knows no lock and no request.

use tokio::time::Instant;

use crate::assets::Assets;
use crate::call::{CallFacts, Endpoint};
use crate::faults::Faults;
use crate::faults::action::Action;
use crate::faults::choose::{Rules, Tally};
use crate::limits::Limits;
use crate::stats::{PerEndpoint, Stats};

#[derive(Debug)]
pub(crate) struct ServiceState {
    pub(crate) assets: Assets,
    pub(crate) limits: Limits,
    pub(crate) stats: Stats,
    /// The last good answer of each endpoint, for scripts that repeat it.
    pub(crate) previous: [Option<String>; Endpoint::ALL.len()],
    tally: Tally,
}

impl ServiceState {
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

    /// Chooses and counts what a fault does to this call, or to a new connection (`None`).
    pub(crate) fn choose<'rules>(
        &mut self,
        rules: &'rules Rules,
        call: Option<&CallFacts>,
    ) -> Option<&'rules Action> {
        let elapsed = self.limits.start().elapsed();
        let previous = call.map(|call| &self.previous[call.endpoint as usize]);
        let has_previous = previous.is_some_and(Option::is_some);
        let (rule, action) = rules.choose(&mut self.tally, call, elapsed, has_previous)?;
        *self.stats.faults.entry(rule.name_of(action)).or_default() += 1;
        Some(action)
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
