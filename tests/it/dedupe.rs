//! `--dedupe`: files with the same bytes share one upload and one asset id.

mod verdicts;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mavi_sandbox::Sandbox;
use mavi_upload::ledger::Ledger;
use mavi_upload::{Event, Settings, Shutdown, Summary, run};

use crate::common::{Bench, Row, held, manifest_source, sandbox, sha256, upload};

/// 30 files with 17 different contents: copies, hard links, equal sizes, unique sizes.
fn library(bench: &Bench) -> usize {
    for i in 0..8 {
        bench.file(&format!("unique {i}.mp4"), 1_000 + i);
    }
    for i in 0..4 {
        bench.file(&format!("same size {i}.mp4"), 60_000);
    }
    for group in 0..5 {
        let first = bench.file(&format!("group {group}.mp4"), 300_000 + group % 2);
        for i in 0..2 {
            let copy = bench.library().join(format!("group {group} copy {i}.mp4"));
            fs::copy(&first, copy).unwrap();
        }
    }
    for i in 0..3 {
        let link = bench.library().join(format!("link {i}.mp4"));
        fs::hard_link(bench.library().join("group 0.mp4"), link).unwrap();
    }
    17
}

fn settings(bench: &Bench, sandbox: &Sandbox, concurrency: usize) -> Settings {
    let mut settings = bench.settings(sandbox);
    settings.dedupe = true;
    settings.concurrency = concurrency.to_string().parse().unwrap();
    settings
}

/// The run, and the files that were read ahead in it.
async fn watched(settings: Settings, bench: &Bench) -> (Summary, Vec<PathBuf>) {
    let read = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&read);
    let listen = move |event: &Event| {
        if let Event::ReadingAhead { path, .. } = event {
            note.lock().unwrap().push(path.clone());
        }
    };
    let summary = run(settings, bench.walk(), listen, Shutdown::new())
        .await
        .unwrap();
    let read = std::mem::take(&mut *read.lock().unwrap());
    (summary, read)
}

/// Every row is right, and rows share an asset exactly when their files have the same bytes.
fn check(bench: &Bench, sandbox: &Sandbox) -> Vec<Row> {
    let (rows, assets) = (bench.rows(), sandbox.assets());
    let mut of_content = BTreeMap::new();
    for row in &rows {
        let digest = sha256(&fs::read(&row["path"]).unwrap());
        let asset = held(&assets, &row["asset_id"]);
        assert_eq!(row["status"], "success", "{row:?}");
        assert_eq!(row["sha256"], digest);
        assert_eq!(asset.sha256.as_ref(), Some(&digest));
        assert_eq!(row["bytes"].parse().ok(), asset.bytes);
        assert!(!row["uploaded_at"].is_empty() && !row["confirmed_at"].is_empty());
        let first = of_content.insert(digest, row["asset_id"].clone());
        assert!(first.is_none_or(|id| id == row["asset_id"]), "{row:?}");
    }
    let stored = assets.iter().filter(|asset| asset.bytes.is_some());
    assert_eq!(stored.count(), of_content.len());
    assert!(assets.iter().all(|asset| asset.complete_posts <= 1));
    rows
}

#[tokio::test]
async fn case_085_equal_files_share_one_upload() {
    for concurrency in [1, 8] {
        let (bench, sandbox) = (Bench::new(), sandbox().await);
        let distinct = library(&bench);
        let (summary, read) = watched(settings(&bench, &sandbox, concurrency), &bench).await;
        assert_eq!(summary.counts.success, 30);
        assert_eq!(sandbox.assets().len(), distinct);
        assert_eq!(summary.tally.shared, 30 - distinct as u64);
        let rows = check(&bench, &sandbox);
        let sharing = rows
            .iter()
            .filter(|row| row["error_code"] == "duplicate_content");
        assert_eq!(sharing.count(), 30 - distinct);

        assert_eq!(read.iter().collect::<HashSet<_>>().len(), read.len());
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let names: Vec<_> = read.iter().map(name).collect();
        assert!(
            !names.iter().any(|name| name.starts_with("unique")),
            "{names:?}"
        );
        let linked = |name: &&String| name.starts_with("link") || *name == "group 0.mp4";
        // Two names of one file may be read at the same moment, but not one after the other.
        assert!(
            names.iter().filter(linked).count() <= concurrency,
            "{names:?}"
        );
    }
}

#[tokio::test]
async fn a_second_run_makes_no_call_and_new_copies_no_upload() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let distinct = library(&bench);
    upload(settings(&bench, &sandbox, 4), bench.walk())
        .await
        .unwrap();
    let (calls, report) = (sandbox.stats().calls, fs::read(bench.report()).unwrap());
    let mut without = settings(&bench, &sandbox, 4);
    without.dedupe = false;
    let summary = upload(without, bench.walk()).await.unwrap();
    assert_eq!(summary.tally.skipped, 30);
    assert_eq!(sandbox.stats().calls, calls);
    assert_eq!(fs::read(bench.report()).unwrap(), report);

    for name in ["unique 3", "same size 2", "group 4"] {
        let folder = bench.library();
        let copy = folder.join(format!("a later copy of {name}.mp4"));
        fs::copy(folder.join(format!("{name}.mp4")), copy).unwrap();
    }
    let summary = upload(settings(&bench, &sandbox, 4), bench.walk())
        .await
        .unwrap();
    assert_eq!((summary.counts.success, summary.tally.shared), (33, 3));
    assert_eq!(sandbox.assets().len(), distinct);
    assert_eq!(sandbox.stats().calls, calls);
    check(&bench, &sandbox);
}

