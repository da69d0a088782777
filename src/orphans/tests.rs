//! The clean-up against a service that refuses, loses answers and goes away, on a paused clock.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Mutex;

use jiff::Timestamp;
use tokio::time::Duration;

use super::*;
use crate::api::{AccountFault, SendFault, SignedUpload};
use crate::body::FileBody;
use crate::ledger::{Durability, Listing, Op};
use crate::model::{Asset, ErrorCode, Fact, FileId, FileVersion, Reason, SignedUrl, UploadStatus};
use crate::recorder::admissions;
use crate::source::{Candidate, Cells};

/// Holds every asset it is asked about, save those in `unknown`, and answers *delete* as it is scripted,
/// with yes at last.
#[derive(Debug, Default)]
struct Scripted {
    answers: Mutex<HashMap<&'static str, VecDeque<Fault>>>,
    unknown: Vec<&'static str>,
}

impl Scripted {
    fn new(answers: impl IntoIterator<Item = (&'static str, Vec<Fault>)>) -> Self {
        let answers = answers.into_iter();
        let answers = answers.map(|(id, faults)| (id, faults.into()));
        Self {
            answers: Mutex::new(answers.collect()),
            unknown: Vec::new(),
        }
    }
}

impl Service for Scripted {
    async fn sign(&self, _: &str) -> Result<SignedUpload, Fault> {
        Err(Fault::Cancelled)
    }

    async fn send(&self, _: &SignedUrl, _: FileBody) -> Result<(), SendFault> {
        Err(SendFault::Aborted)
    }

    async fn status(&self, asset_id: &AssetId) -> Result<StatusAnswer, Fault> {
        if self.unknown.contains(&asset_id.as_str()) {
            return Ok(StatusAnswer::Absent);
        }
        Ok(StatusAnswer::Found {
            status: UploadStatus::Failed,
            file_size: None,
        })
    }

    async fn direct(&self, _: FileBody) -> Result<AssetId, SendFault> {
        Err(SendFault::Aborted)
    }

    async fn delete(&self, asset_id: &AssetId) -> Result<(), Fault> {
        let mut answers = self.answers.lock().unwrap();
        let next = answers.get_mut(asset_id.as_str());
        next.and_then(VecDeque::pop_front).map_or(Ok(()), Err)
    }

    async fn download(&self, _: &AssetId, _: &mut (dyn FnMut(&[u8]) + Send)) -> Result<u64, Fault> {
        Err(Fault::Cancelled)
    }
}

struct Job(tempfile::TempDir);

impl Job {
    /// A ledger with three assets that were given up: `re_0`, `re_1`, `re_2`.
    fn new() -> Self {
        let job = Self(tempfile::tempdir().unwrap());
        let mut ledger = Ledger::open(&job.path()).unwrap();
        let run = ledger.begin_run(Path::new("/r.csv"), Cells::encode([b"path".as_slice()]));
        let run = run.unwrap();
        let version = FileVersion {
            size: 2_000_000_000,
            mtime_ns: 0,
        };
        let mut ops = Vec::new();
        for no in 0..3 {
            let path = format!("/{no}.mp4");
            let candidate = Candidate {
                path: PathBuf::from(&path),
                name: None,
                expected_sha256: None,
                cells: Cells::encode([path.as_bytes()]),
                failure: None,
            };
            let version = Ok(version);
            let listing = Listing {
                no,
                candidate,
                version,
            };
            let (run, listings) = (run.id, vec![listing]);
            let rows = admissions(&ledger, run, listings).unwrap();
            ops.push(Op::Admit { run, rows });
        }
        for no in 0..3 {
            let file = FileId(no + 1);
            let asset_id = AssetId::parse(&format!("re_{no}")).unwrap();
            let asset = Asset {
                asset_id: asset_id.clone(),
                url: None,
                url_expires_at: Timestamp::UNIX_EPOCH,
                version,
                sha256: None,
                sent_at: None,
                shared: false,
            };
            let reason = Reason::ServiceFailed;
            for fact in [Fact::Allotted(asset), Fact::Abandoned { asset_id, reason }] {
                ops.push(Op::Apply { file, fact });
            }
        }
        ledger.commit(Durability::Synced, &ops).unwrap();
        job
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("l.db")
    }

