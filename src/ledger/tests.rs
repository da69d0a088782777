//! The ledger by itself: what is written is read back, by the right one, after anything.

mod share;
mod survey;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Admitted, Identity, Ledger, LedgerError, Listing, Reader, RunId, Status, Written};
use crate::asset::{AssetId, Sha256};
use crate::pipeline::{Fact, Reason};
use crate::plan::{Asset, FileId, Pass, Seen, Standing};
use crate::source::{Candidate, Cells};

const SEEN: Seen = Seen {
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
        seen: Ok(SEEN),
    }
}

fn asset(id: &str) -> Asset {
    Asset {
        asset_id: AssetId::parse(id).unwrap(),
        url: crate::secret::SignedUrl::parse("https://storage.example/?signature=s"),
        url_expires_at: Timestamp::from_second(4_000_000_000).unwrap(),
        seen: SEEN,
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

fn standing(ledger: &Ledger, run: RunId) -> Standing {
    ledger
        .jobs(run, Pass::First, None, 1)
        .unwrap()
        .remove(0)
        .1
        .standing
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
        (no, job.path, job.seen),
        (0, PathBuf::from("/a.mp4"), Some(SEEN))
    );
    assert_eq!(job.standing, Standing::New);

    ledger
        .apply(job.file, &Fact::Allotted(asset("re_1")))
        .unwrap();
    assert_eq!(standing(&ledger, run), Standing::Allotted(asset("re_1")));
    assert_eq!(
        ledger.jobs(run, Pass::First, None, 1).unwrap()[0].1.assets,
        1
    );
    let reason = Reason::ServiceFailed;
    let asset_id = AssetId::parse("re_1").unwrap();
    ledger
        .apply(job.file, &Fact::Abandoned { asset_id, reason })
        .unwrap();
    assert_eq!(standing(&ledger, run), Standing::New);
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
fn case_123_a_second_writer_is_told_who_holds_it_and_readers_work() {
    let folder = Folder::new();
    let ledger = Ledger::open(&folder.ledger()).unwrap();
    let refused = Ledger::open(&folder.ledger()).unwrap_err();
    let pid = std::process::id().to_string();
    assert!(matches!(refused, LedgerError::InUse { pid: holder, .. } if holder == pid));
    assert!(
        Reader::open(&folder.ledger())
            .unwrap()
            .latest_run()
            .unwrap()
            .is_none()
    );
    drop(ledger);
    assert!(!Ledger::open(&folder.ledger()).unwrap().is_new());
}

#[test]
fn case_107_a_ledger_cut_off_while_it_is_made_is_missing_to_readers_and_new_to_the_next_run() {
    let folder = Folder::new();
    let making = folder.0.path().join("making.db");
    let connection = rusqlite::Connection::open(&making).unwrap();
    // A cache of one page, so that what is not committed is in the file, and its undoing beside it.
    let script = "PRAGMA user_version = 0; PRAGMA cache_size = 1; BEGIN; CREATE TABLE x (y); \
                  INSERT INTO x SELECT zeroblob(900) FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12]');";
    connection.execute_batch(script).unwrap();
    std::fs::copy(&making, folder.ledger()).unwrap();
    std::fs::copy(
        making.with_extension("db-journal"),
        folder.0.path().join("l.db-journal"),
    )
    .unwrap();
    assert!(matches!(
        Reader::open(&folder.ledger()),
        Err(LedgerError::Missing { .. })
    ));
    drop(Ledger::open(&folder.ledger()).unwrap());
    assert!(Reader::open(&folder.ledger()).is_ok());
}

#[test]
fn case_108_a_damaged_ledger_is_left_alone() {
    let folder = Folder::new();
    std::fs::write(
        folder.ledger(),
        b"not a database, but long enough to look like one",
    )
    .unwrap();
    assert!(matches!(
        Ledger::open(&folder.ledger()),
        Err(LedgerError::Damaged { .. })
    ));
    let kept = std::fs::read(folder.ledger()).unwrap();
    assert!(kept.starts_with(b"not a database"));
}

#[test]
fn case_109_a_newer_ledger_is_refused() {
    let folder = Folder::new();
    drop(Ledger::open(&folder.ledger()).unwrap());
    let connection = rusqlite::Connection::open(folder.ledger()).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(
        Ledger::open(&folder.ledger()),
        Err(LedgerError::Newer { found: 99, .. })
    ));
}

#[test]
fn case_110_a_ledger_of_another_service_or_account_is_refused() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let mine = Identity {
        base_url: "https://a".to_owned(),
        account: "00000001".to_owned(),
    };
    let service = Identity {
        base_url: "https://b".to_owned(),
        ..mine.clone()
    };
    // A first run with a mistyped base URL learnt nothing that could belong to another.
    ledger.identify(&service, false).unwrap();
    ledger.identify(&mine, false).unwrap();
    let run = begin(&mut ledger);
    ledger.admit(run, &listing(0, "/a.mp4")).unwrap();
    let file = ledger
        .jobs(run, Pass::First, None, 1)
        .unwrap()
        .remove(0)
        .1
        .file;
    confirm(&mut ledger, file, "re_1");
    assert!(matches!(
        ledger.identify(&service, false),
        Err(LedgerError::OtherService { .. })
    ));
    let account = Identity {
        account: "00000002".to_owned(),
        ..mine
    };
    assert!(matches!(
        ledger.identify(&account, false),
        Err(LedgerError::OtherAccount { .. })
    ));
    ledger.identify(&account, true).unwrap();
    ledger.identify(&account, false).unwrap();
}

