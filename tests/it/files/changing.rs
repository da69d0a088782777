//! Files that change under our hands: storage never holds what never was, nor is it said to.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use mavi_sandbox::Sandbox;
use mavi_upload::api::HttpService;
use mavi_upload::run::run_with;
use mavi_upload::{Event, Settings, Shutdown, Summary, run};

use crate::common::{Bench, asset_ids, content, held, sandbox, sha256, upload};
use crate::meddler::{Meddler, Moment};

/// Larger than what is read ahead of a slow line.
const LARGE: usize = 2_500_000;

/// A line on which [`LARGE`] takes a third of a second.
fn slow(mut settings: Settings) -> Settings {
    settings.bandwidth = "8M".parse().unwrap();
    settings
}

/// Does something to a file while it is being sent.
type Meddle = fn(&Path);

const MEDDLES: [(&str, Meddle); 4] = [
    ("grows.mp4", |path| {
        let mut file = File::options().append(true).open(path).unwrap();
        file.write_all(b"more").unwrap();
    }),
    ("shrinks.mp4", |path| {
        let file = File::options().write(true).open(path).unwrap();
        file.set_len(file.metadata().unwrap().len() - 100_000)
            .unwrap();
    }),
    ("replaced.mp4", |path| {
        let new = path.with_extension("new");
        fs::write(&new, content("new", LARGE)).unwrap();
        fs::rename(new, path).unwrap();
    }),
    ("rewritten.mp4", |path| {
        let mut file = File::options().write(true).open(path).unwrap();
        file.seek(SeekFrom::Start(1000)).unwrap();
        file.write_all(b"other").unwrap();
    }),
];

/// Uploads a file of each kind, that is meddled with in its first `times` uploads.
async fn meddled_with(bench: &Bench, settings: Settings, times: u32) -> Summary {
    for (name, _) in MEDDLES {
        bench.file(name, LARGE);
    }
    let sendings: Vec<_> = MEDDLES.iter().map(|_| AtomicU32::new(0)).collect();
    let listener = move |event: &Event| {
        let Event::Sending { path, .. } = event else {
            return;
        };
        let of = MEDDLES
            .iter()
            .position(|(name, _)| path.ends_with(name))
            .unwrap();
        if sendings[of].fetch_add(1, Ordering::Relaxed) < times {
            (MEDDLES[of].1)(path);
        }
    };
    let source = bench.walk();
    run(slow(settings), source, listener, Shutdown::new())
        .await
        .unwrap()
}

#[tokio::test]
async fn case_072_073_074_075_a_file_that_keeps_changing_is_never_stored() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let summary = meddled_with(&bench, bench.settings(&sandbox), 9).await;
    assert_eq!(summary.counts.failed, 4);
    for row in bench.rows() {
        assert_eq!(
            (row["error_code"].as_str(), row["attempts"].as_str()),
            ("changed", "3")
        );
        assert!(row["error"].contains("upload it when it is complete"));
    }
    let assets = sandbox.assets();
    assert_eq!(assets.len(), 4, "one id a file");
    assert!(
        assets
            .iter()
            .all(|asset| asset.complete_posts == 0 && asset.bytes.is_none())
    );

    let again = upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    assert_eq!(again.counts.success, 4);
    assert_eq!(
        sandbox.assets().len(),
        4,
        "the ids that are paid for are used"
    );
}

#[tokio::test]
async fn case_072_073_074_075_a_file_that_changed_once_goes_up_as_it_is_then() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let summary = meddled_with(&bench, bench.settings(&sandbox), 1).await;
    assert_eq!(summary.counts.success, 4);
    let assets = sandbox.assets();
    assert_eq!(assets.len(), 4);
    for row in bench.rows() {
        let now = sha256(&fs::read(&row["path"]).unwrap());
        assert_eq!(
            (row["sha256"].as_str(), row["attempts"].as_str()),
            (now.as_str(), "2")
        );
        let asset = held(&assets, &row["asset_id"]);
        assert_eq!(
            (asset.sha256.as_deref(), asset.complete_posts),
            (Some(now.as_str()), 1)
        );
    }
}

#[tokio::test]
async fn case_073_a_file_that_is_emptied_under_way_does_not_hang() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let path = bench.file("a.mp4", LARGE);
    let listener = move |event: &Event| {
        if let Event::Sending { .. } = event {
            File::create(&path).unwrap();
        }
    };
    let settings = slow(bench.settings(&sandbox));
    run(settings, bench.walk(), listener, Shutdown::new())
        .await
        .unwrap();
    assert_eq!(bench.rows()[0]["error_code"], "empty");
    assert_eq!(sandbox.assets()[0].complete_posts, 0);
}

/// Uploads one file that is replaced each time storage has said yes, before that is heard.
async fn replaced_at_the_last_moment(times: u32) -> (Bench, Sandbox) {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let path = bench.file("a.mp4", 1000);
    let settings = bench.settings(&sandbox);
    let sent = AtomicU32::new(0);
    let service = Meddler {
        service: HttpService::new(settings.http()).unwrap(),
        meddle: move |moment: Moment<'_>| {
            if moment == Moment::AfterSend {
                let so_far = sent.fetch_add(1, Ordering::Relaxed);
                if so_far < times {
                    let new = path.with_extension("new");
                    fs::write(&new, content(&so_far.to_string(), 1000)).unwrap();
                    fs::rename(new, &path).unwrap();
                }
            }
            None
        },
    };
    let listener = |_: &Event| {};
    run_with(settings, service, bench.walk(), listener, Shutdown::new())
        .await
        .unwrap();
    (bench, sandbox)
}

#[tokio::test]
async fn case_074_a_file_replaced_before_the_answer_goes_up_again_as_it_is() {
    let (bench, sandbox) = replaced_at_the_last_moment(1).await;
    let row = &bench.rows()[0];
    assert_eq!(
        (row["status"].as_str(), row["attempts"].as_str()),
        ("success", "2")
    );
    assert_eq!(row["sha256"], sha256(&fs::read(&row["path"]).unwrap()));
    let (assets, ledger) = (sandbox.assets(), bench.folder.path().join("mavi-ledger.db"));
    assert_eq!(
        asset_ids(&ledger),
        [&*assets[0].asset_id, &*assets[1].asset_id]
    );
    assert_eq!(row["asset_id"], assets[1].asset_id);
    let states = rusqlite::Connection::open(ledger).unwrap();
    let sql = "SELECT state || ' ' || reason FROM asset WHERE id = 1";
    let first: String = states.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(
        first, "abandoned superseded",
        "to be found among the orphans"
    );
}

#[tokio::test]
async fn case_074_a_file_replaced_each_time_before_the_answer_fails() {
    let (bench, sandbox) = replaced_at_the_last_moment(9).await;
    let row = &bench.rows()[0];
    assert_eq!(
        (row["error_code"].as_str(), row["attempts"].as_str()),
        ("changed", "3")
    );
    assert!(row["asset_id"].is_empty());
    assert_eq!(sandbox.assets().len(), 3);
}
