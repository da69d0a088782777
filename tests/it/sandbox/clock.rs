//! Limits, expiry and processing, with the clock paused.

use std::time::Duration;

use mavi_sandbox::Processing;

use super::{Bench, json_of};

#[tokio::test(start_paused = true)]
async fn early_calls_are_violations() {
    let bench = Bench::start(|config| config.rate = 2.0).await;
    bench.sign("a.mp4").await;
    let early = bench.sign_call("b.mp4").send().await.unwrap();
    assert_eq!(early.status(), 429);
    assert_eq!(json_of(early).await["code"], "0429");
    tokio::time::sleep(Duration::from_millis(495)).await;
    let (id, url) = bench.sign("b.mp4").await;
    assert_eq!(bench.send(&format!("{url}x"), "b.mp4", b"x").await.0, 403);
    // The refused upload was an arrival, so this one is early.
    assert_eq!(bench.send(&url, "b.mp4", b"x").await.0, 429);
    assert_eq!(bench.upload_status(&id).await, "WAITING");
    let stats = bench.sandbox.stats();
    assert_eq!((stats.calls.sign, stats.violations.sign), (3, 1));
    assert_eq!((stats.calls.send, stats.violations.send), (2, 1));
    assert_eq!(stats.refused.total(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_url_is_good_for_its_asset_and_its_time() {
    let bench = Bench::start(|config| config.url_lifetime = Duration::from_secs(60)).await;
    let (_, first) = bench.sign("a.mp4").await;
    let (id, second) = bench.sign("b.mp4").await;
    let (path, query) = (
        second.split_once('?').unwrap().0,
        first.split_once('?').unwrap().1,
    );
    let mixed = format!("{path}?{query}");
    assert_eq!(bench.send(&mixed, "b.mp4", b"x").await.0, 403);
    assert_eq!(bench.send(path, "b.mp4", b"x").await.0, 403);
    tokio::time::sleep(Duration::from_secs(61)).await;
    let (code, text) = bench.send(&second, "b.mp4", b"x").await;
    assert_eq!((code, text.as_str()), (403, "Request has expired"));
    assert_eq!(bench.upload_status(&id).await, "WAITING");
}

/// 2,000 files at one call a second take over half an hour of the paused clock.
#[tokio::test(start_paused = true)]
async fn a_long_run_at_the_documented_rate() {
    let bench = Bench::start(|config| {
        config.rate = 1.0;
        config.processing = "20s,0.5".parse::<Processing>().unwrap();
    })
    .await;
    let processing: Processing = "20s,0.5".parse().unwrap();
    for index in 0..2_000_u64 {
        let (id, url) = bench.sign("a.mp4").await;
        assert_eq!(bench.send(&url, "a.mp4", b"x").await.0, 200);
        let ready = processing.draw(0, index);
        if index < 20 {
            tokio::time::sleep(ready.saturating_sub(Duration::from_millis(10))).await;
            assert_eq!(bench.upload_status(&id).await, "UPLOADING");
            tokio::time::sleep(Duration::from_millis(1_020)).await;
            assert_eq!(bench.upload_status(&id).await, "SUCCESS");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(bench.sandbox.stats().violations.total(), 0);
    assert_eq!(bench.sandbox.stats().assets, 2_000);
}
