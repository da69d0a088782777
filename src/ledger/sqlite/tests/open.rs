//! Who may open a ledger, and what becomes of one that is damaged, of another kind or in use.

use super::*;

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
    admit(&mut ledger, run, listing(0, "/a.mp4"));
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
    // Rows that are only listed are the one exception; it ends with their batch.
    ledger.commit(Durability::Unsynced, &[]).unwrap();
    assert_eq!(pragma(&ledger, "synchronous"), full);
    let run = begin(&mut ledger);
    let broken = ledger.commit(Durability::Unsynced, &same_row_twice(&ledger, run));
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
        std::fs::write(&elsewhere, "theirs").unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.0.path().join(&name)).unwrap();
        let opened = Ledger::open(&folder.0.path().join("ledger.db"));
        // SQLite removes what it finds of the others beside a ledger that is new.
        let is_ours_to_refuse = name
            .extension()
            .is_some_and(|end| end == "db" || end == "lock");
        let is_refused = matches!(opened, Err(LedgerError::Symlink { .. }));
        assert_eq!(is_refused, is_ours_to_refuse, "{name:?}: {opened:?}");
        drop(opened);
        assert_eq!(std::fs::read(&elsewhere).unwrap(), b"theirs", "{name:?}");
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
