//! Goes through the input and counts what a run would do with it. Has no rule of its own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;

use jiff::Timestamp;

use super::calls::{CallCounts, StartPoint};
use super::causes::Causes;
use super::disk::{self, SAMPLED, Speeds};
use super::duplicates::{DuplicateTable, Duplicates};
use super::preflight::preflight;
use super::seen_paths::SeenPaths;
use super::{PlanError, PlanOptions};
use crate::decision::{Decision, decide, inspect_candidate};
use crate::ledger::{Reader, Total};
use crate::model::{FileVersion, StoredState};
use crate::source::{Candidate, Notice, NoticeKind, Source, candidates};

/// What a run would do, counted. Each row is one of refused, duplicate, and the files below.
#[derive(Debug, Clone, Default)]
pub struct Workload {
    /// Input rows.
    pub rows: u64,
    /// Files and folders of the system, which a walk left out; they are no rows.
    pub left_out: u64,
    /// Rows that fail before any call.
    pub refused: Causes,
    /// Rows that name the file of an earlier row, and share its asset.
    pub duplicate_rows: u64,
    /// Those of them whose earlier row is refused: they fail with it.
    pub refused_duplicate_rows: u64,
    /// Files that the ledger has no asset for.
    pub new: Total,
    /// Files with an asset that was allotted and is filled now.
    pub allotted: Total,
    /// Files that changed since they were sent: uploaded again.
    pub outdated: Total,
    /// Files that were touched since they were sent: read to see whether their bytes changed.
    pub touched: Total,
    /// Files whose bytes are uploaded: only polled.
    pub sent: Total,
    /// Files that the service confirmed: no call.
    pub confirmed: Total,
    /// Files with the bytes of another, among those to upload; `None`: not looked for.
    pub duplicates: Option<Duplicates>,
    /// The fewest calls that all this takes.
    pub calls: CallCounts,
    /// What preflight found, and links that lead in a circle.
    pub warnings: Causes,
    /// How fast this machine reads and hashes; `None` where the files are too small to measure.
    pub speeds: Option<Speeds>,
}

impl Workload {
    /// Rows that would fail.
    #[must_use]
    pub fn failing(&self) -> u64 {
        self.refused.rows() + self.refused_duplicate_rows
    }

    /// What is uploaded.
    #[must_use]
    pub fn up(&self) -> Total {
        let shared = self.duplicates.unwrap_or_default().shared;
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
        self.up().bytes + self.touched.bytes + self.duplicates.unwrap_or_default().read.bytes
    }

    fn of(&mut self, begin: StartPoint) -> &mut Total {
        match begin {
            StartPoint::New => &mut self.new,
            StartPoint::Allotted { .. } => &mut self.allotted,
            StartPoint::Outdated => &mut self.outdated,
            StartPoint::Touched => &mut self.touched,
            StartPoint::Sent => &mut self.sent,
        }
    }
}

/// Reads the source to its end; blocking. Each file's state is read from the ledger as it is at that
/// moment, also while a run writes to it.
///
/// # Errors
/// When the ledger cannot be read, or a temporary table cannot be written.
pub fn workload(
    source: Box<dyn Source>,
    ledger: Option<&Reader>,
    options: &PlanOptions,
) -> Result<Workload, PlanError> {
    let mut counter = WorkloadCounter {
        ledger,
        options,
        now: Timestamp::now(),
        workload: Workload::default(),
        paths: SeenPaths::default(),
        table: options.dedupe.then(DuplicateTable::new).transpose()?,
        largest: BinaryHeap::new(),
    };
    let mut notices = Vec::new();
    let mut left_out = 0;
    let notice = |notice: Notice| match notice.kind {
        NoticeKind::LinkLoop => notices.push(notice),
        NoticeKind::SystemFile => left_out += 1,
    };
    for candidate in candidates(source, notice) {
        counter.add(&candidate)?;
    }
    counter.workload.left_out = left_out;
    for Notice { kind, path } in notices {
        let warnings = &mut counter.workload.warnings;
        warnings.add(kind.word().into(), kind.text(), &path);
    }
    counter.end()
}

struct WorkloadCounter<'a> {
    ledger: Option<&'a Reader>,
    options: &'a PlanOptions,
    now: Timestamp,
    workload: Workload,
    paths: SeenPaths,
    table: Option<DuplicateTable>,
    /// The largest files to upload, the least of them on top.
    largest: BinaryHeap<(Reverse<u64>, PathBuf)>,
}

impl WorkloadCounter<'_> {
    fn add(&mut self, candidate: &Candidate) -> Result<(), PlanError> {
        self.workload.rows += 1;
        let path = &candidate.path;
        // A row that names no file is no duplicate.
        let names_a_file = !path.as_os_str().is_empty();
        if names_a_file && let Some(refused) = self.paths.earlier(path) {
            self.workload.duplicate_rows += 1;
            self.workload.refused_duplicate_rows += u64::from(refused);
            return Ok(());
        }
        let version = inspect_candidate(candidate, &self.options.rules);
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
            Decision::Refuse(failure) => {
                let causes = &mut self.workload.refused;
                causes.add(failure.code.word(), &failure.text, path);
            }
            Decision::Skip => self.workload.confirmed.add(size(version, &stored_state)),
            Decision::Work => self.work(candidate, version, stored_state)?,
        }
        Ok(())
    }

    fn work(
        &mut self,
        candidate: &Candidate,
        version: Option<FileVersion>,
        stored_state: StoredState,
    ) -> Result<(), PlanError> {
        let (path, size) = (&candidate.path, size(version, &stored_state));
        let begin = StartPoint::of(stored_state, version, candidate.expected_sha256, self.now);
        self.workload.of(begin).add(size);
        self.workload.calls += begin.calls(self.options.via, self.confirms());
        let Some(version) = version.filter(|_| begin.sends()) else {
            return Ok(());
        };
        if self.options.preflight {
            for warning in preflight(path, version, self.now) {
                let warnings = &mut self.workload.warnings;
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

    fn end(mut self) -> Result<Workload, PlanError> {
        let confirms = self.confirms();
        // Before files are read to find duplicates: what was read comes from memory afterwards.
        let largest = self.largest.into_sorted_vec().into_iter();
        let largest: Vec<_> = largest.map(|(_, path)| path).collect();
        self.workload.speeds = disk::measure(&largest);
        if let Some(table) = self.table {
            let (duplicates, saved) = table.find(self.ledger, self.options.via, confirms)?;
            self.workload.duplicates = Some(duplicates);
            self.workload.calls -= saved;
        }
        Ok(self.workload)
    }

    fn confirms(&self) -> bool {
        self.options.poll_interval.is_some()
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
