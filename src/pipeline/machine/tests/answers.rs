//! Every sequence of six answers that may all be wrong, and then the truth: what must hold whatever
//! storage and the service say. Where a file stands at the start is varied, too.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::{Fault, SendFault, SignedUpload, StatusAnswer};
use crate::model::{
    Asset, AssetId, Fact, FileVersion, Reason, Sha256, SignedUrl, StoredState, UploadStatus,
};
use crate::pipeline::machine::{End, SendReport, Step, UploadMachine};
use crate::retry::RetryPolicy;

/// Answers before the truth.
const LENGTH: u32 = 6;

/// True answers within which a run must end.
const MOST_TRUE_ANSWERS: u32 = 20;

/// True polls of an asset that counts as sent, after which the time is over.
const POLLS_IN_TIME: u32 = 5;

/// Runs, after the one that was lied to, within which the file must be confirmed.
const MOST_RUNS: u32 = 3;

const SIZE: u64 = 100;
const VERSION: FileVersion = FileVersion {
    size: SIZE,
    mtime_ns: 1,
};
const DIGEST: Sha256 = Sha256([7; 32]);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Storage's 2xx.
    Yes,
    /// Storage's 429 and 413, once the whole body had left.
    Limit,
    Refusal,
    Reset,
    Success,
    Uploading,
    Waiting,
    Failed,
    WrongSize,
    OddWord,
    Error,
}

use Answer::{
    Error, Failed, Limit, OddWord, Refusal, Reset, Success, Uploading, Waiting, WrongSize, Yes,
};

const OF_STORAGE: [Answer; 4] = [Yes, Limit, Refusal, Reset];
const OF_POLLS: [Answer; 7] = [
    Success, Uploading, Waiting, Failed, WrongSize, OddWord, Error,
];

/// What the machine could do wrong; the rules must notice each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    None,
    OddWordIsArrival,
    /// One answer of this kind is taken for two.
    OneIsEnough(Answer),
}

/// An asset at the service, and what was said of it.
#[derive(Debug, Clone)]
struct Kept {
    id: AssetId,
    bytes: bool,
    /// Bytes may have left for it, in this run or an earlier one.
    begun: bool,
    /// Since the last upload to it.
    said: Vec<Answer>,
    /// FAILED or a wrong size was said twice in a row, or WAITING where its URL is of no use: another
    /// asset may hold the bytes, too.
    excused: bool,
}

impl Kept {
    /// Whether this was said last and before, with nothing but errors in between.
    fn said_twice(&self, answer: Answer) -> bool {
        let mut said = self.said.iter().rev().filter(|said| **said != Error);
        said.next() == Some(&answer) && said.next() == Some(&answer)
    }
}

#[derive(Debug, Clone)]
struct Walk {
    machine: UploadMachine,
    stored: StoredState,
    assets: Vec<Kept>,
    mistake: Mistake,
    /// The time for confirmation is over from the start.
    late: bool,
}

#[derive(Debug, Default)]
struct Count {
    sequences: u32,
    answers: u32,
    violations: u32,
    first: Option<String>,
}

fn now() -> Timestamp {
    Timestamp::from_second(1_000).unwrap()
}

fn asset(number: usize) -> Asset {
    Asset {
        asset_id: AssetId::parse(&format!("re_{number}")).unwrap(),
        url: SignedUrl::parse("https://storage.example/x"),
        url_expires_at: Timestamp::MAX,
        version: VERSION,
        sha256: None,
        sent_at: None,
        shared: false,
    }
}

impl Walk {
    /// `bytes`: whether the asset that an earlier run left behind holds them.
    fn start(stored: StoredState, bytes: bool, late: bool, mistake: Mistake) -> Self {
        let id = match &stored {
            StoredState::New => None,
            StoredState::Allotted(asset)
            | StoredState::Sent(asset)
            | StoredState::Confirmed(asset) => Some(asset.asset_id.clone()),
        };
        let begun = true;
        let kept = id.map(|id| Kept {
            id,
            bytes,
            begun,
            said: Vec::new(),
            excused: false,
        });
        Self {
            machine: resumed(&stored),
            stored,
            assets: kept.into_iter().collect(),
            mistake,
            late,
        }
    }

    /// Goes on until an answer is needed, or to the end.
    fn advance(&mut self) -> Result<(), String> {
        loop {
            match self.machine.step() {
                Step::Record(fact) => {
                    let fact = fact.clone();
                    self.record(&fact)?;
                    self.machine.recorded();
                }
                Step::Pause(_) => self.machine.paused(),
                Step::Hash => self.machine.hashed(Ok((VERSION, DIGEST)), now()),
                Step::Sign => {
                    let Asset { asset_id, url, .. } = asset(self.assets.len());
                    self.assets.push(Kept {
                        id: asset_id.clone(),
                        bytes: false,
                        begun: false,
                        said: Vec::new(),
                        excused: false,
                    });
                    let signed = SignedUpload {
                        asset_id,
                        url: url.unwrap(),
                        expires_in: Duration::from_secs(3600),
                    };
                    self.machine.signed(Ok(signed), VERSION, now());
                }
                _ => return Ok(()),
            }
        }
    }

