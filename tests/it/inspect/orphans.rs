//! `mavi orphans`: what is listed, and what is deleted and what never.

use serde_json::Value;

use super::Job;
use crate::common::sandbox;
use crate::running::{End, told};
#[cfg(unix)]
use crate::running::{Running, until};

/// Deletes all that may be, as fast as can be.
const DELETE: [&str; 5] = ["orphans", "--delete", "--yes", "--rate", "0"];

#[tokio::test(flavor = "multi_thread")]
async fn orphans_are_listed_with_why_and_size_and_cost() {
    let job = Job::new().await;
    let output = job.mavi(&["orphans"]).await;
    insta::assert_snapshot!(job.steady(&output.data), @r"
    asset                       size  costs  why             file
    re_000000000000000000     5.0 kB  maybe  superseded      /job/library/a.mp4
    re_000000000000000001   300.0 kB  maybe  superseded      /job/library/b.mp4
    re_000000000000000005     1.0 kB  no     url_expired     /job/library/d.mp4
    3 in all, 2 may still cost money: up to 305.0 kB, less than $0.0001 a day
    ");
    let list = job.object(&["orphans", "--json"]).await;
    assert_eq!(list["orphans"].as_array().unwrap().len(), 3);
    assert_eq!(list["total"]["may_hold_bytes"]["bytes"], 305_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_without_orphans_has_none() {
    let job = Job::of_one_file().await;
    let output = job.mavi(&["orphans"]).await;
    assert_eq!(output.data, "no orphans\n");
    let list = job.object(&["orphans", "--json"]).await;
    assert_eq!(list["orphans"], Value::Array(Vec::new()));
    let output = job.mavi(&["orphans", "--delete", "--yes"]).await;
    assert_eq!(output.code, Some(0));
    assert_eq!(job.sandbox.stats().calls.delete, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_142_only_orphans_are_deleted_and_only_when_asked_to() {
    let job = Job::new().await;
    let refused = job.mavi(&["orphans", "--delete"]).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.words.contains("--yes"), "{}", refused.words);
    assert_eq!(
        job.sandbox.stats().calls.delete,
        0,
        "nothing but --delete deletes"
    );

    let output = job.mavi(&DELETE).await;
    assert_eq!(output.code, Some(0), "{}", output.words);
    assert!(output.data.contains("3 in all"), "the list comes first");
    insta::assert_snapshot!(job.steady(&output.words), @r"
    deleted re_000000000000000000
    deleted re_000000000000000001
    deleted re_000000000000000005
    3 of 3 deleted, 0 not, 0 left
    ");
    let deleted: Vec<bool> = job
        .sandbox
        .assets()
        .iter()
        .map(|asset| asset.deleted)
        .collect();
    assert_eq!(deleted, [true, true, false, false, false, true]);
    assert_eq!(job.sandbox.stats().calls.delete, 3);

    let again = job.mavi(&DELETE).await;
    assert_eq!(again.code, Some(0));
    assert_eq!(again.data, "no orphans\n");
    assert_eq!(job.sandbox.stats().calls.delete, 3);
    let report = job.mavi(&["report", "-o", "-"]).await;
    assert!(
        !report.data.contains(&job.ids()[5]),
        "a deleted asset is no result"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn case_142_what_the_service_forgot_counts_as_deleted() {
    let job = Job::new().await;
    let strange = "UPDATE asset SET asset_id = 're_000000000000000001' WHERE id = 1";
    job.ledger().execute(strange, []).unwrap();
    let output = job.mavi(&DELETE).await;
    assert_eq!(output.code, Some(0), "{}", output.words);
    assert!(
        output.words.contains("did not know it any more"),
        "{}",
        output.words
    );
    let kept = [
        "deleted",
        "deleted",
        "confirmed",
        "confirmed",
        "confirmed",
        "deleted",
    ];
    assert_eq!(job.states(), kept);
}

/// One call a second: a clean-up that is ended in any way keeps what it did and goes on from there.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn case_142_a_clean_up_that_is_interrupted_or_killed_goes_on() {
    let job = Job::new().await;
    let deleted = || job.states().iter().filter(|s| *s == "deleted").count();
    for (i, (name, code)) in (1..).zip([("INT", Some(130)), ("KILL", None)]) {
        let run = Running::heard(job.command(&["orphans", "--delete", "--yes"]));
        until(|| deleted() == i).await;
        run.signal(name);
        let End {
            code: is, words, ..
        } = run.end().await;
        assert_eq!(is, code, "{words}");
        let told = words.contains("1 of 3 deleted, 0 not, 2 left");
        assert_eq!(told, code.is_some(), "{words}");
    }
    assert_eq!(job.mavi(&DELETE).await.code, Some(0));
    assert_eq!((deleted(), job.sandbox.stats().calls.delete), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asset_that_a_rerun_would_fill_or_look_at_is_in_use() {
    let job = Job::new().await;
    // a: failed and resumable; b: bytes up; c: of an earlier run, and shared by d.
    let changes = "UPDATE asset SET state = 'allotted' WHERE id = 4;
        UPDATE file SET error_code = 'network' WHERE asset = 4;
        UPDATE asset SET state = 'sent' WHERE id = 5;
        UPDATE asset SET file = 1 WHERE id = 3;
        UPDATE file SET asset = 3 WHERE asset = 6;";
    job.ledger().execute_batch(changes).unwrap();
    let list = job.object(&["orphans", "--json"]).await;
    let listed: Vec<_> = list["orphans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| &o["asset_id"])
        .collect();
    let ids = job.ids();
    assert_eq!(listed, [&ids[0], &ids[1], &ids[5]]);

    job.ledger()
        .execute("UPDATE file SET asset = NULL", [])
        .unwrap();
    let list = job.object(&["orphans", "--json"]).await;
    assert_eq!(list["total"]["count"], 6, "nobody has them any more");
    assert_eq!(list["orphans"][2]["reason"], "replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_110_only_the_ledgers_own_account_and_service_delete() {
    let (job, other) = (Job::new().await, sandbox().await);
    let mut strange = job.bench.mavi_to(&other);
    strange.args(DELETE);
    let (code, words) = told(strange).await;
    assert_eq!(code, Some(2));
    assert!(words.contains("belongs to"), "{words}");
    assert_eq!(other.stats().calls.total(), 0);
    assert_eq!(job.sandbox.stats().calls.delete, 0);
    let known = "UPDATE identity SET value = '00000000' WHERE name = 'account'";
    job.ledger().execute(known, []).unwrap();
    assert_eq!(
        job.mavi(&DELETE).await.code,
        Some(0),
        "the service knows its asset: same account"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_refused_ends_with_3_and_nothing_is_lost() {
    let job = Job::new().await;
    let key = "sk-mavi-canary";
    let fingerprint = mavi_upload::model::ApiKey::parse(key)
        .unwrap()
        .fingerprint();
    let known = "UPDATE identity SET value = ?1 WHERE name = 'account'";
    job.ledger().execute(known, [fingerprint]).unwrap();
    let file = job.bench.folder.path().join("key");
    std::fs::write(&file, key).unwrap();
    let args = [&DELETE[..], &["--api-key-file", "key"]].concat();
    let End { code, words, .. } = job.mavi(&args).await;
    assert_eq!(code, Some(3), "{words}");
    assert!(
        words.contains("(401)") && words.contains("run the same command again"),
        "{words}"
    );
    assert!(!words.contains("canary"));
    assert_eq!(job.states()[0], "abandoned");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_123_a_ledger_in_use_is_shown_and_not_cleaned() {
    let job = Job::new().await;
    let path = job.bench.folder.path().join("mavi-ledger.db");
    let held = mavi_upload::ledger::Ledger::open(&path).unwrap();
    let status = job.object(&["status", "--json"]).await;
    let pid = std::process::id().to_string();
    assert_eq!(status["writer_pid"], pid);
    let output = job.mavi(&["orphans", "--delete", "--yes"]).await;
    assert_eq!(output.code, Some(5));
    assert!(output.words.contains(&format!("in use by pid {pid}")));
    assert_eq!(
        job.object(&["orphans", "--json"]).await["total"]["count"],
        3
    );
    drop(held);
    assert_eq!(job.sandbox.stats().calls.delete, 0);
    let status = job.object(&["status", "--json"]).await;
    assert_eq!(status["writer_pid"], Value::Null);
}
