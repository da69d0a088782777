//! The ledger by itself: what is written is read back.

mod open;
mod share;
mod survey;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Ledger, Reader};
use crate::ledger::types::{Admitted, Identity, LedgerError, Listing, RunId, Status, Written};
use crate::model::{Asset, AssetId, Fact, FileId, FileVersion, Pass, Reason, Sha256, StoredState};
use crate::source::{Candidate, Cells};

const SEEN: FileVersion = FileVersion {
    size: 5,
    mtime_ns: 7,
};

fn listing(no: u64, path: &str) -> Listing {
    let candidate = Candidate {
        path: PathBuf::from(path),
        name: None,
        expected_sha256: None,
        cells: Cells::encode([path.as_bytes()]),
        refusal: None,
    };
    Listing {
        no,
        candidate,
        version: Ok(SEEN),
    }
}

fn asset(id: &str) -> Asset {
    Asset {
        asset_id: AssetId::parse(id).unwrap(),
        url: crate::model::SignedUrl::parse("https://storage.example/?signature=s"),
        url_expires_at: Timestamp::from_second(4_000_000_000).unwrap(),
        version: SEEN,
        sha256: None,
        sent_at: None,
        shared: false,
    }
}

fn begin(ledger: &mut Ledger) -> RunId {
    let columns = Cells::encode([b"path".as_slice()]);
    ledger.begin_run(Path::new("/r.csv"), columns).unwrap().id
}

fn confirm(ledger: &mut Ledger, file: FileId, id: &str) {
    let asset_id = AssetId::parse(id).unwrap();
    let at = Timestamp::UNIX_EPOCH;
    ledger.apply(file, &Fact::Allotted(asset(id))).unwrap();
    let sent = Fact::Sent {
        asset_id: asset_id.clone(),
        sha256: Sha256([9; 32]),
        posts: 1,
        at,
    };
    ledger.apply(file, &sent).unwrap();
    ledger
        .apply(
            file,
            &Fact::Confirmed {
                asset_id,
                size_checked: true,
                at,
            },
        )
        .unwrap();
}

fn stored_state(ledger: &Ledger, run: RunId) -> StoredState {
    ledger
        .jobs(run, Pass::First, None, 1)
        .unwrap()
        .remove(0)
        .1
        .stored_state
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn ledger(&self) -> PathBuf {
        self.0.path().join("l.db")
    }
}

#[test]
fn a_file_stands_where_its_last_fact_left_it() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let run = begin(&mut ledger);
    assert_eq!(
        ledger.admit(run, &listing(0, "/a.mp4")).unwrap(),
        Admitted::Todo { bytes: 5 }
    );
    let (no, job) = ledger.jobs(run, Pass::First, None, 9).unwrap().remove(0);
    assert_eq!(
        (no, job.path, job.version),
        (0, PathBuf::from("/a.mp4"), Some(SEEN))
    );
    assert_eq!(job.stored_state, StoredState::New);

    ledger
        .apply(job.file, &Fact::Allotted(asset("re_1")))
        .unwrap();
    assert_eq!(
        stored_state(&ledger, run),
        StoredState::Allotted(asset("re_1"))
    );
    assert_eq!(
        ledger.jobs(run, Pass::First, None, 1).unwrap()[0].1.assets,
        1
    );
    let reason = Reason::ServiceFailed;
    let asset_id = AssetId::parse("re_1").unwrap();
    ledger
        .apply(job.file, &Fact::Abandoned { asset_id, reason })
        .unwrap();
    assert_eq!(stored_state(&ledger, run), StoredState::New);
    confirm(&mut ledger, job.file, "re_2");
    let row = ledger.row(run, 0).unwrap();
    assert_eq!(
        (row.status, row.asset_id.as_deref()),
        (Status::Success, Some("re_2"))
    );
}

#[test]
fn case_020_an_asset_id_belongs_to_one_file() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let run = begin(&mut ledger);
    for (no, path) in [(0, "/a.mp4"), (1, "/b.mp4")] {
        ledger.admit(run, &listing(no, path)).unwrap();
    }
    let jobs = ledger.jobs(run, Pass::First, None, 9).unwrap();
    let allotted = Fact::Allotted(asset("re_1"));
    assert_eq!(
        ledger.apply(jobs[0].1.file, &allotted).unwrap(),
        Written::Done
    );
    assert_eq!(
        ledger.apply(jobs[1].1.file, &allotted).unwrap(),
        Written::AssetIdTaken
    );
}

#[test]
fn case_102_a_run_has_its_own_rows_and_files_keep_their_history() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let first = begin(&mut ledger);
    ledger.admit(first, &listing(0, "/a.mp4")).unwrap();
    let file = ledger.jobs(first, Pass::First, None, 1).unwrap()[0].1.file;
    confirm(&mut ledger, file, "re_1");
    ledger.end_listing(first).unwrap();

    let second = begin(&mut ledger);
    assert_eq!(
        ledger.admit(second, &listing(0, "/new.mp4")).unwrap(),
        Admitted::Todo { bytes: 5 }
    );
    let skipped = ledger.admit(second, &listing(1, "/a.mp4")).unwrap();
    assert!(matches!(skipped, Admitted::Skipped { asset_id, .. } if asset_id.as_str() == "re_1"));
    assert_eq!(
        ledger.admit(second, &listing(2, "/a.mp4")).unwrap(),
        Admitted::Duplicate
    );
    assert_eq!(
        ledger.latest_run().unwrap().unwrap().id,
        first,
        "the second's list is not whole"
    );
    ledger.end_listing(second).unwrap();
    assert_eq!(ledger.latest_run().unwrap().unwrap().id, second);
    let rows = [0, 1, 2].map(|no| ledger.row(second, no).unwrap());
    assert_eq!(
        rows.clone().map(|row| row.status),
        [Status::NotStarted, Status::Success, Status::Success]
    );
    assert_eq!(rows[2].error_code.as_deref(), Some("duplicate_row"));
    assert!(ledger.row(first, 0).is_err());
}

#[test]
fn files_that_change_places_belong_to_their_first_rows() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let first = begin(&mut ledger);
    for (no, path) in (0..).zip(["/a.mp4", "/b.mp4"]) {
        ledger.admit(first, &listing(no, path)).unwrap();
    }
    let jobs = ledger.jobs(first, Pass::First, None, 9).unwrap();
    let files = [1, 0].map(|at: usize| jobs[at].1.file);
    for (file, id) in files.iter().zip(["re_b", "re_a"]) {
        confirm(&mut ledger, *file, id);
    }
    ledger.end_listing(first).unwrap();

    let second = begin(&mut ledger);
    let paths = ["/b.mp4", "/a.mp4", "/b.mp4", "/a.mp4"];
    let is_duplicate = [0, 1, 2, 3].map(|no: usize| {
        let row = listing(no as u64, paths[no]);
        ledger.admit(second, &row).unwrap() == Admitted::Duplicate
    });
    assert_eq!(is_duplicate, [false, false, true, true]);
    let rows = files.map(|file| ledger.rows_of(second, file).unwrap());
    assert_eq!(rows, [[0, 2], [1, 3]]);
}

#[test]
fn a_group_is_all_or_nothing() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let run = begin(&mut ledger);
    let broken = ledger.group(true, |ledger| {
        ledger.admit(run, &listing(0, "/a.mp4"))?;
        Err::<(), _>(LedgerError::panicked())
    });
    assert!(broken.is_err());
    assert_eq!(ledger.jobs(run, Pass::First, None, 9).unwrap().len(), 0);
}
