//! What the service says of an asset once its bytes are up, over the wire and through whole runs.
//! How often it is asked is in `looks`.

use std::time::Duration;

use mavi_upload::model::Rates;
use mavi_upload::run::RetryPolicy;
use mavi_upload::{Event, Settings, Summary};
use tokio::time::Instant;

use crate::common::Row;
use crate::network::assert_all_right;
use crate::scene::{Outcome, Scene, rule};

/// Storage says yes, and nothing arrives.
const YES: &str = r#"{ status = 200, body = "File uploaded successfully" }"#;

/// Gives up waiting after so many seconds.
fn patient_for(seconds: u64) -> impl Fn(&mut Settings) {
    move |settings| settings.confirm.timeout = Some(Duration::from_secs(seconds))
}

/// Whatever is said meanwhile, each file is confirmed and has one asset.
async fn ends_well(scene: &Scene) -> Outcome<Summary> {
    let outcome = scene.upload(|_| {}).await;
    assert_all_right(&scene.bench, &scene.sandbox);
    assert_eq!(outcome.assets.len(), outcome.rows.len());
    outcome
}

/// The states that the ledger has for assets, and why, in the order of their allotment.
fn ledger(scene: &Scene) -> Vec<String> {
    let path = scene.bench.folder.path().join("mavi-ledger.db");
    let ledger = rusqlite::Connection::open(path).unwrap();
    let query = "SELECT concat_ws(' ', state, reason) FROM asset ORDER BY id";
    let mut statement = ledger.prepare(query).unwrap();
    let states = statement.query_map([], |row| row.get(0)).unwrap();
    states.map(Result::unwrap).collect()
}