    /// The ledger: what it is told must be known.
    fn record(&mut self, fact: &Fact) -> Result<(), String> {
        let stored = std::mem::replace(&mut self.stored, StoredState::New);
        self.stored = match (fact, stored) {
            (Fact::Allotted(asset), _) => StoredState::Allotted(asset.clone()),
            (
                Fact::Sent { asset_id, .. },
                StoredState::Allotted(asset) | StoredState::Sent(asset),
            ) => {
                let kept = self.kept(asset_id);
                let last = kept.said.last().copied();
                if !matches!(last, Some(Yes | Success)) && !kept.said_twice(Uploading) {
                    return Err(format!("taken for sent after {:?}", kept.said));
                }
                StoredState::Sent(Asset {
                    sha256: Some(DIGEST),
                    sent_at: Some(now()),
                    ..asset
                })
            }
            (Fact::Confirmed { asset_id, .. }, StoredState::Sent(asset)) => {
                let kept = self.kept(asset_id);
                if kept.said.last() != Some(&Success) {
                    return Err(format!("success after {:?}", kept.said));
                }
                StoredState::Confirmed(asset)
            }
            (Fact::Abandoned { asset_id, reason }, _) => {
                let kept = self.kept(asset_id);
                let of_word = matches!(reason, Reason::ServiceFailed | Reason::SizeMismatch { .. });
                kept.excused |= !of_word && kept.said_twice(Waiting);
                if kept.begun && !kept.excused {
                    return Err(format!("given up ({reason}) after {:?}", kept.said));
                }
                StoredState::New
            }
            (Fact::Failed { .. } | Fact::Deferred { .. } | Fact::Pending { .. }, stored) => stored,
            (fact, stored) => return Err(format!("{fact:?} in {stored:?}")),
        };
        Ok(())
    }

    fn kept(&mut self, id: &AssetId) -> &mut Kept {
        self.assets.iter_mut().find(|kept| kept.id == *id).unwrap()
    }

    /// The end of an upload; `arrives`: the bytes are kept, whatever is said.
    fn send(&mut self, answer: Answer, arrives: bool) -> Result<(), String> {
        let Some(fillable) = self.machine.opened(VERSION) else {
            return Err("not to be sent".to_owned());
        };
        let id = fillable.asset.asset_id.clone();
        let kept = self.kept(&id);
        if kept.begun && !kept.said_twice(Waiting) {
            return Err(format!("sent again after {:?}", kept.said));
        }
        (kept.begun, kept.bytes) = (true, kept.bytes || arrives);
        kept.said = vec![answer];
        let fault = match answer {
            Limit => Fault::Throttled {
                retry_after: None,
                ambiguous: false,
            },
            Refusal => Fault::Rejected(413, String::new()),
            _ => Fault::Broken(String::new()),
        };
        let result = if answer == Yes {
            Ok(())
        } else {
            Err(SendFault::Refused(fault))
        };
        let report = SendReport {
            result,
            begun: true,
            digest: Some(DIGEST),
            body_fault: None,
        };
        self.machine.sent(report, now());
        let holding = self.assets.iter().filter(|kept| kept.bytes);
        if holding.filter(|kept| !kept.excused).count() > 1 {
            return Err(format!("stored twice: {:?}", self.assets));
        }
        Ok(())
    }

    fn poll(&mut self, answer: Answer, late: bool) {
        let (Step::PollDoubtful { asset_id: id, .. } | Step::PollSent(Asset { asset_id: id, .. })) =
            self.machine.step()
        else {
            return;
        };
        let id = id.clone();
        let kept = self.kept(&id);
        kept.said.push(answer);
        kept.excused |= kept.said_twice(Failed) || kept.said_twice(WrongSize);
        self.machine
            .polled(self.told(answer), Some(VERSION), late, now());
        let is_odd = answer == OddWord && self.mistake == Mistake::OddWordIsArrival;
        if is_odd || self.mistake == Mistake::OneIsEnough(answer) {
            self.machine
                .polled(self.told(answer), Some(VERSION), late, now());
        }
    }

    /// The answer as the machine receives it.
    fn told(&self, answer: Answer) -> Result<StatusAnswer, Fault> {
        let word = match answer {
            Waiting => "WAITING",
            Uploading => "UPLOADING",
            Failed => "FAILED",
            OddWord if self.mistake == Mistake::OddWordIsArrival => "UPLOADING",
            OddWord => "PROCESSING",
            Error => return Err(Fault::Timeout(String::new())),
            _ => "SUCCESS",
        };
        let size = if answer == WrongSize { SIZE - 1 } else { SIZE };
        Ok(StatusAnswer::Found {
            status: UploadStatus::parse(word),
            file_size: Some(size),
        })
    }

