//! The rules of the ledger, checked against random histories: a model of the service that loses
//! answers, breaks connections, lags, fails and expires; files that change; kills at any step.

mod answers;
mod duplicate;
mod ledger;
mod service;

use jiff::Timestamp;
use proptest::prelude::*;
use service::Held;

use super::{End, Step, UploadMachine};
use crate::api::{Fault, StatusAnswer};
use crate::decision::{Decision, decide};
use crate::model::{Asset, AssetId, FileVersion, RowFailure, Sha256, StoredState, UploadStatus};
use crate::retry::RetryPolicy;

/// What the real worker could do wrong; the rules must notice each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mutant {
    None,
    NoCommitBeforeTheFirstByte,
    PostAgainWithoutPolling,
    NewUrlOnAnyError,
    RowBeforeConfirmation,
    DuplicateIgnored,
}

#[derive(Debug)]
struct World {
    random: fastrand::Rng,
    mutant: Mutant,
    faults: bool,
    clock: i64,
    version: u8,
    assets: Vec<Held>,
    stored_state: StoredState,
    /// How another file stands that had the same bytes from the start.
    duplicate: StoredState,
    /// Facts that a kill would lose, under the mutant that does not wait for them.
    floating: Option<StoredState>,
    row: Option<End>,
}

fn digest(version: u8) -> Sha256 {
    Sha256([version; 32])
}

impl World {
    fn new(seed: u64, mutant: Mutant) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            mutant,
            faults: true,
            clock: 1_000,
            version: 1,
            assets: Vec::new(),
            stored_state: StoredState::New,
            duplicate: StoredState::New,
            floating: None,
            row: None,
        }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.faults && self.random.u32(..100) < percent
    }

    fn now(&mut self) -> Timestamp {
        self.clock += 1;
        Timestamp::from_second(self.clock).unwrap()
    }

    fn version(&self) -> FileVersion {
        // Every other version has the size of the one before it, so that only the time differs.
        FileVersion {
            size: 100 + u64::from(self.version / 2),
            mtime_ns: i64::from(self.version),
        }
    }

    /// One process, from its start to its end or to a kill.
    fn run(&mut self) -> Result<Option<End>, String> {
        let decision = decide(
            &Ok::<_, RowFailure>(self.version()),
            &self.stored_state,
            None,
        );
        if decision == Decision::Skip {
            return Ok(Some(End::Confirmed));
        }
        let policy = RetryPolicy::default();
        let mut machine = UploadMachine::resume(
            self.stored_state.clone(),
            Some(self.version()),
            None,
            policy,
        );
        let mut opened = self.version();
        for _ in 0..500 {
            if self.chance(4) {
                return Ok(None);
            }
            let now = self.now();
            if let (Step::Sign | Step::Send(_), duplicate @ Some(_)) =
                (machine.step(), self.found())
            {
                machine.read_ahead(self.version(), digest(self.version), duplicate);
            }
            if let Step::End(end) = machine.step() {
                return Ok(Some(end.clone()));
            }
            self.take_step(&mut machine, &mut opened, now)?;
            self.check()?;
        }
        Err("the machine does not end".to_owned())
    }

    /// Does what the machine says, as the worker would; `opened` is the file as it was opened last.
    fn take_step(
        &mut self,
        machine: &mut UploadMachine,
        opened: &mut FileVersion,
        now: Timestamp,
    ) -> Result<(), String> {
        match machine.step() {
            Step::End(_) => {}
            Step::Record(fact) => {
                let fact = fact.clone();
                self.apply(&fact)?;
                machine.recorded();
            }
            Step::Pause(_) => machine.paused(),
            Step::Sign => {
                *opened = self.version();
                let answer = self.sign();
                machine.signed(answer, *opened, now);
            }
            Step::Send(fillable) => {
                let asset = fillable.asset.clone();
                *opened = self.version();
                if machine.opened(*opened).is_some() {
                    self.send(machine, &asset)?;
                }
            }
            Step::PollDoubtful { asset_id, .. } => {
                let id = asset_id.clone();
                let answer = self.poll_doubtful(&id);
                machine.polled(answer, Some(*opened), false, now);
            }
            Step::PollSent(asset) => {
                let id = asset.asset_id.clone();
                let answer = self.poll(&id);
                machine.polled(answer, Some(*opened), false, now);
            }
            Step::Hash => machine.hashed(Ok((self.version(), digest(self.version))), now),
        }
        Ok(())
    }

    fn poll_doubtful(&mut self, id: &AssetId) -> Result<StatusAnswer, Fault> {
        if self.mutant == Mutant::PostAgainWithoutPolling {
            return Ok(StatusAnswer::Found {
                status: UploadStatus::Waiting,
                file_size: None,
            });
        }
        self.poll(id)
    }

    fn send(&mut self, machine: &mut UploadMachine, asset: &Asset) -> Result<(), String> {
        let report = self.post(asset)?;
        let failed = report.result.is_err();
        // Killed when the bytes had left, before the answer was written down.
        let now = self.now();
        machine.sent(report, now);
        if failed && self.mutant == Mutant::NewUrlOnAnyError {
            *machine = UploadMachine::resume(
                StoredState::New,
                Some(self.version()),
                None,
                RetryPolicy::default(),
            );
        }
        Ok(())
    }

    /// A few processes that are killed, and changes to the file, then processes in peace.
    fn history(&mut self) -> Result<(), String> {
        for _ in 0..6 {
            self.floating = None;
            self.run()?;
            if self.random.u32(..100) < 15 {
                self.change();
            }
        }
        self.faults = false;
        for _ in 0..3 {
            self.row = None;
            let end = self.run()?;
            self.check()?;
            if end == Some(End::Confirmed) {
                return Ok(());
            }
        }
        Err(format!(
            "not confirmed in peace: {:?}, row {:?}",
            self.stored_state, self.row
        ))
    }

    /// Another program writes to the file: what was stored of it is outdated.
    fn change(&mut self) {
        self.version += 1;
        for held in &mut self.assets {
            held.excused |= held.bytes.is_some();
        }
    }
}

fn first_violation(mutant: Mutant, seeds: std::ops::Range<u64>) -> Option<(u64, String)> {
    seeds.into_iter().find_map(|seed| {
        World::new(seed, mutant)
            .with_duplicate()
            .history()
            .err()
            .map(|violation| (seed, violation))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn case_118_no_history_breaks_the_rules(seed in any::<u64>()) {
        prop_assert_eq!(World::new(seed, Mutant::None).history(), Ok(()));
    }

    #[test]
    fn case_085_no_history_stores_equal_files_twice(seed in any::<u64>()) {
        prop_assert_eq!(World::new(seed, Mutant::None).with_duplicate().history(), Ok(()));
    }
}

#[test]
fn every_mutant_is_caught() {
    for mutant in [
        Mutant::NoCommitBeforeTheFirstByte,
        Mutant::PostAgainWithoutPolling,
        Mutant::NewUrlOnAnyError,
        Mutant::RowBeforeConfirmation,
        Mutant::DuplicateIgnored,
    ] {
        assert!(
            first_violation(mutant, 0..2_000).is_some(),
            "{mutant:?} was not noticed"
        );
    }
    assert_eq!(first_violation(Mutant::None, 0..2_000), None);
}
