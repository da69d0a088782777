//! The account's limits, on a paused clock: one request a second for each endpoint, never faster.

use std::time::Duration;

use mavi_upload::pace::Rates;
use mavi_upload::sandbox::{Processing, Sandbox, SandboxConfig};
use tokio::time::Instant;

use crate::common::{Bench, sandbox, upload};

#[tokio::test(start_paused = true)]
async fn twenty_files_at_one_request_a_second_come_close_to_the_floor() {
    let bench = Bench::new();
    (0..20).for_each(|i| drop(bench.file(&format!("{i:02}.mp4"), 10_000)));
    let processing = Processing {
        median: Duration::from_secs(2),
        sigma: 0.0,
    };
    let config = SandboxConfig {
        rate: 1.0,
        processing,
        ..Default::default()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let mut settings = bench.settings(&sandbox);
    settings.rates = Rates::default();
    settings.retry = mavi_upload::retry::RetryPolicy::default();
    settings.confirm = mavi_upload::pipeline::ConfirmPolicy::default();
    let start = Instant::now();
    let summary = upload(settings, bench.walk()).await.unwrap();
    assert_eq!(summary.counts.success, 20);
    assert_eq!(sandbox.stats().violations.total(), 0);
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds < 30.0, "{seconds} s, the floor is 20 s");
}

/// 4 files of 500 kB at 100 kB/s take 20 s, within 5 %.
#[tokio::test(start_paused = true)]
async fn bandwidth_is_shared_and_kept() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    (0..4).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 500_000)));
    let mut settings = bench.settings(&sandbox);
    settings.bandwidth = "100k".parse().unwrap();
    let start = Instant::now();
    let summary = upload(settings, bench.walk()).await.unwrap();
    assert_eq!(summary.counts.success, 4);
    let seconds = start.elapsed().as_secs_f64();
    assert!((19.0..21.0).contains(&seconds), "{seconds} s");
}