    /// From now on storage takes what it is sent, and polls are answered by what is there.
    fn end_in_truth(&mut self, count: &mut Count) -> Result<(), String> {
        for run in 0..=MOST_RUNS {
            if run > 0 {
                self.machine = resumed(&self.stored);
            }
            if self.run_in_truth(count)? == End::Confirmed {
                return Ok(());
            }
        }
        Err(format!("never confirmed: {:?}", self.stored))
    }

    fn run_in_truth(&mut self, count: &mut Count) -> Result<End, String> {
        let mut polls = 0;
        for _ in 0..MOST_TRUE_ANSWERS {
            self.advance()?;
            count.answers += 1;
            match self.machine.step() {
                Step::End(end) => return Ok(end.clone()),
                Step::Send(_) => self.send(Yes, true)?,
                Step::PollDoubtful { asset_id, .. } => {
                    let answer = self.truth(asset_id);
                    self.poll(answer, false);
                }
                Step::PollSent(asset) => {
                    let answer = self.truth(&asset.asset_id);
                    polls += 1;
                    self.poll(answer, polls > POLLS_IN_TIME);
                }
                step => return Err(format!("{step:?} needs no answer")),
            }
        }
        Err(format!("stuck: {:?}", self.machine))
    }

    fn truth(&self, id: &AssetId) -> Answer {
        let holds = self.assets.iter().any(|kept| kept.id == *id && kept.bytes);
        if holds { Success } else { Waiting }
    }

    /// All sequences of `left` more answers.
    fn explore(mut self, left: u32, count: &mut Count) {
        if let Err(violation) = self.advance() {
            return count.violation(violation);
        }
        let at_send = match self.machine.step() {
            Step::End(_) => None,
            Step::Send(_) => Some(true),
            _ => Some(false),
        };
        match at_send.filter(|_| left > 0) {
            None => {
                count.sequences += 1;
                if let Err(violation) = self.end_in_truth(count) {
                    count.violation(violation);
                }
            }
            Some(true) => {
                for (answer, arrives) in OF_STORAGE
                    .iter()
                    .flat_map(|answer| [(*answer, true), (*answer, false)])
                {
                    let mut next = self.clone();
                    match next.send(answer, arrives) {
                        Ok(()) => next.explore(left - 1, count),
                        Err(violation) => count.violation(violation),
                    }
                }
            }
            Some(false) => {
                for answer in OF_POLLS {
                    let mut next = self.clone();
                    next.poll(answer, self.late);
                    next.explore(left - 1, count);
                }
            }
        }
    }
}

impl Count {
    fn violation(&mut self, violation: String) {
        self.violations += 1;
        self.first.get_or_insert(violation);
    }
}

fn resumed(stored: &StoredState) -> UploadMachine {
    UploadMachine::resume(stored.clone(), Some(VERSION), None, RetryPolicy::default())
}

fn sent() -> Asset {
    Asset {
        sha256: Some(DIGEST),
        sent_at: Some(now()),
        ..asset(0)
    }
}

fn of_no_use(asset: Asset) -> Asset {
    let url_expires_at = now();
    Asset {
        url_expires_at,
        ..asset
    }
}

fn explored(stored: StoredState, bytes: bool, late: bool, mistake: Mistake) -> Count {
    let mut count = Count::default();
    Walk::start(stored, bytes, late, mistake).explore(LENGTH, &mut count);
    count
}

/// `stored`, with an asset that holds the bytes or not, leads to no violation.
fn holds_to_the_rules(stored: &StoredState, late: bool) {
    for bytes in [true, false] {
        let count = explored(stored.clone(), bytes, late, Mistake::None);
        assert_eq!(
            (count.violations, count.first.as_deref()),
            (0, None),
            "of {} sequences",
            count.sequences
        );
        assert!(count.sequences > 1_000, "{count:?}");
    }
}

#[test]
fn case_165_no_sequence_of_six_answers_about_a_new_file_breaks_the_rules() {
    holds_to_the_rules(&StoredState::New, false);
}

#[test]
fn case_165_no_sequence_of_six_answers_about_a_begun_file_breaks_the_rules() {
    holds_to_the_rules(&StoredState::Allotted(asset(0)), false);
    holds_to_the_rules(&StoredState::Allotted(of_no_use(asset(0))), false);
}

#[test]
fn case_165_no_sequence_of_six_answers_about_a_sent_file_breaks_the_rules() {
    for late in [false, true] {
        holds_to_the_rules(&StoredState::Sent(sent()), late);
        holds_to_the_rules(&StoredState::Sent(of_no_use(sent())), late);
    }
}

#[test]
fn case_165_rules_that_are_broken_are_noticed() {
    let once = Mistake::OneIsEnough;
    for mistake in [
        Mistake::OddWordIsArrival,
        once(Failed),
        once(WrongSize),
        once(Waiting),
        once(Uploading),
    ] {
        let found = explored(StoredState::New, false, false, mistake);
        assert!(found.violations > 0, "{mistake:?} was not noticed");
    }
}
