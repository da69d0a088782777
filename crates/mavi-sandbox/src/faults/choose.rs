//! Which rule a call meets, if any.
//!
//! Every rule counts the calls it is for, whether it acts on them or another one does; the first that applies acts.
//! A share is drawn by seed, rule, file and the file's number of calls, so that a run repeats however its calls
//! interleave.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use globset::GlobMatcher;

use crate::call::Endpoint;
use crate::faults::Faults;
use crate::faults::script::Per;
use crate::faults::then::{Answer, Shape, Then};
use crate::processing::{split_mix, unit};

/// The calls a rule is for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Calls {
    endpoints: [bool; 6],
    pub(crate) connect: bool,
}

impl Calls {
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

/// Which of the calls it is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    Each,
    Nth(u64),
    First(u64),
    Every(u64),
}

impl Which {
    fn is(self, number: u64) -> bool {
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
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) calls: Calls,
    pub(super) file: Option<GlobMatcher>,
    /// Only when the asset it is about holds its bytes, or does not.
    pub(super) arrived: Option<bool>,
    pub(super) per: Per,
    pub(super) which: Which,
    pub(super) share: f64,
    /// Since the sandbox started.
    pub(super) window: Range<Duration>,
    pub(super) times: u64,
    /// Never empty; of several one is drawn.
    pub(super) thens: Vec<Then>,
}

/// What a rule looks at.
#[derive(Debug)]
pub(crate) struct Cue<'a> {
    /// `None` for a new connection.
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) filename: Option<&'a str>,
    /// Whether the asset it is about holds its bytes.
    pub(crate) arrived: bool,
    /// Since the sandbox started.
    pub(crate) elapsed: Duration,
    /// Whether there is an earlier answer to the same call to give again.
    pub(crate) has_previous: bool,
}

/// What the rules have counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Calls by rule and file; the file is left out where none of the rule's keys asks for it.
    seen: HashMap<(usize, Option<u64>), u64>,
    fired: HashMap<usize, u64>,
}

/// A rule that applies, and what it does this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    rule: usize,
    then: usize,
}

impl Faults {
    /// Whether there is nothing to choose from, so that nobody need look.
    pub(crate) fn is_quiet(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a rule gives an earlier answer again, so that answers must be kept.
    pub(crate) fn repeats_answers(&self) -> bool {
        self.rules
            .iter()
            .flat_map(|rule| &rule.thens)
            .any(Then::repeats_an_answer)
    }

    /// The rule that this call meets. To be asked once for each call.
    pub(crate) fn choose(&self, tally: &mut Tally, cue: &Cue<'_>) -> Option<Chosen> {
        let mut chosen = None;
        for (index, rule) in self.rules.iter().enumerate() {
            if !rule.is_for(cue) {
                continue;
            }
            let file = hash(cue.filename.unwrap_or_default());
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
            if fired < rule.times && rule.which.is(number) && draw.happens(rule.share) {
                let then = draw.one_of(rule.thens.len());
                if rule.thens[then].repeats_an_answer() && !cue.has_previous {
                    continue;
                }
                *tally.fired.entry(index).or_default() += 1;
                chosen = Some(Chosen { rule: index, then });
            }
        }
        chosen
    }

    /// What is to happen.
    pub(crate) fn then(&self, chosen: Chosen) -> &Then {
        &self.rules[chosen.rule].thens[chosen.then]
    }

    /// The name it is counted under.
    pub(crate) fn name(&self, chosen: Chosen) -> String {
        let rule = &self.rules[chosen.rule];
        rule.name_of(&rule.thens[chosen.then])
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

impl Rule {
    fn is_for(&self, cue: &Cue<'_>) -> bool {
        let called = match cue.endpoint {
            Some(endpoint) => self.calls.has(endpoint),
            None => self.calls.connect,
        };
        let file = self.file.as_ref();
        called
            && self.window.contains(&cue.elapsed)
            && self.arrived.is_none_or(|wanted| wanted == cue.arrived)
            && file.is_none_or(|glob| cue.filename.is_some_and(|name| glob.is_match(name)))
    }

    fn needs_files(&self) -> bool {
        self.per == Per::File || self.share < 1.0 || self.thens.len() > 1
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.thens.iter().map(|then| self.name_of(then)).collect()
    }

    /// The rule's name; where it draws one of several things, the thing's too.
    fn name_of(&self, then: &Then) -> String {
        match self.thens.len() {
            1 => self.name.clone(),
            _ => format!("{}: {}", self.name, then.name),
        }
    }
}

impl Then {
    fn repeats_an_answer(&self) -> bool {
        matches!(&self.answer, Answer::Made(made)
            if matches!(&made.shape, Shape::Text(text) if text.contains("{previous}")))
    }
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

/// FNV-1a, which is the same on every machine and in every version.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
