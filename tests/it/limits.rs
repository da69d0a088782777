//! The account's limits, on a paused clock: one request a second for each endpoint, never faster.

use std::time::Duration;

use mavi_upload::Settings;
use mavi_upload::pace::Rates;
use mavi_upload::pipeline::ConfirmPolicy;
use mavi_upload::retry::RetryPolicy;
use mavi_upload::sandbox::{Processing, Sandbox, SandboxConfig};
use tokio::time::Instant;

use crate::common::{Bench, sandbox, upload};

/// A sandbox that takes two seconds to process a file.
async fn strict_sandbox(rate: f64) -> Sandbox {
    let processing = Processing {
        median: Duration::from_secs(2),
        sigma: 0.0,
    };
    let config = SandboxConfig {
        rate,
        processing,
        ..Default::default()
    };
    Sandbox::start(config).await.unwrap()
}

/// Settings as a user gets them.
fn documented(bench: &Bench, sandbox: &Sandbox) -> Settings {
    let mut settings = bench.settings(sandbox);
    settings.rates = Rates::default();
    settings.retry = RetryPolicy::default();
    settings.confirm = ConfirmPolicy::default();
    settings
}

#[tokio::test(start_paused = true)]
async fn twenty_files_at_one_request_a_second_come_close_to_the_floor() {
    let bench = Bench::new();
    (0..20).for_each(|i| drop(bench.file(&format!("{i:02}.mp4"), 10_000)));
    let sandbox = strict_sandbox(1.0).await;
    let settings = documented(&bench, &sandbox);
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

#[tokio::test(start_paused = true)]
async fn a_run_right_after_another_breaks_no_limit() {
    let bench = Bench::new();
    let sandbox = strict_sandbox(1.0).await;
    for run in 0..5 {
        (0..3).for_each(|i| drop(bench.file(&format!("{run}-{i}.mp4"), 1_000)));
        let settings = documented(&bench, &sandbox);
        let summary = upload(settings, bench.walk()).await.unwrap();
        assert_eq!(summary.counts.success, 3 * (run + 1));
    }
    assert_eq!(sandbox.stats().violations.total(), 0);
}

#[tokio::test(start_paused = true)]
async fn case_057_rates_set_too_high_come_down_and_every_file_is_done() {
    for set in [0.0, 5.0] {
        let bench = Bench::new();
        (0..60).for_each(|i| drop(bench.file(&format!("{i:02}.mp4"), 1_000)));
        let sandbox = strict_sandbox(1.0).await;
        let mut settings = documented(&bench, &sandbox);
        settings.rates = Rates {
            sign: set,
            upload: set,
            poll: set,
        };
        let summary = upload(settings, bench.walk()).await.unwrap();
        assert_eq!(summary.counts.success, 60);
        let (calls, early) = (sandbox.stats().calls, sandbox.stats().violations);
        println!("{set} set: {early:?} of {calls:?}");
        assert!(early.total() * 8 < calls.total(), "{early:?} of {calls:?}");
    }
}
