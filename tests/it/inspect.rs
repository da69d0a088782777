//! What the ledger knows, shown, and what it no longer needs, deleted: by the real binary.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use mavi_upload::sandbox::Sandbox;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::common::{Bench, sandbox, upload};
#[cfg(unix)]
use crate::signals::{end, signal, until};

/// The binary beside the bench's ledger.
fn command(bench: &Bench, sandbox: &Sandbox) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mavi"));
    command
        .env_clear()
        .env("MEMORIES_API_KEY", sandbox.api_key())
        .env("MEMORIES_V2_BASE_URL", sandbox.base_url())
        .current_dir(bench.folder.path())
        .stdin(Stdio::null());
    command
}

fn mavi(bench: &Bench, sandbox: &Sandbox, args: &[&str]) -> Output {
    let mut command = command(bench, sandbox);
    tokio::task::block_in_place(|| command.args(args).output().unwrap())
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn object(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn ledger(bench: &Bench) -> Connection {
    Connection::open(bench.folder.path().join("mavi-ledger.db")).unwrap()
}

/// The ledger's asset ids, in the order of their allotment.
fn ids(bench: &Bench) -> Vec<String> {
    let ledger = ledger(bench);
    let mut statement = ledger
        .prepare("SELECT asset_id FROM asset ORDER BY id")
        .unwrap();
    let ids = statement.query_map([], |row| row.get(0)).unwrap();
    ids.collect::<Result<_, _>>().unwrap()
}

fn states(bench: &Bench) -> Vec<String> {
    let ledger = ledger(bench);
    let mut statement = ledger
        .prepare("SELECT state FROM asset ORDER BY id")
        .unwrap();
    let states = statement.query_map([], |row| row.get(0)).unwrap();
    states.collect::<Result<_, _>>().unwrap()
}

/// What differs from run to run, replaced by what stays.
fn steady(bench: &Bench, sandbox: &Sandbox, text: &str) -> String {
    let mut text = text.to_owned();
    for (i, id) in ids(bench).iter().enumerate() {
        text = text.replace(id, &format!("re_{i:018}"));
    }
    let fingerprint = mavi_upload::secret::ApiKey::parse(sandbox.api_key())
        .unwrap()
        .fingerprint();
    text = text.replace(sandbox.base_url(), "http://sandbox");
    text = text.replace(&fingerprint, "0a1b2c3d");
    text = text.replace(bench.folder.path().to_str().unwrap(), "/job");
    let words = text.split(|c: char| c.is_whitespace() || "\",".contains(c));
    let is_time = |word: &&str| word.parse::<jiff::Timestamp>().is_ok();
    let times = words.filter(is_time).map(str::to_owned);
    times.collect::<Vec<_>>().iter().fold(text, |text, time| {
        text.replace(time, "2026-01-02T03:04:05Z")
    })
}

/// Three files, of which two changed after they were up, and an asset whose URL had expired.
///
/// Assets, by allotment: a, b, c; then a and b anew; then d, which is given up.
async fn job(bench: &Bench, sandbox: &Sandbox) {
    for (name, size) in [("a.mp4", 5_000), ("b.mp4", 300_000), ("c.mp4", 70)] {
        bench.file(name, size);
    }
    // One upload at a time: assets are allotted in the order of their files.
    let mut settings = bench.settings(sandbox);
    settings.concurrency = std::num::NonZeroUsize::MIN.into();
    upload(settings.clone(), bench.walk()).await.unwrap();
    for (name, size) in [("a.mp4", 6_000), ("b.mp4", 400_000)] {
        bench.file(name, size);
    }
    std::fs::remove_file(bench.library().join("c.mp4")).unwrap();
    bench.file("d.mp4", 1_000);
    upload(settings, bench.walk()).await.unwrap();
    let given_up = "UPDATE asset SET state = 'abandoned', reason = 'url_expired' WHERE id = 6";
    assert_eq!(ledger(bench).execute(given_up, []).unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_is_a_table_for_people() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    job(&bench, &sandbox).await;
    let output = mavi(&bench, &sandbox, &["status"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(steady(&bench, &sandbox, &stdout(&output)), @r"
    ledger       /job/mavi-ledger.db
    service      http://sandbox, account 0a1b2c3d
    writing now  nobody
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
    orphans      3 in all, 2 may hold bytes: up to 305.0 kB, less than $0.0001 a day; see mavi orphans
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_reads_leaves_nothing_beside_the_ledger() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 100);
    upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    for command in [
        "status",
        "orphans",
        "report --format jsonl -o -",
        "report --format html",
        "verify report.csv",
    ] {
        let args: Vec<_> = command.split(' ').collect();
        let output = mavi(&bench, &sandbox, &args);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        for file in ["mavi-ledger.db-wal", "mavi-ledger.db-shm"] {
            assert!(
                !bench.folder.path().join(file).exists(),
                "{command}: {file}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_066_a_confirmed_asset_is_not_looked_at_again_and_status_says_when() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 100);
    let run = || upload(bench.settings(&sandbox), bench.walk());
    run().await.unwrap();
    let calls = sandbox.stats().calls.total();
    run().await.unwrap();
    let status = object(&mavi(&bench, &sandbox, &["status", "--json"]));
    assert_eq!(status["last_confirmed_at"], bench.rows()[0]["confirmed_at"]);
    assert_eq!(sandbox.stats().calls.total(), calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_is_one_object_for_programs() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    job(&bench, &sandbox).await;
    let output = mavi(&bench, &sandbox, &["status", "--json"]);
    let status: Value = serde_json::from_str(&steady(&bench, &sandbox, &stdout(&output))).unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn orphans_are_listed_with_why_and_size_and_cost() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    job(&bench, &sandbox).await;
    let output = mavi(&bench, &sandbox, &["orphans"]);
    insta::assert_snapshot!(steady(&bench, &sandbox, &stdout(&output)), @r"
    asset                       size  held   why             file
    re_000000000000000000     5.0 kB  maybe  superseded      /job/library/a.mp4
    re_000000000000000001   300.0 kB  maybe  superseded      /job/library/b.mp4
    re_000000000000000005     1.0 kB  no     url_expired     /job/library/d.mp4
    3 in all, 2 may hold bytes: up to 305.0 kB, less than $0.0001 a day
    ");
    let list = object(&mavi(&bench, &sandbox, &["orphans", "--json"]));
    assert_eq!(list["orphans"].as_array().unwrap().len(), 3);
    assert_eq!(list["total"]["may_hold_bytes"]["bytes"], 305_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_without_orphans_has_none() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 100);
    upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    let output = mavi(&bench, &sandbox, &["orphans"]);
    assert_eq!(stdout(&output), "no orphans\n");
    let list = object(&mavi(&bench, &sandbox, &["orphans", "--json"]));
    assert_eq!(list["orphans"], Value::Array(Vec::new()));
    let output = mavi(&bench, &sandbox, &["orphans", "--delete", "--yes"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(sandbox.stats().calls.delete, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_142_only_orphans_are_deleted_and_only_when_asked_to() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    job(&bench, &sandbox).await;
    let refused = mavi(&bench, &sandbox, &["orphans", "--delete"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("--yes"), "{}", stderr(&refused));
    assert_eq!(
        sandbox.stats().calls.delete,
        0,
        "nothing but --delete deletes"
    );

    let args = ["orphans", "--delete", "--yes", "--rate", "0"];
    let output = mavi(&bench, &sandbox, &args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("3 in all"), "the list comes first");
    insta::assert_snapshot!(steady(&bench, &sandbox, &stderr(&output)), @r"
    deleted re_000000000000000000
    deleted re_000000000000000001
    deleted re_000000000000000005
    3 of 3 deleted, 0 not, 0 left
    ");
    let deleted: Vec<bool> = sandbox.assets().iter().map(|asset| asset.deleted).collect();
    assert_eq!(deleted, [true, true, false, false, false, true]);
    assert_eq!(sandbox.stats().calls.delete, 3);

    let again = mavi(&bench, &sandbox, &args);
    assert_eq!(again.status.code(), Some(0));
    assert_eq!(stdout(&again), "no orphans\n");
    assert_eq!(sandbox.stats().calls.delete, 3);
    let report = mavi(&bench, &sandbox, &["report", "-o", "-"]);
    assert!(
        !stdout(&report).contains(&ids(&bench)[5]),
        "a deleted asset is no result"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn case_142_what_the_service_forgot_counts_as_deleted() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    job(&bench, &sandbox).await;
    let strange = "UPDATE asset SET asset_id = 're_000000000000000001' WHERE id = 1";
    ledger(&bench).execute(strange, []).unwrap();
    let args = ["orphans", "--delete", "--yes", "--rate", "0"];
    let output = mavi(&bench, &sandbox, &args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("did not know it any more"),
        "{}",
        stderr(&output)
    );
    let kept = [
        "deleted",
        "deleted",
        "confirmed",
        "confirmed",
        "confirmed",
        "deleted",
    ];
    assert_eq!(states(&bench), kept);
}

/// One call a second: a clean-up that is ended in any way keeps what it did and goes on from there.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn case_142_a_clean_up_that_is_interrupted_or_killed_goes_on() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    job(&bench, &sandbox).await;
    let deleted = || states(&bench).iter().filter(|s| *s == "deleted").count();
    for (i, (name, code)) in (1..).zip([("INT", Some(130)), ("KILL", None)]) {
        let mut command = command(&bench, &sandbox);
        command.args(["orphans", "--delete", "--yes"]);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        until(|| deleted() == i).await;
        signal(&child, name);
        let (status, _, words) = end(child).await;
        assert_eq!(status.code(), code, "{words}");
        let told = words.contains("1 of 3 deleted, 0 not, 2 left");
        assert_eq!(told, code.is_some(), "{words}");
    }
    let args = ["orphans", "--delete", "--yes", "--rate", "0"];
    let last = mavi(&bench, &sandbox, &args);
    assert_eq!(last.status.code(), Some(0));
    assert_eq!((deleted(), sandbox.stats().calls.delete), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asset_that_a_rerun_would_fill_or_look_at_is_in_use() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    job(&bench, &sandbox).await;
    // a: failed and resumable; b: bytes up; c: of an earlier run, and shared by d.
    let changes = "UPDATE asset SET state = 'allotted' WHERE id = 4;
        UPDATE file SET error_code = 'network' WHERE asset = 4;
        UPDATE asset SET state = 'sent' WHERE id = 5;
        UPDATE asset SET file = 1 WHERE id = 3;
        UPDATE file SET asset = 3 WHERE asset = 6;";
    ledger(&bench).execute_batch(changes).unwrap();
    let list = object(&mavi(&bench, &sandbox, &["orphans", "--json"]));
    let listed: Vec<_> = list["orphans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| &o["asset_id"])
        .collect();
    let ids = ids(&bench);
    assert_eq!(listed, [&ids[0], &ids[1], &ids[5]]);

    ledger(&bench)
        .execute("UPDATE file SET asset = NULL", [])
        .unwrap();
    let list = object(&mavi(&bench, &sandbox, &["orphans", "--json"]));
    assert_eq!(list["total"]["count"], 6, "nobody has them any more");
    assert_eq!(list["orphans"][2]["reason"], "replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_110_only_the_ledgers_own_account_and_service_delete() {
    let (bench, own, other) = (Bench::new(), sandbox().await, sandbox().await);
    job(&bench, &own).await;
    let args = ["orphans", "--delete", "--yes", "--rate", "0"];
    let output = mavi(&bench, &other, &args);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("belongs to"),
        "{}",
        stderr(&output)
    );
    assert_eq!(other.stats().calls.total(), 0);
    assert_eq!(own.stats().calls.delete, 0);
    let known = "UPDATE identity SET value = '00000000' WHERE name = 'account'";
    ledger(&bench).execute(known, []).unwrap();
    let output = mavi(&bench, &own, &args);
    assert_eq!(
        output.status.code(),
        Some(0),
        "the service knows its asset: same account"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_refused_ends_with_3_and_nothing_is_lost() {
    let (bench, own) = (Bench::new(), sandbox().await);
    job(&bench, &own).await;
    let key = "sk-mavi-canary";
    let fingerprint = mavi_upload::secret::ApiKey::parse(key)
        .unwrap()
        .fingerprint();
    let known = "UPDATE identity SET value = ?1 WHERE name = 'account'";
    ledger(&bench).execute(known, [fingerprint]).unwrap();
    let file = bench.folder.path().join("key");
    std::fs::write(&file, key).unwrap();
    let args = [
        "orphans",
        "--delete",
        "--yes",
        "--rate",
        "0",
        "--api-key-file",
        "key",
    ];
    let output = mavi(&bench, &own, &args);
    let words = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(
        words.contains("(401)") && words.contains("run the same command again"),
        "{words}"
    );
    assert!(!words.contains("canary"));
    assert_eq!(states(&bench)[0], "abandoned");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_123_a_ledger_in_use_is_shown_and_not_cleaned() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    job(&bench, &sandbox).await;
    let path = bench.folder.path().join("mavi-ledger.db");
    let held = mavi_upload::ledger::Ledger::open(&path).unwrap();
    let status = object(&mavi(&bench, &sandbox, &["status", "--json"]));
    let pid = std::process::id().to_string();
    assert_eq!(status["writer_pid"], pid);
    let output = mavi(&bench, &sandbox, &["orphans", "--delete", "--yes"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(stderr(&output).contains(&format!("in use by pid {pid}")));
    assert_eq!(
        object(&mavi(&bench, &sandbox, &["orphans", "--json"]))["total"]["count"],
        3
    );
    drop(held);
    assert_eq!(sandbox.stats().calls.delete, 0);
    let status = object(&mavi(&bench, &sandbox, &["status", "--json"]));
    assert_eq!(status["writer_pid"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_123_two_sandbox_runs_do_not_disturb_each_other() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 100);
    let path = bench.folder.path().join("mavi-sandbox.db");
    let held = mavi_upload::ledger::Ledger::open(&path).unwrap();
    let output = mavi(&bench, &sandbox, &["upload", "--sandbox", "library"]);
    assert_eq!(output.status.code(), Some(5));
    let pid = std::process::id().to_string();
    assert!(
        stderr(&output).contains(&format!("in use by pid {pid}")),
        "{}",
        stderr(&output)
    );
    assert!(path.exists());
    drop(held);
    let output = mavi(&bench, &sandbox, &["upload", "--sandbox", "library"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_run_replaces_no_ledger_but_a_sandboxs() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 100);
    let path = bench.folder.path().join("real.db");
    let mut real = mavi_upload::ledger::Ledger::open(&path).unwrap();
    let identity = mavi_upload::ledger::Identity {
        base_url: "https://service.example/v2".to_owned(),
        account: "00000000".to_owned(),
    };
    real.identify(&identity, false).unwrap();
    drop(real);
    std::fs::write(
        bench.folder.path().join("notes.txt"),
        "not a ledger, and dear to somebody",
    )
    .unwrap();
    for (file, code) in [("real.db", 2), ("notes.txt", 5)] {
        let args = ["upload", "--sandbox", "--ledger", file, "library"];
        let output = mavi(&bench, &sandbox, &args);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert!(bench.folder.path().join(file).exists());
    }
}

#[test]
fn case_108_109_a_ledger_that_cannot_be_read_is_told() {
    let bench = Bench::new();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mavi"));
        let command = command.env_clear().current_dir(bench.folder.path());
        command.args(args).output().unwrap()
    };
    std::fs::write(bench.folder.path().join("damaged.db"), [7; 5000]).unwrap();
    let newer = bench.folder.path().join("newer.db");
    drop(mavi_upload::ledger::Ledger::open(&newer).unwrap());
    Connection::open(&newer)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let table = [
        ("damaged.db", 5, "damaged"),
        ("newer.db", 2, "update mavi"),
        ("none.db", 2, "not there"),
    ];
    for (file, code, words) in table {
        for command in ["status", "orphans"] {
            let output = run(&[command, "--ledger", file]);
            assert_eq!(output.status.code(), Some(code), "{command} {file}");
            assert!(stderr(&output).contains(words), "{}", stderr(&output));
        }
    }
    assert!(!Path::new(&bench.folder.path().join("none.db")).exists());
}

#[test]
fn usage_errors_leave_no_ledger_behind_and_a_missing_folder_is_called_that() {
    let bench = Bench::new();
    bench.file("a.mp4", 100);
    std::fs::write(bench.folder.path().join("mine.csv"), "path,notes\n").unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mavi"));
        command.env_clear().env("MEMORIES_API_KEY", "sk-mavi-x");
        command
            .current_dir(bench.folder.path())
            .args(["upload", "library"]);
        let output = command.args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        stderr(&output)
    };
    assert!(run(&["-r", "mine.csv"]).contains("--overwrite"));
    assert!(run(&["-r", "none/report.csv", "--ledger", "l.db"]).contains("make it first"));
    let words = run(&["--ledger", "none/l.db"]);
    assert!(
        words.contains("none/l.db: its folder does not exist: make it first"),
        "{words}"
    );
    for file in ["mavi-ledger.db", "mavi-ledger.db.lock", "l.db", "l.db.lock"] {
        assert!(!bench.folder.path().join(file).exists(), "{file}");
    }
}