#[tokio::test]
async fn a_file_that_changed_leaves_the_asset_to_its_twin() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let first = bench.file("a.mp4", 5_000);
    let copy = bench.library().join("b.mp4");
    fs::copy(&first, &copy).unwrap();
    // One at a time: the first row is the first to go up.
    upload(settings(&bench, &sandbox, 1), bench.walk())
        .await
        .unwrap();
    let shared = bench.rows()[1]["asset_id"].clone();
    assert_eq!(
        bench.rows()[1]["error"],
        "the same bytes as row 1: it shares that asset"
    );

    fs::write(&first, b"something else").unwrap();
    upload(settings(&bench, &sandbox, 4), bench.walk())
        .await
        .unwrap();
    let rows = check(&bench, &sandbox);
    assert_eq!(rows[1]["asset_id"], shared);
    assert_ne!(rows[0]["asset_id"], shared);
    assert_eq!(
        rows[1]["error"],
        "the same bytes as row 1, as that was before it changed: it shares that asset"
    );
    // Times may change, of either, without a call.
    let calls = sandbox.stats().calls;
    for path in [&first, &copy] {
        let later = std::time::SystemTime::now() + Duration::from_secs(60);
        fs::File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(later)
            .unwrap();
    }
    for skipped in [0, 2] {
        let summary = upload(settings(&bench, &sandbox, 4), bench.walk())
            .await
            .unwrap();
        assert_eq!(
            (summary.counts.success, summary.tally.skipped),
            (2, skipped)
        );
        assert_eq!(sandbox.stats().calls, calls);
    }
    // The last one that uses it gives it up.
    fs::write(&copy, b"other bytes too").unwrap();
    upload(settings(&bench, &sandbox, 4), bench.walk())
        .await
        .unwrap();
    assert_eq!(sandbox.assets().len(), 3);
    assert_ne!(bench.rows()[1]["asset_id"], shared);
}

#[tokio::test]
async fn case_085_without_dedupe_every_path_has_its_asset() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let first = bench.file("a.mp4", 5_000);
    fs::copy(&first, bench.library().join("b.mp4")).unwrap();
    fs::hard_link(&first, bench.library().join("c.mp4")).unwrap();
    upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    assert_eq!(sandbox.assets().len(), 3);
    assert!(bench.rows().iter().all(|row| row["error_code"].is_empty()));
}

#[tokio::test]
async fn a_twin_has_to_be_what_its_manifest_expects() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let first = bench.file("a.mp4", 5_000);
    for name in ["b.mp4", "c.mp4"] {
        fs::copy(&first, bench.library().join(name)).unwrap();
    }
    let digest = sha256(&fs::read(&first).unwrap());
    let wrong = "0".repeat(64);
    let text = format!("path,sha256\na.mp4,\nb.mp4,{wrong}\nc.mp4,{digest}\n");
    let manifest = bench.manifest(&text);
    let settings = settings(&bench, &sandbox, 4);
    upload(settings, manifest_source(&manifest)).await.unwrap();
    let codes = bench
        .rows()
        .into_iter()
        .map(|row| row["error_code"].clone());
    assert_eq!(
        codes.collect::<Vec<_>>(),
        ["", "sha256_mismatch", "duplicate_content"]
    );
    assert_eq!(sandbox.assets().len(), 1);
}

#[tokio::test]
async fn what_waits_for_the_service_is_shared_as_it_is() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let first = bench.file("a.mp4", 5_000);
    for name in ["b.mp4", "c.mp4"] {
        fs::copy(&first, bench.library().join(name)).unwrap();
    }
    let mut unconfirmed = settings(&bench, &sandbox, 4);
    unconfirmed.confirm.timeout = None;
    let summary = upload(unconfirmed, bench.walk()).await.unwrap();
    assert_eq!(summary.counts.pending, 3);
    assert_eq!(sandbox.assets().len(), 1);
    let summary = upload(settings(&bench, &sandbox, 4), bench.walk())
        .await
        .unwrap();
    assert_eq!(summary.counts.success, 3);
    assert_eq!(summary.tally.polls, 1, "one look tells of all three");
    check(&bench, &sandbox);
}

/// Dropping the run at any moment is a kill to everything but the operating system.
#[tokio::test]
async fn case_119_killed_at_random_equal_files_still_share() {
    for seed in 0..6 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (bench, sandbox) = (Bench::new(), sandbox().await);
        library(&bench);
        for _ in 0..5 {
            let killed = upload(settings(&bench, &sandbox, 4), bench.walk());
            let pause = Duration::from_millis(random.u64(5..120));
            drop(tokio::time::timeout(pause, killed).await);
            // What the run left behind on other threads lets go of the ledger.
            let ledger = bench.report().with_file_name("mavi-ledger.db");
            while Ledger::open(&ledger).is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        let summary = upload(settings(&bench, &sandbox, 4), bench.walk())
            .await
            .unwrap();
        assert_eq!(summary.counts.success, 30, "seed {seed}");
        check(&bench, &sandbox);
    }
}
