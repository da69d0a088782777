//! The account's limits, on a paused clock: one request a second for each endpoint, never faster.

use std::time::Duration;

use mavi_sandbox::{LimitChange, LimitStyle, Processing, Sandbox, SandboxConfig};
use mavi_upload::Settings;
use mavi_upload::model::Rates;
use mavi_upload::run::{ConfirmPolicy, RetryPolicy};
use tokio::time::Instant;

use crate::common::{Bench, sandbox, upload};

/// A sandbox that takes two seconds to process a file.
async fn strict_sandbox(rate: f64) -> Sandbox {
    changing_sandbox(rate, LimitStyle::default(), Vec::new()).await
}

/// The same, whose limits change.
async fn changing_sandbox(rate: f64, style: LimitStyle, limits: Vec<LimitChange>) -> Sandbox {
    let config = SandboxConfig {
        rate,
        limit_style: style,
        limits,
        processing: Processing::always(Duration::from_secs(2)),
        ..Default::default()
    };
    Sandbox::start(config).await.unwrap()
}

/// A change for all endpoints.
fn change(after: u64, rate: Option<f64>, other_client: Option<f64>) -> LimitChange {
    LimitChange {
        after: Duration::from_secs(after),
        endpoints: Vec::new(),
        rate,
        style: None,
        other_client,
    }
}

fn files(bench: &Bench, count: usize) {
    (0..count).for_each(|i| drop(bench.file(&format!("{i:03}.mp4"), 1_000)));
}

/// The share of calls that came too early, in percent.
fn percent(violations: u64, calls: u64) -> f64 {
    let part = |count: u64| f64::from(u32::try_from(count).unwrap());
    100.0 * part(violations) / part(calls)
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
async fn case_057_without_rates_the_limit_is_found_and_every_file_is_done() {
    let bench = Bench::new();
    files(&bench, 60);
    let sandbox = strict_sandbox(1.0).await;
    let mut settings = documented(&bench, &sandbox);
    settings.rates = rates(0.0);
    let summary = upload(settings, bench.walk()).await.unwrap();
    assert_eq!(summary.counts.success, 60);
    let (calls, early) = (sandbox.stats().calls, sandbox.stats().violations);
    let share = percent(early.total(), calls.total());
    assert!(share < 12.5, "{share} %: {early:?} of {calls:?}");
}

fn rates(all: f64) -> Rates {
    Rates {
        sign: all,
        upload: all,
        poll: all,
    }
}

/// 300 files at five calls a second, where one is allowed.
async fn five_times_too_fast(style: LimitStyle) {
    let bench = Bench::new();
    files(&bench, 300);
    let sandbox = changing_sandbox(1.0, style, Vec::new()).await;
    let mut settings = documented(&bench, &sandbox);
    settings.rates = rates(5.0);
    let summary = upload(settings, bench.walk()).await.unwrap();
    assert_eq!(summary.counts.success, 300);
    let (calls, early) = (sandbox.stats().calls, sandbox.stats().violations);
    let share = percent(early.total(), calls.total());
    assert!(share < 5.0, "{style:?}: {share} %, {early:?} of {calls:?}");
}

#[tokio::test(start_paused = true)]
async fn case_057_five_times_too_fast_is_mended_when_told_by_429() {
    five_times_too_fast(LimitStyle::Http429).await;
}

#[tokio::test(start_paused = true)]
async fn case_057_five_times_too_fast_is_mended_when_told_by_retry_after() {
    five_times_too_fast(LimitStyle::RetryAfter).await;
}

#[tokio::test(start_paused = true)]
async fn case_057_five_times_too_fast_is_mended_when_told_by_a_code() {
    five_times_too_fast(LimitStyle::Code0429).await;
}

#[tokio::test(start_paused = true)]
async fn case_057_five_times_too_fast_is_mended_when_told_by_the_ambiguous_400() {
    five_times_too_fast(LimitStyle::Http400).await;
}

#[tokio::test(start_paused = true)]
async fn case_057_five_times_too_fast_is_mended_when_storage_says_slow_down() {
    five_times_too_fast(LimitStyle::SlowDown).await;
}

#[tokio::test(start_paused = true)]
async fn case_057_two_minutes_after_a_limit_was_halved_few_calls_are_refused() {
    let bench = Bench::new();
    files(&bench, 300);
    let changes = vec![change(60, Some(0.5), None)];
    let sandbox = changing_sandbox(1.0, LimitStyle::default(), changes).await;
    let settings = documented(&bench, &sandbox);
    let settled = Instant::now() + Duration::from_secs(180);
    let before = async {
        tokio::time::sleep_until(settled).await;
        sandbox.stats().calls.total()
    };
    let (summary, before) = tokio::join!(upload(settings, bench.walk()), before);
    assert_eq!(summary.unwrap().counts.success, 300);
    let early = sandbox.violations_since(settled).total();
    let calls = sandbox.stats().calls.total() - before;
    let share = percent(early, calls);
    assert!(share < 4.0, "{share} %: {early} of {calls}");
}

#[tokio::test(start_paused = true)]
async fn case_057_beside_another_client_of_the_account_every_file_is_done() {
    let bench = Bench::new();
    files(&bench, 150);
    let changes = vec![change(0, None, Some(0.5))];
    let sandbox = changing_sandbox(1.0, LimitStyle::default(), changes).await;
    let start = Instant::now();
    let settings = documented(&bench, &sandbox);
    let summary = upload(settings, bench.walk()).await.unwrap();
    assert_eq!((summary.counts.success, summary.counts.failed), (150, 0));
    assert_eq!(sandbox.assets().len(), 150);
    // The other one's calls are always in time, and each of ours brings a refusal until it is slow.
    assert!(start.elapsed() < Duration::from_secs(3_600));
}