#[tokio::test(start_paused = true)]
async fn case_058_bytes_that_never_arrived_are_sent_again_by_the_next_run_to_the_same_asset() {
    let scene = Scene::one("send", "first = 1", YES).await;
    let outcome = scene.upload(patient_for(60)).await;
    assert_eq!(outcome.verdict("a.mp4"), ("pending", ""));
    let asset = &outcome.assets[0];
    assert_eq!(outcome.rows[0]["asset_id"], asset.asset_id);
    assert_eq!(asset.posts, 1);

    let outcome = scene.upload(patient_for(60)).await;
    assert_all_right(&scene.bench, &scene.sandbox);
    assert_eq!((outcome.assets.len(), outcome.assets[0].posts), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn case_058_bytes_that_never_arrived_need_a_new_asset_once_the_url_has_expired() {
    let expires = r#"{ set = { "data.expires_in" = 1 } }"#;
    let script = rule("send", "first = 1", YES) + &rule("sign", "first = 1", expires);
    let scene = Scene::new(&["a.mp4"], &script).await;
    scene.upload(patient_for(60)).await;
    // The URL's end is told by the clock on the wall, which no test can move.
    std::thread::sleep(Duration::from_millis(1_100));
    scene.upload(patient_for(60)).await;
    assert_all_right(&scene.bench, &scene.sandbox);
    assert_eq!(ledger(&scene), ["abandoned never_arrived", "confirmed"]);
}

#[tokio::test(start_paused = true)]
async fn case_059_what_is_processed_for_hours_holds_no_slot_and_ends_as_pending() {
    let files = ["a.mp4", "b.mp4", "c.mp4", "d.mp4"];
    let scene = Scene::new(&files, &rule("sign", r#"file = "a*""#, "never-ready")).await;
    let hours = Duration::from_secs(4 * 3600);
    let start = Instant::now();
    let outcome = scene
        .upload(|settings| {
            settings.confirm.timeout = Some(hours);
            settings.confirm.poll_interval = Duration::from_secs(2);
            settings.concurrency = std::num::NonZeroUsize::MIN.into();
        })
        .await;
    assert!(start.elapsed() >= hours);
    let success = "success";
    assert_eq!(outcome.statuses(), ["pending", success, success, success]);
    let place = |wanted: fn(&Event) -> bool| {
        let mut events = outcome.events.iter();
        events.rposition(|(_, event)| wanted(event)).unwrap()
    };
    let last_confirmed = place(|event| matches!(event, Event::Confirmed { .. }));
    let pending = place(|event| matches!(event, Event::Pending { .. }));
    assert!(last_confirmed < pending);
    assert_eq!(outcome.rows[0]["asset_id"], outcome.assets[0].asset_id);
    // At least one status check in 30 x 2 s.
    let status_checks = outcome.assets[0].status_checks;
    assert!((240..300).contains(&status_checks), "{status_checks}");
}

#[tokio::test]
async fn case_060_an_asset_that_failed_once_is_replaced_and_both_are_remembered() {
    let scene = Scene::one("sign", "first = 1", "failed").await;
    let outcome = scene.upload(|_| {}).await;
    assert_eq!(outcome.verdict("a.mp4"), ("success", ""));
    let (row, assets) = (&outcome.rows[0], &outcome.assets);
    assert_eq!((assets.len(), &row["asset_id"]), (2, &assets[1].asset_id));
    assert_eq!(row["attempts"], "2");
    assert_eq!(ledger(&scene), ["abandoned service_failed", "confirmed"]);
}

#[tokio::test]
async fn case_061_three_assets_that_failed_are_the_end_of_a_row() {
    let script = rule("sign", r#"file = "a*""#, "failed");
    let scene = Scene::new(&["a.mp4", "b.mp4"], &script).await;
    let outcome = scene.upload(|_| {}).await;
    assert_eq!(outcome.verdict("a.mp4"), ("failed", "service_failed"));
    assert_eq!(outcome.verdict("b.mp4"), ("success", ""));
    let mut failed = outcome.assets.iter();
    let last = failed.rfind(|asset| asset.original_filename == "a.mp4");
    assert_eq!(outcome.rows[0]["asset_id"], last.unwrap().asset_id);
    let mut states = ledger(&scene);
    states.sort_unstable();
    let given_up = "abandoned service_failed";
    assert_eq!(states, [given_up, given_up, given_up, "confirmed"]);
}

#[tokio::test]
async fn case_062_statuses_nobody_knows_are_waited_out_and_told_once_each() {
    let script = [
        rule(
            "status",
            "file = \"[ab]*\"\nper = \"file\"\nfirst = 3",
            "unknown-status",
        ),
        rule("status", "file = \"c*\"\nfirst = 3", "null-status"),
    ];
    let files = ["a.mp4", "b.mp4", "c.mp4"];
    let outcome = ends_well(&Scene::new(&files, &script.concat()).await).await;
    for word in ["\"PROCESSING\"", "\"null\""] {
        let told = |event: &Event| matches!(event, Event::Warning(text) if text.contains(word));
        let told = outcome.events.iter().filter(|(_, event)| told(event));
        assert_eq!(told.count(), 1, "{word}: {:?}", outcome.events);
    }
}

#[tokio::test(start_paused = true)]
async fn case_063_a_record_that_is_missing_after_the_upload_never_starts_a_new_asset() {
    let missing = r#"["no-record", "not-found"]"#;
    let script = rule("status", "per = \"file\"\nfirst = 4", missing)
        + &rule("status", r#"file = "never*""#, missing);
    let scene = Scene::new(&["a.mp4", "b.mp4", "never.mp4"], &script).await;
    let outcome = scene.upload(patient_for(600)).await;
    assert_eq!(outcome.statuses(), ["success", "success", "pending"]);
    let assets = &outcome.assets;
    assert_eq!(assets.len(), 3);
    assert!(assets.iter().all(|asset| asset.posts == 1), "{assets:?}");
    let never = &outcome.rows[2]["asset_id"];
    assert!(assets.iter().any(|asset| asset.asset_id == *never));
}

#[tokio::test]
async fn case_064_another_files_status_is_never_taken() {
    // The strangers are FAILED: taking their word would give a good asset up.
    let strangers = r#"["strangers", "only-stranger"]"#;
    let script = rule("status", "per = \"file\"\nfirst = 4", strangers);
    ends_well(&Scene::new(&["a.mp4", "b.mp4", "c.mp4"], &script).await).await;
}

#[tokio::test]
async fn case_065_sizes_are_read_in_every_shape_and_a_missing_one_is_noted() {
    let files = [
        "absent.mp4",
        "empty.mp4",
        "fraction.mp4",
        "number.mp4",
        "text.mp4",
    ];
    // The third file has 5,002 bytes.
    let shapes = [
        ("absent", r#"{ drop = ["data.resource.0.file_size"] }"#),
        ("empty", r#"{ set = { "data.resource.0.file_size" = "" } }"#),
        (
            "fraction",
            r#"{ set = { "data.resource.0.file_size" = 5002.0 } }"#,
        ),
        ("number", "size-as-number"),
    ];
    let script = shapes.map(|(name, then)| rule("status", &format!("file = \"{name}*\""), then));
    let outcome = ends_well(&Scene::new(&files, &script.concat()).await).await;
    let noted = |row: &Row| row["error"].contains("did not tell its size");
    let noted: Vec<_> = outcome.rows.iter().map(noted).collect();
    assert_eq!(noted, [true, true, false, false, false]);
}

#[tokio::test(start_paused = true)]
async fn case_067_when_looks_are_refused_uploads_go_on() {
    let files: Vec<_> = (0..30).map(|i| format!("{i:02}.mp4")).collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let scene = Scene::new(&files, &rule("status", r#"until = "1m""#, "throttle")).await;
    let start = Instant::now();
    let sent = async {
        while scene.sandbox.stats().calls.send < 30 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        start.elapsed().as_secs()
    };
    let upload = scene.upload(|settings| {
        settings.rates = Rates::default();
        settings.retry = RetryPolicy::default();
    });
    let (_, sent) = tokio::join!(upload, sent);
    assert!(sent <= 35, "the last upload began after {sent} s");
    assert_all_right(&scene.bench, &scene.sandbox);
}
