//! The whole way through the library: files in, assets up, report out.

use mavi_upload::run::Concurrency;

#[cfg(unix)]
use crate::common::make_fifo;
use crate::common::{Bench, content, held, manifest_source, sandbox, sha256, upload};

#[tokio::test]
async fn a_folder_becomes_a_report_of_asset_ids() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    for i in 0..20 {
        bench.file(&format!("clip {i}.mp4"), 1 + i * 40_000);
    }
    let summary = upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    assert_eq!((summary.counts.success, summary.counts.rows()), (20, 20));
    let assets = sandbox.assets();
    assert_eq!(assets.len(), 20);
    for row in bench.rows() {
        let asset = held(&assets, &row["asset_id"]);
        let bytes = std::fs::read(&row["path"]).unwrap();
        assert_eq!(row["status"], "success");
        assert_eq!(row["sha256"], sha256(&bytes));
        assert_eq!(Some(&row["sha256"]), asset.sha256.as_ref());
        assert_eq!(row["bytes"].parse::<u64>().ok(), asset.bytes);
        assert_eq!(asset.complete_posts, 1);
    }
}

#[tokio::test]
async fn the_same_command_again_makes_no_call() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    (0..5).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 1000)));
    upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    let (calls, first) = (
        sandbox.stats().calls.total(),
        std::fs::read(bench.report()).unwrap(),
    );
    let summary = upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    assert_eq!(sandbox.stats().calls.total(), calls);
    assert_eq!(summary.tally.skipped, 5);
    assert_eq!(std::fs::read(bench.report()).unwrap(), first);
}

#[tokio::test]
async fn manifest_rows_keep_their_order_and_columns() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("b.mp4", 3000);
    bench.file("a.mp4", 10);
    let digest = sha256(&content("a.mp4", 10));
    let manifest = bench.manifest(&format!(
        "status;path;sha256;note\nnew;b.mp4;;\"semi;colon\"\n;a.mp4;{digest};=1+1\nx;b.mp4;;again\n"
    ));
    let summary = upload(bench.settings(&sandbox), manifest_source(&manifest))
        .await
        .unwrap();
    assert_eq!(summary.counts.success, 3);
    let rows = bench.rows();
    let notes: Vec<_> = rows.iter().map(|row| row["note"].as_str()).collect();
    assert_eq!(notes, ["semi;colon", "=1+1", "again"]);
    assert_eq!(rows[0]["manifest_status"], "new");
    assert_eq!(rows[0]["asset_id"], rows[2]["asset_id"]);
    assert_eq!(rows[2]["error_code"], "duplicate_row");
    assert_eq!(sandbox.assets().len(), 2);
}

#[tokio::test]
async fn a_wrong_digest_never_arrives_whole() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 600_000);
    let manifest = bench.manifest(&format!("path,sha256\na.mp4,{}\n", "0".repeat(64)));
    let summary = upload(bench.settings(&sandbox), manifest_source(&manifest))
        .await
        .unwrap();
    assert_eq!(summary.counts.failed, 1);
    assert_eq!(bench.rows()[0]["error_code"], "sha256_mismatch");
    assert_eq!(sandbox.assets()[0].complete_posts, 0);
}

#[cfg(unix)]
#[tokio::test]
async fn files_that_cannot_be_sent_cost_no_call_and_hold_nobody_up() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("good.mp4", 1000);
    bench.file("empty.mp4", 0);
    bench.file("notes.txt", 10);
    std::fs::create_dir(bench.library().join("folder.mp4")).unwrap();
    let fifo = bench.library().join("fifo.mp4");
    make_fifo(&fifo);
    let large = std::fs::File::create(bench.library().join("large.mp4")).unwrap();
    large.set_len(5_368_709_121).unwrap();
    let manifest = bench.manifest(
        "path\nmissing.mp4\nempty.mp4\nfolder.mp4\nfifo.mp4\nlarge.mp4\nnotes.txt\nhttp://x/y.mp4\ngood.mp4\n",
    );
    let summary = upload(bench.settings(&sandbox), manifest_source(&manifest))
        .await
        .unwrap();
    assert_eq!((summary.counts.failed, summary.counts.success), (7, 1));
    let codes: Vec<_> = bench
        .rows()
        .iter()
        .map(|row| row["error_code"].clone())
        .collect();
    let expected = [
        "not_found",
        "empty",
        "not_regular",
        "not_regular",
        "too_large",
        "unsupported_type",
        "not_local",
        "",
    ];
    assert_eq!(codes, expected);
    assert_eq!(sandbox.assets().len(), 1);
}

#[tokio::test]
async fn a_run_that_looks_for_its_number_of_uploads_sends_each_file_once() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    (0..30).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 10_000)));
    let mut settings = bench.settings(&sandbox);
    settings.concurrency = Concurrency::Auto;
    let summary = upload(settings, bench.walk()).await.unwrap();
    assert_eq!((summary.counts.success, sandbox.assets().len()), (30, 30));
}
