//! Goes through the input and counts what a run would do with it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;

use jiff::Timestamp;

use super::calls::{Begin, Calls};
use super::causes::Causes;
use super::disk::{self, SAMPLED, Speeds};
use super::duplicates::{Table, Twins};
use super::preflight::preflight;
use super::seen_paths::Paths;
use super::{ForecastError, Terms};
use crate::decision::{Decision, decide, look_at};
use crate::ledger::{Reader, Total};
use crate::model::{FileVersion, StoredState};
use crate::source::{Candidate, Notice, Source, candidates};

/// What a run would do, counted. Each row is one of refused, duplicate, and the files below.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Input rows.
    pub rows: u64,
    /// Rows that fail before any call.
    pub refused: Causes,
    /// Rows that name the file of an earlier row, and share its asset.
    pub duplicate_rows: u64,
    /// Those of them whose earlier row is refused: they fail with it.
    pub duplicates_refused: u64,
    /// Files that the ledger has no asset for.
    pub new: Total,
    /// Files with an asset that was allotted and is filled now.
    pub allotted: Total,
    /// Files that changed since they were sent: they go up anew.
    pub outdated: Total,
    /// Files that were touched since they were sent: read to tell whether their bytes changed.
    pub touched: Total,
    /// Files whose bytes are up: only looked at.
    pub sent: Total,
    /// Files that the service confirmed: no call.
    pub confirmed: Total,
    /// Files with the bytes of another, among those that go up; `None`: not looked for.
    pub twins: Option<Twins>,
    /// The fewest calls that all this takes.
    pub calls: Calls,
    /// What preflight found, and links that lead in a circle.
    pub warnings: Causes,
    /// How fast this machine reads and hashes; `None` where there is too little to tell.
    pub speeds: Option<Speeds>,
}

impl Survey {
    /// Rows that would fail.
    #[must_use]
    pub fn failing(&self) -> u64 {
        self.refused.rows() + self.duplicates_refused
    }

    /// What goes up.
    #[must_use]
    pub fn up(&self) -> Total {
        let shared = self.twins.unwrap_or_default().shared;
        let parts = [self.new, self.allotted, self.outdated];
        let sum = |of: fn(&Total) -> u64| parts.iter().map(of).sum::<u64>();
        Total {
            count: sum(|part| part.count) - shared.count,
            bytes: sum(|part| part.bytes) - shared.bytes,
        }
    }

    /// Bytes that are read, for whatever reason.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.up().bytes + self.touched.bytes + self.twins.unwrap_or_default().read.bytes
    }

    fn of(&mut self, begin: Begin) -> &mut Total {
        match begin {
            Begin::New => &mut self.new,
            Begin::Allotted { .. } => &mut self.allotted,
            Begin::Outdated => &mut self.outdated,
            Begin::Touched => &mut self.touched,
            Begin::Sent => &mut self.sent,
        }
    }
}

/// Reads the source to its end; blocking. What is read of the ledger is as it stands at that moment,
/// also while a run writes to it.
///
/// # Errors
/// When the ledger cannot be read, or a temporary table cannot be written.
pub fn survey(
    source: Box<dyn Source>,
    ledger: Option<&Reader>,
    terms: &Terms,
) -> Result<Survey, ForecastError> {
    let mut surveyor = Surveyor {
        ledger,
        terms,
        now: Timestamp::now(),
        found: Survey::default(),
        paths: Paths::default(),
        table: terms.dedupe.then(Table::new).transpose()?,
        largest: BinaryHeap::new(),
    };
    let mut notices = Vec::new();
    for candidate in candidates(source, |notice| notices.push(notice)) {
        surveyor.meet(&candidate)?;
    }
    for Notice { word, text, path } in notices {
        surveyor.found.warnings.add(word.into(), text, &path);
    }
    surveyor.end()
}

struct Surveyor<'a> {
    ledger: Option<&'a Reader>,
    terms: &'a Terms,
    now: Timestamp,
    found: Survey,
    paths: Paths,
    table: Option<Table>,
    /// The largest files that go up, the least of them on top.
    largest: BinaryHeap<(Reverse<u64>, PathBuf)>,
}

impl Surveyor<'_> {
    fn meet(&mut self, candidate: &Candidate) -> Result<(), ForecastError> {
        self.found.rows += 1;
        let path = &candidate.path;
        // A row that names no file is nobody's duplicate.
        let names_a_file = !path.as_os_str().is_empty();
        if names_a_file && let Some(refused) = self.paths.earlier(path) {
            self.found.duplicate_rows += 1;
            self.found.duplicates_refused += u64::from(refused);
            return Ok(());
        }
        let version = look_at(candidate, &self.terms.rules);
        let stored_state = match self.ledger.filter(|_| names_a_file) {
            Some(ledger) => ledger.stored_state_of(path)?,
            None => StoredState::New,
        };
        let decision = decide(&version, &stored_state, candidate.expected_sha256);
        if names_a_file {
            let refused = matches!(decision, Decision::Refuse(_));
            self.paths.add(path, refused);
        }
        let version = version.ok();
        match decision {
            Decision::Refuse(refusal) => {
                let causes = &mut self.found.refused;
                causes.add(refusal.code.word(), &refusal.text, path);
            }
            Decision::Skip => self.found.confirmed.add(size(version, &stored_state)),
            Decision::Work => self.work(candidate, version, stored_state)?,
        }
        Ok(())
    }

    fn work(
        &mut self,
        candidate: &Candidate,
        version: Option<FileVersion>,
        stored_state: StoredState,
    ) -> Result<(), ForecastError> {
        let (path, size) = (&candidate.path, size(version, &stored_state));
        let begin = Begin::of(stored_state, version, candidate.expected_sha256, self.now);
        self.found.of(begin).add(size);
        self.found.calls += begin.calls(self.terms.via, self.confirms());
        let Some(version) = version.filter(|_| begin.sends()) else {
            return Ok(());
        };
        if self.terms.preflight {
            for warning in preflight(path, version, self.now) {
                let warnings = &mut self.found.warnings;
                warnings.add(warning.word().into(), &warning.to_string(), path);
            }
        }
        if let Some(table) = &self.table {
            table.add(path, size, begin, self.ledger)?;
        }
        let least = self.largest.peek().map_or(0, |(Reverse(least), _)| *least);
        if self.largest.len() < SAMPLED || size > least {
            self.largest.push((Reverse(size), path.clone()));
        }
        if self.largest.len() > SAMPLED {
            self.largest.pop();
        }
        Ok(())
    }

    fn end(mut self) -> Result<Survey, ForecastError> {
        // Before files are read to find twins: what was read comes from memory afterwards.
        let largest = self.largest.into_sorted_vec().into_iter();
        let largest: Vec<_> = largest.map(|(_, path)| path).collect();
        self.found.speeds = disk::measure(&largest);
        if let Some(table) = self.table {
            let confirms = self.terms.poll_interval.is_some();
            let (twins, saved) = table.find(self.ledger, self.terms.via, confirms)?;
            self.found.twins = Some(twins);
            self.found.calls -= saved;
        }
        Ok(self.found)
    }

    fn confirms(&self) -> bool {
        self.terms.poll_interval.is_some()
    }
}

/// The size of a file: as it is, or as it was when it is gone.
fn size(version: Option<FileVersion>, stored_state: &StoredState) -> u64 {
    let known = match stored_state {
        StoredState::New => None,
        StoredState::Allotted(asset) | StoredState::Sent(asset) | StoredState::Confirmed(asset) => {
            Some(asset.version)
        }
    };
    version.or(known).map_or(0, |version| version.size)
}
