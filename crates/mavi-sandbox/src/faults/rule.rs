//! A checked rule: which calls it is for, and what it may do to them. It does not count; `choose` does.

use std::ops::Range;
use std::time::Duration;

use globset::GlobMatcher;
use serde::Deserialize;

use crate::call::{CallFacts, Endpoint};
use crate::faults::action::Action;

/// The calls a rule is for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CallSet {
    endpoints: [bool; 6],
    pub(crate) connect: bool,
}

impl CallSet {
    pub(super) fn add(&mut self, endpoint: Endpoint) {
        self.endpoints[endpoint as usize] = true;
    }

    pub(super) fn has(self, endpoint: Endpoint) -> bool {
        self.endpoints[endpoint as usize]
    }

    pub(super) fn within(self, some: &[Endpoint]) -> bool {
        !self.connect
            && Endpoint::ALL
                .iter()
                .all(|one| !self.has(*one) || some.contains(one))
    }

    pub(super) fn only(self, endpoint: Endpoint) -> bool {
        self.within(&[endpoint])
    }
}

/// On which of its calls a rule acts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ordinals {
    Each,
    Nth(u64),
    First(u64),
    Every(u64),
}

impl Ordinals {
    pub(super) fn contains(self, number: u64) -> bool {
        match self {
            Self::Each => true,
            Self::Nth(n) => number == n,
            Self::First(n) => number <= n,
            Self::Every(n) => number.is_multiple_of(n),
        }
    }
}

/// A checked rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(super) name: String,
    pub(super) calls: CallSet,
    pub(super) file: Option<GlobMatcher>,
    /// Whether the call's asset must hold its bytes.
    pub(super) arrived: Option<bool>,
    pub(super) per: Per,
    pub(super) ordinals: Ordinals,
    pub(super) share: f64,
    /// Since the sandbox's start.
    pub(super) window: Range<Duration>,
    pub(super) times: u64,
    /// Never empty; one of them is drawn.
    pub(super) actions: Vec<Action>,
}

/// What `nth`, `first` and `every` count.
#[derive(Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Per {
    /// All calls the rule is for.
    #[default]
    Run,
    /// Those about one file name.
    File,
}

impl Rule {
    /// Whether it is for this call, or for a new connection (`None`), `elapsed` after the start.
    pub(super) fn is_for(&self, call: Option<&CallFacts>, elapsed: Duration) -> bool {
        let called = match call {
            Some(call) => self.calls.has(call.endpoint),
            None => self.calls.connect,
        };
        let arrived = call.is_some_and(|call| call.arrived);
        let filename = call.and_then(|call| call.filename.as_deref());
        let file = self.file.as_ref();
        called
            && self.window.contains(&elapsed)
            && self.arrived.is_none_or(|wanted| wanted == arrived)
            && file.is_none_or(|glob| filename.is_some_and(|name| glob.is_match(name)))
    }

    /// Whether it counts the calls of each file.
    pub(super) fn needs_files(&self) -> bool {
        self.per == Per::File || self.share < 1.0 || self.actions.len() > 1
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.actions
            .iter()
            .map(|action| self.name_of(action))
            .collect()
    }

    /// The name under which an action of the rule is counted.
    pub(crate) fn name_of(&self, action: &Action) -> String {
        match self.actions.len() {
            1 => self.name.clone(),
            _ => format!("{}: {}", self.name, action.name),
        }
    }
}