#[test]
fn case_120_every_commit_is_synced_and_only_its_owner_reads_it() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let pragma = |ledger: &Ledger, name| {
        ledger
            .connection
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .unwrap()
    };
    let full = rusqlite::types::Value::Integer(2);
    assert_eq!(pragma(&ledger, "synchronous"), full);
    assert_eq!(
        pragma(&ledger, "journal_mode"),
        rusqlite::types::Value::Text("wal".to_owned())
    );
    // Rows that are only listed are the one exception; it ends with their group.
    ledger.group(false, |_| Ok(())).unwrap();
    assert_eq!(pragma(&ledger, "synchronous"), full);
    let broken: Result<(), _> = ledger.group(false, |_| Err(LedgerError::panicked()));
    assert!(broken.is_err());
    assert_eq!(pragma(&ledger, "synchronous"), full);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.ledger())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "case 138");
    }
}

#[cfg(unix)]
#[test]
fn case_138_a_ledger_is_not_opened_through_a_link() {
    for name in Ledger::own_files(Path::new("ledger.db")) {
        let folder = Folder::new();
        let elsewhere = folder.0.path().join("elsewhere");
        fs::write(&elsewhere, "theirs").unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.0.path().join(&name)).unwrap();
        let opened = Ledger::open(&folder.0.path().join("ledger.db"));
        // SQLite removes what it finds of the others beside a ledger that is new.
        let is_ours_to_refuse = name
            .extension()
            .is_some_and(|end| end == "db" || end == "lock");
        let is_refused = matches!(opened, Err(LedgerError::Symlink { .. }));
        assert_eq!(is_refused, is_ours_to_refuse, "{name:?}: {opened:?}");
        drop(opened);
        assert_eq!(fs::read(&elsewhere).unwrap(), b"theirs", "{name:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_no_ledger_and_is_not_waited_for() {
    let folder = Folder::new();
    let pipe = folder.0.path().join("pipe.db");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [pipe, folder.0.path().to_owned(), "/dev/null".into()] {
        let verdicts = [
            Ledger::open(&path).err(),
            Reader::open(&path).err(),
            Reader::open_untouched(&path).err(),
        ];
        let is_refused =
            |verdict: &Option<LedgerError>| matches!(verdict, Some(LedgerError::NoFile { .. }));
        assert!(verdicts.iter().all(is_refused), "{path:?}: {verdicts:?}");
    }
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
