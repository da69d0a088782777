//! `mavi status`: what the ledger knows of a job, by state.

use std::fs;

use mavi_upload::ledger::Ledger;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::Job;
use crate::command::mavi;

#[tokio::test(flavor = "multi_thread")]
async fn status_is_a_table_for_people() {
    let job = Job::new().await;
    let output = job.mavi(&["status"]).await;
    assert_eq!(output.code, Some(0));
    insta::assert_snapshot!(job.steady(&output.data), @r"
    ledger       /job/mavi-ledger.db
    service      http://sandbox, key fingerprint 0a1b2c3d
    writing now  no one
    last run     2, began 2026-01-02T03:04:05Z, ended 2026-01-02T03:04:05Z
    report       /job/report.csv

    rows                              count       bytes
      success                             2    406.0 kB
      failed                              0         0 B
      pending                             0         0 B
      not started                         1      1.0 kB

    assets                            count       bytes
      confirmed                           3    406.1 kB
      abandoned: superseded               2    305.0 kB
      abandoned: url_expired              1      1.0 kB

    files        4, 1 of earlier runs only
    confirmed    last at 2026-01-02T03:04:05Z
    orphans      3 in all, 2 may still cost money: up to 305.0 kB, less than $0.0001 a day; see mavi orphans
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_reads_leaves_nothing_beside_the_ledger() {
    let job = Job::of_one_file().await;
    for command in [
        "status",
        "orphans",
        "report --format jsonl -o -",
        "report --format html",
        "verify report.csv",
    ] {
        let end = job.mavi(&command.split(' ').collect::<Vec<_>>()).await;
        assert_eq!(end.code, Some(0), "{}", end.words);
        for file in ["mavi-ledger.db-wal", "mavi-ledger.db-shm"] {
            let left = job.bench.folder.path().join(file);
            assert!(!left.exists(), "{command}: {file}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_066_a_confirmed_asset_is_not_looked_at_again_and_status_says_when() {
    let job = Job::of_one_file().await;
    let calls = job.sandbox.stats().calls.total();
    job.upload().await;
    let status = job.object(&["status", "--json"]).await;
    let rows = job.bench.rows();
    assert_eq!(status["last_confirmed_at"], rows[0]["confirmed_at"]);
    assert_eq!(job.sandbox.stats().calls.total(), calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_is_one_object_for_programs() {
    let job = Job::new().await;
    let output = job.mavi(&["status", "--json"]).await;
    let status: Value = serde_json::from_str(&job.steady(&output.data)).unwrap();
    let at = "2026-01-02T03:04:05Z";
    let expected = json!({
        "ledger": "/job/mavi-ledger.db",
        "base_url": "http://sandbox",
        "account": "0a1b2c3d",
        "writer_pid": null,
        "runs": 2,
        "last_run": {
            "number": 2,
            "started_at": at,
            "ended_at": at,
            "input_read": true,
            "report": "/job/report.csv",
        },
        "rows_of_run": 2,
        "rows": {
            "success": { "count": 2, "bytes": 406_000 },
            "failed": { "count": 0, "bytes": 0 },
            "pending": { "count": 0, "bytes": 0 },
            "not_started": { "count": 1, "bytes": 1_000 },
        },
        "files": { "count": 4, "of_earlier_runs": 1 },
        "assets": [
            { "state": "confirmed", "reason": null, "count": 3, "bytes": 406_070 },
            { "state": "abandoned", "reason": "superseded", "count": 2, "bytes": 305_000 },
            { "state": "abandoned", "reason": "url_expired", "count": 1, "bytes": 1_000 },
        ],
        "last_confirmed_at": at,
        "orphans": {
            "count": 3,
            "may_hold_bytes": { "count": 2, "bytes": 305_000 },
            "dollars_a_day": 3.05e-7,
        },
    });
    assert_eq!(status, expected);
}

#[test]
fn case_108_109_a_ledger_that_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("damaged.db"), [7; 5000]).unwrap();
    drop(Ledger::open(&file("newer.db")).unwrap());
    Connection::open(file("newer.db"))
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let table = [
        ("damaged.db", 5, "damaged"),
        ("newer.db", 2, "update mavi"),
        ("none.db", 2, "not there"),
    ];
    for (name, code, words) in table {
        for word in ["status", "orphans"] {
            let mut command = mavi(folder.path());
            command.args([word, "--ledger", name]);
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{command:?}");
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(told.contains(words), "{told}");
        }
    }
    assert!(!file("none.db").exists());
}
