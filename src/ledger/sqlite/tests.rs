//! The ledger by itself: what is written is read back.

mod open;
mod share;
mod survey;
mod versions;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Ledger, Reader};
use crate::ledger::types::{
    Admission, Durability, Identity, LedgerError, Listing, Op, Reply, ReportRow, RunId, Status,
    Written,
};
use crate::model::{Asset, AssetId, Fact, FileId, FileVersion, Pass, Reason, Sha256, StoredState};
use crate::recorder::admissions;
use crate::source::Cells;

const SEEN: FileVersion = FileVersion {
    size: 5,
    mtime_ns: 7,
};

fn listing(no: u64, path: &str) -> Listing {
    Listing::of(no, path, SEEN)
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

fn commit(ledger: &mut Ledger, op: Op) -> Reply {
    ledger.commit(Durability::Synced, &[op]).unwrap().remove(0)
}

fn admit(ledger: &mut Ledger, run: RunId, listing: Listing) -> Admission {
    let rows = admissions(ledger, run, vec![listing]).unwrap();
    let admission = rows[0].admission.clone();
    commit(ledger, Op::Admit { run, rows });
    admission
}

fn apply(ledger: &mut Ledger, file: FileId, fact: &Fact) -> Written {
    let fact = fact.clone();
    match commit(ledger, Op::Apply { file, fact }) {
        Reply::Written(written) => written,
        other => panic!("{other:?}"),
    }
}

fn row(ledger: &Ledger, run: RunId, no: u64) -> ReportRow {
    ledger.report_rows(run, &[no]).unwrap().remove(0)
}

fn begin(ledger: &mut Ledger) -> RunId {
    let columns = Cells::encode([b"path".as_slice()]);
    ledger.begin_run(Path::new("/r.csv"), columns).unwrap().id
}

fn confirm(ledger: &mut Ledger, file: FileId, id: &str) {
    let asset_id = AssetId::parse(id).unwrap();
    let at = Timestamp::UNIX_EPOCH;
    apply(ledger, file, &Fact::Allotted(asset(id)));
    let sent = Fact::Sent {
        asset_id: asset_id.clone(),
        sha256: Sha256([9; 32]),
        posts: 1,
        at,
    };
    apply(ledger, file, &sent);
    apply(
        ledger,
        file,
        &Fact::Confirmed {
            asset_id,
            size_checked: true,
            at,
        },
    );
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
        admit(&mut ledger, run, listing(0, "/a.mp4")),
        Admission::Todo { bytes: 5 }
    );
    let (no, job) = ledger.jobs(run, Pass::First, None, 9).unwrap().remove(0);
    assert_eq!(
        (no, job.path, job.version),
        (0, PathBuf::from("/a.mp4"), Some(SEEN))
    );
    assert_eq!(job.stored_state, StoredState::New);

    apply(&mut ledger, job.file, &Fact::Allotted(asset("re_1")));
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
    apply(&mut ledger, job.file, &Fact::Abandoned { asset_id, reason });
    assert_eq!(stored_state(&ledger, run), StoredState::New);
    confirm(&mut ledger, job.file, "re_2");
    let row = row(&ledger, run, 0);
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
        admit(&mut ledger, run, listing(no, path));
    }
    let jobs = ledger.jobs(run, Pass::First, None, 9).unwrap();
    let allotted = Fact::Allotted(asset("re_1"));
    assert_eq!(apply(&mut ledger, jobs[0].1.file, &allotted), Written::Done);
    assert_eq!(
        apply(&mut ledger, jobs[1].1.file, &allotted),
        Written::AssetIdTaken
    );
}

#[test]
fn case_102_a_run_has_its_own_rows_and_files_keep_their_history() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let first = begin(&mut ledger);
    admit(&mut ledger, first, listing(0, "/a.mp4"));
    let file = ledger.jobs(first, Pass::First, None, 1).unwrap()[0].1.file;
    confirm(&mut ledger, file, "re_1");
    commit(&mut ledger, Op::EndListing(first));

    let second = begin(&mut ledger);
    assert_eq!(
        admit(&mut ledger, second, listing(0, "/new.mp4")),
        Admission::Todo { bytes: 5 }
    );
    let skipped = admit(&mut ledger, second, listing(1, "/a.mp4"));
    assert!(matches!(skipped, Admission::Skipped { asset_id, .. } if asset_id.as_str() == "re_1"));
    assert_eq!(
        admit(&mut ledger, second, listing(2, "/a.mp4")),
        Admission::DuplicateOf(1)
    );
    assert_eq!(
        ledger.latest_run().unwrap().unwrap().id,
        first,
        "the second's list is not whole"
    );
    commit(&mut ledger, Op::EndListing(second));
    assert_eq!(ledger.latest_run().unwrap().unwrap().id, second);
    let rows = [0, 1, 2].map(|no| row(&ledger, second, no));
    assert_eq!(
        rows.clone().map(|row| row.status),
        [Status::NotStarted, Status::Success, Status::Success]
    );
    assert_eq!(rows[2].error_code.as_deref(), Some("duplicate_row"));
    assert!(ledger.report_rows(first, &[0]).is_err());
}

#[test]
fn files_that_change_places_belong_to_their_first_rows() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let first = begin(&mut ledger);
    for (no, path) in (0..).zip(["/a.mp4", "/b.mp4"]) {
        admit(&mut ledger, first, listing(no, path));
    }
    let jobs = ledger.jobs(first, Pass::First, None, 9).unwrap();
    let files = [1, 0].map(|at: usize| jobs[at].1.file);
    for (file, id) in files.iter().zip(["re_b", "re_a"]) {
        confirm(&mut ledger, *file, id);
    }
    commit(&mut ledger, Op::EndListing(first));

    let second = begin(&mut ledger);
    let paths = ["/b.mp4", "/a.mp4", "/b.mp4", "/a.mp4"];
    let duplicate_of = [0, 1, 2, 3].map(|no: usize| {
        match admit(&mut ledger, second, listing(no as u64, paths[no])) {
            Admission::DuplicateOf(first) => Some(first),
            _ => None,
        }
    });
    assert_eq!(duplicate_of, [None, None, Some(0), Some(1)]);
    let rows = files.map(|file| ledger.rows_of(second, file).unwrap());
    assert_eq!(rows, [[0, 2], [1, 3]]);
}

/// A batch of which the second half fails.
fn same_row_twice(ledger: &Ledger, run: RunId) -> [Op; 2] {
    ["/a.mp4", "/b.mp4"].map(|path| {
        let rows = admissions(ledger, run, vec![listing(0, path)]).unwrap();
        Op::Admit { run, rows }
    })
}

#[test]
fn a_batch_is_all_or_nothing() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let run = begin(&mut ledger);
    let broken = ledger.commit(Durability::Synced, &same_row_twice(&ledger, run));
    assert!(broken.is_err());
    assert_eq!(ledger.jobs(run, Pass::First, None, 9).unwrap().len(), 0);
}
