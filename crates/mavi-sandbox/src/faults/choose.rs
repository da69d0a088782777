//! Chooses the rule that acts on a call, if any.
//!
//! Every rule counts the calls it is for, also those on which another rule acts; the first rule that applies acts.
//! A share is drawn by seed, rule, file and the file's number of calls, so that a run repeats in whatever order its
//! calls arrive. This file does not know what an action does.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::call::CallFacts;
use crate::faults::action::Action;
use crate::faults::rule::{Per, Rule};
use crate::random::{split_mix, unit};

/// What the rules have counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Calls by rule and by the hash of the file name; without one for the whole run.
    seen: HashMap<(usize, Option<u64>), u64>,
    /// Actions by rule.
    fired: HashMap<usize, u64>,
}

/// The rules of a script; the default has none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(super) seed: u64,
    pub(super) rules: Arc<[Rule]>,
}

impl Rules {
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a rule repeats an earlier answer, so that answers must be stored.
    pub(crate) fn repeats_answers(&self) -> bool {
        self.rules
            .iter()
            .flat_map(|rule| &rule.actions)
            .any(Action::repeats_an_answer)
    }

    /// Counts a call, or a new connection (`None`), and chooses the rule that acts on it and its action.
    ///
    /// `elapsed` is the time since the sandbox's start; `has_previous` says whether there is an answer to repeat.
    pub(crate) fn choose(
        &self,
        tally: &mut Tally,
        call: Option<&CallFacts>,
        elapsed: Duration,
        has_previous: bool,
    ) -> Option<(&Rule, &Action)> {
        let filename = call.and_then(|call| call.filename.as_deref());
        let file = hash(filename.unwrap_or_default());
        let mut chosen = None;
        for (index, rule) in self.rules.iter().enumerate() {
            if !rule.is_for(call, elapsed) {
                continue;
            }
            let of_file = count(tally, (index, Some(file)), rule.needs_files());
            let of_run = count(tally, (index, None), true);
            if chosen.is_some() {
                continue;
            }
            let number = if rule.per == Per::File {
                of_file
            } else {
                of_run
            };
            let draw = Draw {
                seed: self.seed,
                rule: index,
                file,
                number: of_file,
            };
            let fired = tally.fired.get(&index).copied().unwrap_or(0);
            if fired < rule.times && rule.ordinals.contains(number) && draw.happens(rule.share) {
                let action = &rule.actions[draw.one_of(rule.actions.len())];
                if action.repeats_an_answer() && !has_previous {
                    continue;
                }
                *tally.fired.entry(index).or_default() += 1;
                chosen = Some((rule, action));
            }
        }
        chosen
    }

    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.rules.iter().flat_map(Rule::names)
    }
}

fn count(tally: &mut Tally, key: (usize, Option<u64>), wanted: bool) -> u64 {
    if !wanted {
        return 0;
    }
    let seen = tally.seen.entry(key).or_default();
    *seen += 1;
    *seen
}

/// Two draws for one call.
struct Draw {
    seed: u64,
    rule: usize,
    file: u64,
    number: u64,
}

impl Draw {
    fn bits(&self, which: u64) -> u64 {
        let key = split_mix(self.seed, self.rule as u64 + 1) ^ self.file;
        split_mix(key, self.number.wrapping_mul(2).wrapping_add(which))
    }

    fn happens(&self, share: f64) -> bool {
        // The draw is in (0, 1]: a share of 0 never happens, one of 1 always does.
        unit(self.bits(0)) <= share
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the rest is smaller than a usize"
    )]
    fn one_of(&self, choices: usize) -> usize {
        (self.bits(1) % choices as u64) as usize
    }
}

/// FNV-1a, which is the same on every machine and in every release.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
