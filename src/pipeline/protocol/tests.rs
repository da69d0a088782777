//! The rules of the ledger, held against random histories: a model of the service that loses
//! answers, breaks connections, lags, fails and expires; files that change; kills at any step.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::{End, Fact, Protocol, Reason, SendReport, Step};
use crate::api::{Allotment, Fault, Look, SendFault};
use crate::asset::{AssetId, Sha256, UploadStatus};
use crate::error::Refusal;
use crate::plan::{Asset, Decision, Seen, Standing, decide};
use crate::retry::RetryPolicy;
use crate::secret::SignedUrl;

/// What the real driver could do wrong; the rules must notice each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mutant {
    None,
    NoCommitBeforeTheFirstByte,
    PostAgainWithoutLooking,
    NewUrlOnAnyError,
    RowBeforeConfirmation,
    TwinIgnored,
}

/// An asset as the service holds it.
#[derive(Debug, Clone)]
struct Held {
    id: AssetId,
    status: UploadStatus,
    /// The version of the file that arrived, and how much of it.
    bytes: Option<(u8, u64)>,
    expires: i64,
    lag: u32,
    /// It counts against the file: not called FAILED, of the right size, of this version.
    excused: bool,
}

#[derive(Debug)]
struct World {
    random: fastrand::Rng,
    mutant: Mutant,
    faults: bool,
    clock: i64,
    version: u8,
    assets: Vec<Held>,
    standing: Standing,
    /// How another file stands that had the same bytes from the start.
    twin: Standing,
    /// Facts that a kill would lose, under the mutant that does not wait for them.
    floating: Option<Standing>,
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
            standing: Standing::New,
            twin: Standing::New,
            floating: None,
            row: None,
        }
    }

    /// Somebody has begun, sent or confirmed another file of the same bytes.
    fn with_twin(mut self) -> Self {
        let stage = self.random.u32(..4);
        let Some(mut asset) = self.allotted() else {
            return self;
        };
        if stage > 1 {
            (asset.sha256, asset.sent_at) = (Some(digest(1)), Some(self.now()));
        }
        // The file itself may have been begun before the two had the same bytes.
        if let (2.., Some(own)) = (stage, self.allotted().filter(|_| self.random.bool())) {
            self.standing = Standing::Allotted(own);
        }
        // A begun asset may hold the bytes or not; what was sent may be called FAILED.
        let fails = stage < 3 && self.chance(10);
        let held = self.held(&asset.asset_id);
        if stage > 0 {
            held.bytes = Some((1, asset.seen.size));
            held.excused = fails;
            held.status = match (stage, fails) {
                (3, _) => UploadStatus::Success,
                (_, true) => UploadStatus::Failed,
                _ => UploadStatus::Uploading,
            };
        }
        self.twin = match stage {
            0 | 1 => Standing::Allotted(asset),
            2 => Standing::Sent(asset),
            _ => Standing::Confirmed(asset),
        };
        self
    }

    fn allotted(&mut self) -> Option<Asset> {
        let allotment = self.sign().ok()?;
        Some(Asset {
            asset_id: allotment.asset_id,
            url: Some(allotment.url),
            url_expires_at: self.now() + allotment.expires_in,
            seen: self.seen(),
            sha256: None,
            sent_at: None,
            shared: false,
        })
    }

    /// What the driver finds before it signs or sends.
    fn found(&self) -> Option<Standing> {
        let same = self.version == 1 && self.mutant != Mutant::TwinIgnored;
        same.then(|| self.twin.clone())
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.faults && self.random.u32(..100) < percent
    }

    fn now(&mut self) -> Timestamp {
        self.clock += 1;
        Timestamp::from_second(self.clock).unwrap()
    }

    fn seen(&self) -> Seen {
        // Every other version has the size of the one before it, so that only the time tells.
        Seen {
            size: 100 + u64::from(self.version / 2),
            mtime_ns: i64::from(self.version),
        }
    }

    fn held(&mut self, id: &AssetId) -> &mut Held {
        self.assets.iter_mut().find(|held| held.id == *id).unwrap()
    }

    fn sign(&mut self) -> Result<Allotment, Fault> {
        if self.chance(10) {
            return Err(Fault::Server(503, String::new()));
        }
        let id = AssetId::parse(&format!("re_{}", self.assets.len())).unwrap();
        let lifetime = if self.chance(15) { 3 } else { 100_000 };
        self.assets.push(Held {
            id: id.clone(),
            status: UploadStatus::Waiting,
            bytes: None,
            expires: self.clock + lifetime,
            lag: 0,
            excused: false,
        });
        if self.chance(10) {
            return Err(Fault::Broken("answer lost".to_owned()));
        }
        Ok(Allotment {
            asset_id: id,
            url: SignedUrl::parse("https://storage.example/x").unwrap(),
            expires_in: Duration::from_secs(u64::try_from(lifetime).unwrap()),
        })
    }

    /// The bytes of the file arrive whole, unless something happens on the way.
    fn post(&mut self, asset: &Asset) -> Result<SendReport, String> {
        let report = |result, digest| SendReport {
            result,
            begun: true,
            digest,
            body_fault: None,
        };
        if !self.knows(&asset.asset_id) {
            return Err(format!(
                "bytes left for {} before it was written down",
                asset.asset_id
            ));
        }
        if self.held(&asset.asset_id).bytes.is_some() {
            return Err(format!(
                "{} was sent to again although it holds bytes",
                asset.asset_id
            ));
        }
        if self.clock > self.held(&asset.asset_id).expires {
            let denied = SendFault::Denied {
                expired: true,
                text: "expired".to_owned(),
            };
            return Ok(report(Err(denied), None));
        }
        if self.chance(15) {
            return Ok(report(
                Err(SendFault::Refused(Fault::Broken(String::new()))),
                None,
            ));
        }
        let (version, size, cut) = (self.version, self.seen().size, self.chance(5));
        let (fails, lag) = (self.chance(10), self.random.u32(..4));
        let held = self.held(&asset.asset_id);
        held.bytes = Some((version, if cut { size - 1 } else { size }));
        held.status = if fails {
            UploadStatus::Failed
        } else {
            UploadStatus::Uploading
        };
        held.lag = lag;
        held.excused = fails || cut;
        let lost = [
            Fault::Broken(String::new()),
            Fault::Server(500, String::new()),
        ];
        if self.chance(20) {
            let fault = lost[self.random.usize(..2)].clone();
            return Ok(report(
                Err(SendFault::Refused(fault)),
                Some(digest(version)),
            ));
        }
        Ok(report(Ok(()), Some(digest(version))))
    }

    fn look(&mut self, id: &AssetId) -> Result<Look, Fault> {
        if self.chance(10) {
            return Err(Fault::Timeout(String::new()));
        }
        if self.chance(10) {
            return Ok(Look::Absent);
        }
        let held = self.held(id);
        if held.lag > 0 && held.bytes.is_some() {
            held.lag -= 1;
        } else if held.status == UploadStatus::Uploading {
            held.status = UploadStatus::Success;
        }
        let status = held.status.clone();
        Ok(Look::Found {
            status,
            file_size: held.bytes.map(|(_, size)| size),
        })
    }

    fn knows(&self, id: &AssetId) -> bool {
        match &self.standing {
            Standing::Allotted(a) | Standing::Sent(a) | Standing::Confirmed(a) => a.asset_id == *id,
            Standing::New => false,
        }
    }

    /// Writes a fact down, as the ledger does.
    fn apply(&mut self, fact: &Fact) -> Result<(), String> {
        let next = match (fact, self.standing.clone()) {
            (Fact::Allotted(asset), _) => Standing::Allotted(asset.clone()),
            (Fact::Seen { seen, .. }, Standing::Allotted(a)) => {
                Standing::Allotted(Asset { seen: *seen, ..a })
            }
            (Fact::Seen { seen, .. }, Standing::Sent(a)) => {
                Standing::Sent(Asset { seen: *seen, ..a })
            }
            (Fact::Seen { seen, .. }, Standing::Confirmed(a)) => {
                Standing::Confirmed(Asset { seen: *seen, ..a })
            }
            (Fact::Sent { sha256, at, .. }, Standing::Allotted(a) | Standing::Sent(a)) => {
                Standing::Sent(Asset {
                    sha256: Some(*sha256),
                    sent_at: Some(*at),
                    ..a
                })
            }
            (Fact::Confirmed { .. }, Standing::Sent(a)) => Standing::Confirmed(a),
            (Fact::Shared { seen, .. }, Standing::New) => {
                let with = |asset: &Asset| Asset {
                    seen: *seen,
                    shared: true,
                    ..asset.clone()
                };
                match &self.twin {
                    Standing::Sent(asset) => Standing::Sent(with(asset)),
                    Standing::Confirmed(asset) => Standing::Confirmed(with(asset)),
                    twin => return Err(format!("{fact:?} of {twin:?}")),
                }
            }
            (Fact::TakenOver { .. }, Standing::New) => {
                std::mem::replace(&mut self.twin, Standing::New)
            }
            (Fact::Abandoned { asset_id, reason }, _) => {
                let twins = matches!(&self.twin, Standing::Sent(a) | Standing::Confirmed(a) if a.asset_id == *asset_id);
                if twins && *reason != Reason::Superseded {
                    self.twin = Standing::New;
                }
                self.abandoned(&asset_id.clone(), reason)?;
                Standing::New
            }
            (Fact::Failed { .. } | Fact::Deferred { .. }, standing) => {
                self.row = Some(End::Failed);
                standing
            }
            (Fact::Pending { .. }, standing) => standing,
            (fact, standing) => return Err(format!("{fact:?} in {standing:?}")),
        };
        if self.mutant == Mutant::NoCommitBeforeTheFirstByte && matches!(fact, Fact::Allotted(_)) {
            self.floating = Some(next);
            return Ok(());
        }
        self.standing = next;
        let sent_is_enough = self.mutant == Mutant::RowBeforeConfirmation;
        match fact {
            Fact::Confirmed { asset_id, .. }
            | Fact::Shared {
                asset_id,
                confirmed: true,
                ..
            } => self.success(asset_id),
            Fact::Sent { asset_id, .. } if sent_is_enough => self.success(asset_id),
            _ => Ok(()),
        }
    }

    /// Only what is of no use may be given up.
    fn abandoned(&mut self, id: &AssetId, reason: &Reason) -> Result<(), String> {
        let version = self.version;
        let held = self.held(id);
        let useful = held.bytes.is_some_and(|(bytes, _)| bytes == version) && !held.excused;
        held.excused |= *reason == Reason::Superseded;
        if useful {
            Err(format!("{id} was given up ({reason}) although it is good"))
        } else {
            Ok(())
        }
    }

    /// A row says success: the service must agree, and the digest must be that of its bytes.
    fn success(&mut self, id: &AssetId) -> Result<(), String> {
        self.row = Some(End::Confirmed);
        let sha256 = match &self.standing {
            Standing::Sent(asset) | Standing::Confirmed(asset) => asset.sha256,
            _ => None,
        };
        let held = self.held(id);
        if held.status != UploadStatus::Success {
            return Err(format!(
                "{id} reported as success while it is {:?}",
                held.status
            ));
        }
        let held = held.bytes.map(|(version, _)| digest(version));
        if held == sha256 {
            Ok(())
        } else {
            Err(format!("{id}: digest of other bytes"))
        }
    }

    /// No file has two assets with bytes, save those that are of no use.
    fn check(&self) -> Result<(), String> {
        let with_bytes = |held: &&Held| held.bytes.is_some() && !held.excused;
        let stored: Vec<_> = self.assets.iter().filter(with_bytes).collect();
        if stored.len() > 1 {
            Err(format!("stored twice: {stored:?}"))
        } else {
            Ok(())
        }
    }

    /// One process, from its start to its end or to a kill.
    fn live(&mut self) -> Result<Option<End>, String> {
        let decision = decide(&Ok::<_, Refusal>(self.seen()), &self.standing, None);
        if decision == Decision::Skip {
            return Ok(Some(End::Confirmed));
        }
        let policy = RetryPolicy::default();
        let mut way = Protocol::resume(self.standing.clone(), Some(self.seen()), None, policy);
        let mut opened = self.seen();
        for _ in 0..500 {
            if self.chance(4) {
                return Ok(None);
            }
            let now = self.now();
            if let (Step::Sign | Step::Send(_), twin @ Some(_)) = (way.step(), self.found()) {
                way.read_ahead(self.seen(), digest(self.version), twin);
            }
            match way.step() {
                Step::End(end) => return Ok(Some(end.clone())),
                Step::Record(fact) => {
                    let fact = fact.clone();
                    self.apply(&fact)?;
                    way.recorded();
                }
                Step::Rest(_) => way.rested(),
                Step::Sign => {
                    opened = self.seen();
                    let answer = self.sign();
                    way.signed(answer, opened, now);
                }
                Step::Send(asset) => {
                    let asset = asset.clone();
                    opened = self.seen();
                    if way.opened(opened) {
                        self.send(&mut way, &asset)?;
                    }
                }
                Step::Resolve(id, _) => {
                    let id = id.clone();
                    let answer = if self.mutant == Mutant::PostAgainWithoutLooking {
                        Ok(Look::Found {
                            status: UploadStatus::Waiting,
                            file_size: None,
                        })
                    } else {
                        self.look(&id)
                    };
                    way.looked(answer, Some(opened), false, now);
                }
                Step::Confirm(asset) => {
                    let id = asset.asset_id.clone();
                    let answer = self.look(&id);
                    way.looked(answer, Some(opened), false, now);
                }
                Step::Hash => way.hashed(Ok((self.seen(), digest(self.version))), now),
            }
            self.check()?;
        }
        Err("the way does not end".to_owned())
    }

    fn send(&mut self, way: &mut Protocol, asset: &Asset) -> Result<(), String> {
        let report = self.post(asset)?;
        let failed = report.result.is_err();
        // Killed when the bytes had left, before the answer was written down.
        let now = self.now();
        way.sent(report, now);
        if failed && self.mutant == Mutant::NewUrlOnAnyError {
            *way = Protocol::resume(
                Standing::New,
                Some(self.seen()),
                None,
                RetryPolicy::default(),
            );
        }
        Ok(())
    }

    /// A life of kills and changes, then one in peace.
    fn history(&mut self) -> Result<(), String> {
        for _ in 0..6 {
            self.floating = None;
            self.live()?;
            if self.random.u32(..100) < 15 {
                self.change();
            }
        }
        self.faults = false;
        for _ in 0..3 {
            self.row = None;
            let end = self.live()?;
            self.check()?;
            if end == Some(End::Confirmed) {
                return Ok(());
            }
        }
        Err(format!(
            "not confirmed in peace: {:?}, row {:?}",
            self.standing, self.row
        ))
    }

    /// Somebody writes to the file: what was stored of it is not it any more.
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
            .with_twin()
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
        prop_assert_eq!(World::new(seed, Mutant::None).with_twin().history(), Ok(()));
    }
}

#[test]
fn every_mutant_is_caught() {
    for mutant in [
        Mutant::NoCommitBeforeTheFirstByte,
        Mutant::PostAgainWithoutLooking,
        Mutant::NewUrlOnAnyError,
        Mutant::RowBeforeConfirmation,
        Mutant::TwinIgnored,
    ] {
        assert!(
            first_violation(mutant, 0..2_000).is_some(),
            "{mutant:?} was not noticed"
        );
    }
    assert_eq!(first_violation(Mutant::None, 0..2_000), None);
}
