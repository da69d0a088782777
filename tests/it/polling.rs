//! What the service says of an asset once its bytes are up, over the wire and through whole runs.
//! How often it is asked is in `looks`.

use std::time::Duration;

use mavi_upload::ledger::Reader;
use mavi_upload::retry::RetryPolicy;
use mavi_upload::sandbox::{HeldAsset, Sandbox};
use mavi_upload::{Event, Settings};
use tokio::time::Instant;

use crate::common::{Bench, Row, upload};
use crate::network::{assert_all_right, run_and_listen, scripted};

/// A sandbox with this script, and a library of these files.
async fn scene(script: &str, names: &[&str]) -> (Bench, Sandbox) {
    let sandbox = Sandbox::start(scripted(script)).await.unwrap();
    let bench = Bench::new();
    for name in names {
        bench.file(name, 1_000);
    }
    (bench, sandbox)
}

/// Gives up waiting after this long.
fn patient_for(bench: &Bench, sandbox: &Sandbox, timeout: Duration) -> Settings {
    let mut settings = bench.settings(sandbox);
    settings.confirm.timeout = Some(timeout);
    settings
}

/// The states and reasons that the ledger has for assets, in the order of their ids.
fn ledger(bench: &Bench, ids: &[HeldAsset]) -> Vec<(String, Option<String>)> {
    let path = bench.folder.path().join("mavi-ledger.db");
    drop(Reader::open(&path).unwrap());
    let ledger = rusqlite::Connection::open(path).unwrap();
    let of = |asset: &HeldAsset| {
        let query = "SELECT state, reason FROM asset WHERE asset_id = ?1";
        ledger.query_row(query, [&asset.asset_id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    };
    ids.iter().map(|asset| of(asset).unwrap()).collect()
}

fn row(bench: &Bench) -> Row {
    bench.rows().remove(0)
}

#[tokio::test(start_paused = true)]
async fn case_058_bytes_that_never_arrived_are_sent_again_by_the_next_run_to_the_same_asset() {
    let lost = r#"
        [[rule]]
        call = "send"
        first = 1
        then = { status = 200, body = "File uploaded successfully" }
    "#;
    let (bench, sandbox) = scene(lost, &["a.mp4"]).await;
    let settings = || patient_for(&bench, &sandbox, Duration::from_secs(60));
    let summary = upload(settings(), bench.walk()).await.unwrap();
    assert_eq!(summary.counts.pending, 1);
    let (pending, asset) = (row(&bench), sandbox.assets().remove(0));
    assert_eq!(pending["status"], "pending");
    assert_eq!(pending["asset_id"], asset.asset_id);
    assert_eq!(pending["error_code"], "", "{pending:?}");
    assert_eq!(asset.posts, 1);

    let summary = upload(settings(), bench.walk()).await.unwrap();
    assert_eq!(summary.counts.success, 1);
    assert_all_right(&bench, &sandbox);
    assert_eq!((sandbox.assets().len(), sandbox.assets()[0].posts), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn case_058_bytes_that_never_arrived_need_a_new_asset_once_the_url_has_expired() {
    let lost = r#"
        [[rule]]
        call = "send"
        first = 1
        then = { status = 200, body = "File uploaded successfully" }

        [[rule]]
        call = "sign"
        first = 1
        then = { set = { "data.expires_in" = 1 } }
    "#;
    let (bench, sandbox) = scene(lost, &["a.mp4"]).await;
    let settings = || patient_for(&bench, &sandbox, Duration::from_secs(60));
    upload(settings(), bench.walk()).await.unwrap();
    // The URL's end is told by the clock on the wall, which no test can move.
    std::thread::sleep(Duration::from_millis(1_100));
    let summary = upload(settings(), bench.walk()).await.unwrap();
    assert_eq!(summary.counts.success, 1);
    assert_all_right(&bench, &sandbox);
    let states = ledger(&bench, &sandbox.assets());
    assert_eq!(states[0].0, "abandoned");
    assert_eq!(states[0].1.as_deref(), Some("never_arrived"));
    assert_eq!((states.len(), states[1].0.as_str()), (2, "confirmed"));
}

#[tokio::test(start_paused = true)]
async fn case_059_what_is_processed_for_hours_holds_no_slot_and_ends_as_pending() {
    let script = r#"
        [[rule]]
        call = "sign"
        file = "a*"
        then = "never-ready"
    "#;
    let names = ["a.mp4", "b.mp4", "c.mp4", "d.mp4"];
    let (bench, sandbox) = scene(script, &names).await;
    let hours = Duration::from_secs(4 * 3600);
    let mut settings = patient_for(&bench, &sandbox, hours);
    settings.confirm.poll_interval = Duration::from_secs(2);
    settings.concurrency = std::num::NonZeroUsize::new(1).unwrap().into();
    let start = Instant::now();
    let (summary, events) = run_and_listen(settings, &bench).await;
    assert!(start.elapsed() >= hours);
    assert_eq!((summary.counts.success, summary.counts.pending), (3, 1));
    let place = |wanted: fn(&Event) -> bool| events.iter().rposition(wanted).unwrap();
    let last_confirmed = place(|event| matches!(event, Event::Confirmed { .. }));
    let pending = place(|event| matches!(event, Event::Pending { .. }));
    assert!(last_confirmed < pending);
    let rows = bench.rows();
    assert_eq!(rows[0]["asset_id"], sandbox.assets()[0].asset_id);
    // At least one look in 30 x 2 s.
    let looks = sandbox.assets()[0].looks;
    assert!((240..300).contains(&looks), "{looks}");
}

#[tokio::test]
async fn case_060_an_asset_that_failed_once_is_replaced_and_both_are_remembered() {
    let script = r#"
        [[rule]]
        call = "sign"
        first = 1
        then = "failed"
    "#;
    let (bench, sandbox) = scene(script, &["a.mp4"]).await;
    let summary = upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    assert_eq!(summary.counts.success, 1);
    let (row, assets) = (row(&bench), sandbox.assets());
    assert_eq!((assets.len(), &row["asset_id"]), (2, &assets[1].asset_id));
    assert_eq!(row["attempts"], "2");
    let states = ledger(&bench, &assets);
    assert_eq!(states[0].0, "abandoned");
    assert_eq!(states[0].1.as_deref(), Some("service_failed"));
    assert_eq!(states[1].0, "confirmed");
}

#[tokio::test]
async fn case_061_three_assets_that_failed_are_the_end_of_a_row() {
    let script = r#"
        [[rule]]
        call = "sign"
        file = "a*"
        then = "failed"
    "#;
    let (bench, sandbox) = scene(script, &["a.mp4", "b.mp4"]).await;
    let summary = upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    assert_eq!((summary.counts.success, summary.counts.failed), (1, 1));
    let (row, mut assets) = (row(&bench), sandbox.assets());
    assets.retain(|asset| asset.original_filename == "a.mp4");
    assert_eq!(assets.len(), 3);
    assert_eq!(row["error_code"], "service_failed");
    assert_eq!(row["asset_id"], assets[2].asset_id);
    assert!(
        ledger(&bench, &assets)
            .iter()
            .all(|(state, _)| state == "abandoned")
    );
}

#[tokio::test]
async fn case_062_statuses_nobody_knows_are_waited_out_and_told_once_each() {
    let script = r#"
        [[rule]]
        call = "status"
        file = "[ab]*"
        per = "file"
        first = 3
        then = "unknown-status"

        [[rule]]
        call = "status"
        file = "c*"
        first = 3
        then = "lower-case-status"

        [[rule]]
        call = "status"
        file = "d*"
        first = 3
        then = "null-status"
    "#;
    let names = ["a.mp4", "b.mp4", "c.mp4", "d.mp4"];
    let (bench, sandbox) = scene(script, &names).await;
    let (summary, events) = run_and_listen(bench.settings(&sandbox), &bench).await;
    assert_eq!(summary.counts.success, 4);
    assert_all_right(&bench, &sandbox);
    assert_eq!(sandbox.assets().len(), 4);
    for word in ["\"PROCESSING\"", "\"success\"", "\"null\""] {
        let told = |event: &&Event| matches!(event, Event::Warning(text) if text.contains(word));
        assert_eq!(events.iter().filter(told).count(), 1, "{word}: {events:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn case_063_a_record_that_is_missing_after_the_upload_never_starts_a_new_asset() {
    let script = r#"
        [[rule]]
        call = "status"
        per = "file"
        first = 4
        then = ["no-record", "not-found"]

        [[rule]]
        call = "status"
        file = "never*"
        then = ["no-record", "not-found"]
    "#;
    let (bench, sandbox) = scene(script, &["a.mp4", "b.mp4", "never.mp4"]).await;
    let settings = patient_for(&bench, &sandbox, Duration::from_secs(600));
    let summary = upload(settings, bench.walk()).await.unwrap();
    assert_eq!((summary.counts.success, summary.counts.pending), (2, 1));
    let (rows, assets) = (bench.rows(), sandbox.assets());
    assert_eq!(assets.len(), 3);
    assert!(assets.iter().all(|asset| asset.posts == 1), "{assets:?}");
    assert_eq!(rows[2]["status"], "pending");
    assert!(
        assets
            .iter()
            .any(|asset| asset.asset_id == rows[2]["asset_id"])
    );
}

#[tokio::test]
async fn case_064_another_files_status_is_never_taken() {
    // The strangers are FAILED: taking their word would give a good asset up.
    let script = r#"
        [[rule]]
        call = "status"
        per = "file"
        first = 4
        then = ["strangers", "only-stranger"]
    "#;
    let (bench, sandbox) = scene(script, &["a.mp4", "b.mp4", "c.mp4"]).await;
    let summary = upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    assert_eq!(summary.counts.success, 3);
    assert_all_right(&bench, &sandbox);
    assert_eq!(sandbox.assets().len(), 3);
}

#[tokio::test]
async fn case_065_sizes_are_read_in_every_shape_and_a_missing_one_is_noted() {
    let script = r#"
        [[rule]]
        call = "status"
        file = "number*"
        then = "size-as-number"

        [[rule]]
        call = "status"
        file = "fraction*"
        then = { set = { "data.resource.0.file_size" = 1000.0 } }

        [[rule]]
        call = "status"
        file = "empty*"
        then = { set = { "data.resource.0.file_size" = "" } }

        [[rule]]
        call = "status"
        file = "absent*"
        then = { drop = ["data.resource.0.file_size"] }
    "#;
    let names = [
        "absent.mp4",
        "empty.mp4",
        "fraction.mp4",
        "number.mp4",
        "text.mp4",
    ];
    let (bench, sandbox) = scene(script, &names).await;
    let summary = upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    assert_eq!(summary.counts.success, 5);
    assert_all_right(&bench, &sandbox);
    let noted = |row: &Row| row["error"].contains("did not tell its size");
    let noted: Vec<_> = bench.rows().iter().map(noted).collect();
    assert_eq!(noted, [true, true, false, false, false]);
}

#[tokio::test(start_paused = true)]
async fn case_067_when_looks_are_refused_uploads_go_on() {
    let script = r#"
        [[rule]]
        call = "status"
        until = "1m"
        then = "throttle"
    "#;
    let names: Vec<_> = (0..30).map(|i| format!("{i:02}.mp4")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let (bench, sandbox) = scene(script, &names).await;
    let mut settings = bench.settings(&sandbox);
    settings.rates.sign = 1.0;
    settings.rates.upload = 1.0;
    settings.rates.poll = 1.0;
    settings.retry = RetryPolicy::default();
    let start = Instant::now();
    let sent = async {
        while sandbox.stats().calls.send < 30 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        start.elapsed().as_secs()
    };
    let (summary, sent) = tokio::join!(upload(settings, bench.walk()), sent);
    assert_eq!(summary.unwrap().counts.success, 30);
    assert!(sent <= 35, "the last upload began after {sent} s");
    assert_all_right(&bench, &sandbox);
}