    async fn clean(&self, service: Scripted) -> (Cleaned, Vec<(String, Deletion)>) {
        let identity = identity("00000000");
        let opened = Cleanup::open(&self.path(), service, &identity, 1.0, Shutdown::new()).await;
        let mut deletions = Vec::new();
        let deleting = opened.unwrap().delete(|orphan, deletion| {
            deletions.push((orphan.asset_id.to_string(), deletion.clone()));
        });
        (deleting.await.unwrap(), deletions)
    }

    fn left(&self) -> Vec<String> {
        let mut left = Vec::new();
        let ledger = Reader::open(&self.path()).unwrap();
        let each = ledger.each_orphan(|orphan| {
            left.push(orphan.asset_id.to_string());
            Ok::<_, LedgerError>(())
        });
        each.unwrap();
        left
    }
}

fn identity(account: &str) -> Identity {
    Identity {
        base_url: "https://service.example".to_owned(),
        account: account.to_owned(),
    }
}

fn broken() -> Fault {
    Fault::Broken("service.example: reset by peer".to_owned())
}

#[tokio::test(start_paused = true)]
async fn deletions_are_a_second_apart_and_lost_answers_are_asked_for_again() {
    let job = Job::new();
    let start = tokio::time::Instant::now();
    let (cleaned, deletions) = job
        .clean(Scripted::new([("re_1", vec![broken(), broken()])]))
        .await;
    assert!(start.elapsed() >= Duration::from_secs(4), "five calls");
    assert_eq!((cleaned.gone.assets, cleaned.failed), (3, 0));
    assert!((cleaned.gone.dollars_a_day() - 0.006).abs() < 1e-12);
    assert!(
        deletions
            .iter()
            .all(|(_, deletion)| *deletion == Deletion::Deleted)
    );
    assert_eq!(job.left(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn case_001_a_throttle_answer_is_waited_out() {
    let job = Job::new();
    let throttled = Fault::Throttled {
        retry_after: None,
        ambiguous: false,
    };
    let (cleaned, _) = job
        .clean(Scripted::new([(
            "re_0",
            vec![throttled.clone(), throttled],
        )]))
        .await;
    assert_eq!((cleaned.cause, cleaned.gone.assets), (None, 3));
    assert_eq!(job.left(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_the_service_will_not_delete_is_named_and_stays() {
    let job = Job::new();
    let no = Fault::Rejected(400, "this asset is locked".to_owned());
    let gone = Fault::Api("0003".to_owned(), "the asset does not exist".to_owned());
    let mut service = Scripted::new([("re_0", vec![no]), ("re_2", vec![broken(), gone])]);
    service.unknown.push("re_2");
    let (cleaned, deletions) = job.clean(service).await;
    assert_eq!((cleaned.gone.assets, cleaned.failed), (2, 1));
    let failure = RowFailure::new(ErrorCode::BadRequest, "this asset is locked");
    let expected = [
        ("re_0".to_owned(), Deletion::Failed(failure)),
        ("re_1".to_owned(), Deletion::Deleted),
        ("re_2".to_owned(), Deletion::Unknown),
    ];
    assert_eq!(deletions, expected);
    assert_eq!(job.left(), ["re_0"]);
}

#[tokio::test(start_paused = true)]
async fn the_account_and_an_outage_end_it_and_the_rest_stays() {
    let account = Fault::Account(AccountFault::OutOfCredits);
    let ends = [
        (
            vec![account],
            StopCause::Account(AccountFault::OutOfCredits),
        ),
        (
            vec![broken(); 8],
            StopCause::Outage("service.example: reset by peer".to_owned()),
        ),
    ];
    for (faults, cause) in ends {
        let job = Job::new();
        let (cleaned, deletions) = job.clean(Scripted::new([("re_1", faults)])).await;
        assert_eq!((cleaned.cause, deletions.len()), (Some(cause), 1));
        assert_eq!(job.left(), ["re_1", "re_2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn case_110_another_key_cleans_only_where_the_account_is_proven_the_same() {
    let job = Job::new();
    let mut ledger = Ledger::open(&job.path()).unwrap();
    ledger.identify(&identity("00000000"), false).unwrap();
    drop(ledger);
    let other = identity("11111111");
    let opened = Cleanup::open(
        &job.path(),
        Scripted::default(),
        &other,
        1.0,
        Shutdown::new(),
    )
    .await;
    assert!(matches!(opened, Err(CleanupError::NotOurs { .. })));
    assert_eq!(job.left().len(), 3);
}
