//! The network goes wrong under whole runs: connections that do not come about, break, stall or
//! crawl.

mod binary;
mod proxied;
mod tls;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mavi_sandbox::{Processing, Sandbox};
use mavi_upload::api::{HttpService, HttpSettings};
use mavi_upload::run::{RetryPolicy, run_with};
use mavi_upload::shutdown::StopCause;
use mavi_upload::{Event, Settings, Shutdown, Summary, run};
use tokio::time::Instant;

use crate::common::{Bench, free, held, moving_clock, sandbox, scripted, sha256, upload};
use crate::model::{self, Model, settings};
use crate::proxy::{BlackHole, End, Mishap, address, closed_port, storage_proxy};

/// Runs, and gives the events as well.
pub(crate) async fn run_and_listen(settings: Settings, bench: &Bench) -> (Summary, Vec<Event>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listener = {
        let heard = Arc::clone(&heard);
        move |event: &Event| heard.lock().unwrap().push(event.clone())
    };
    let summary = run(settings, bench.walk(), listener, Shutdown::new()).await;
    let heard = heard.lock().unwrap().clone();
    (summary.unwrap(), heard)
}

/// Every row is confirmed, every file is stored once, and its bytes are right.
pub(crate) fn assert_all_right(bench: &Bench, sandbox: &Sandbox) {
    let (rows, assets) = (bench.rows(), sandbox.assets());
    for row in &rows {
        assert_eq!(row["status"], "success", "{row:?}");
        let asset = held(&assets, &row["asset_id"]);
        let bytes = std::fs::read(bench.folder.path().join(&row["path"])).unwrap();
        assert_eq!(asset.sha256.as_ref(), Some(&sha256(&bytes)), "{row:?}");
        assert_eq!(row["sha256"], sha256(&bytes), "{row:?}");
    }
    let stored = assets.iter().filter(|asset| asset.bytes.is_some());
    assert_eq!(stored.count(), rows.len());
}

#[tokio::test(start_paused = true)]
async fn case_043_an_api_that_is_not_there_stops_the_run_after_three_tries_and_half_a_minute() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 1000);
    let base = format!("http://{}/v2", closed_port().await);
    let mut settings = Settings::new(sandbox.api_key(), &base, bench.report()).unwrap();
    settings.retry = RetryPolicy::default();
    let start = Instant::now();
    let summary = upload(settings, bench.walk()).await.unwrap();
    let Some(StopCause::Outage(words)) = summary.cause else {
        panic!("{summary:?}")
    };
    assert!(words.starts_with("cannot connect to 127.0.0.1:"), "{words}");
    assert_eq!(summary.counts.not_started, 1);
    let seconds = start.elapsed().as_secs();
    assert!((30..120).contains(&seconds), "{seconds} s");
}

#[tokio::test(start_paused = true)]
async fn case_045_a_connection_that_never_comes_about_is_given_up_after_ten_seconds() {
    let hole = BlackHole::open((Ipv4Addr::LOCALHOST, 0).into()).await;
    let script = format!(
        r#"
        [[rule]]
        call = "sign"
        file = "lost*"
        then = {{ set = {{ "data.signed_url" = "http://{}/storage?signature=x" }} }}
        "#,
        hole.at
    );
    let sandbox = Sandbox::start(scripted(&script)).await.unwrap();
    let bench = Bench::new();
    bench.file("lost.mp4", 1000);
    (0..5).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 1000)));
    let mut settings = bench.settings(&sandbox);
    settings.retry.retries = 1;
    let start = Instant::now();
    let summary = upload(settings, bench.walk()).await.unwrap();
    assert_eq!((summary.counts.success, summary.counts.failed), (5, 1));
    let rows = bench.rows();
    assert_eq!(rows[5]["error_code"], "network", "{rows:?}");
    assert!(rows[5]["error"].contains(&hole.at.to_string()));
    // Twice in either pass.
    let seconds = start.elapsed().as_secs();
    assert!((40..45).contains(&seconds), "{seconds} s");
}

/// What an upload of `a.mp4` of this size takes on the wire: its head, all of it, and the answer.
async fn measure(size: usize) -> (u64, u64, u64) {
    let (proxy, sandbox) = storage_proxy(free()).await;
    let bench = Bench::new();
    bench.file("a.mp4", size);
    upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    let (asked, answered) = proxy.passed();
    (asked - sandbox.assets()[0].bytes_received, asked, answered)
}

#[tokio::test]
async fn case_047_wherever_an_upload_breaks_the_same_asset_takes_the_whole_file() {
    const SIZE: usize = 700_000;
    let (head, all, _) = measure(SIZE).await;
    for end in [End::Reset, End::Close] {
        for after in [0, 1, head, head + 1, all / 2, all - 1, all] {
            let (proxy, sandbox) = storage_proxy(free()).await;
            let bench = Bench::new();
            bench.file("a.mp4", SIZE);
            proxy.expect(Mishap::Cut(after, end));
            let summary = upload(bench.settings(&sandbox), bench.walk()).await;
            assert_eq!(summary.unwrap().counts.success, 1, "{end:?} after {after}");
            assert_all_right(&bench, &sandbox);
            let assets = sandbox.assets();
            let told = format!("{end:?} after {after}: {assets:?}");
            assert_eq!((assets.len(), assets[0].complete_posts), (1, 1), "{told}");
            assert!(proxy.knocks().len() <= 2, "{told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn case_048_a_peer_that_stops_reading_is_left_after_a_minute_and_others_go_on() {
    let (proxy, sandbox) = storage_proxy(free()).await;
    let bench = Bench::new();
    let large = bench.library().join("a-large.mp4");
    let size = 16 << 20;
    std::fs::File::create(large).unwrap().set_len(size).unwrap();
    (0..8).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 1000)));
    proxy.expect(Mishap::Stall(1 << 20));
    let mut settings = bench.settings(&sandbox);
    settings.concurrency = std::num::NonZeroUsize::new(2).unwrap().into();
    let _moving = moving_clock(Duration::from_millis(20));
    let start = Instant::now();
    let confirmed = Arc::new(Mutex::new(Vec::new()));
    let listener = {
        let confirmed = Arc::clone(&confirmed);
        move |event: &Event| {
            if let Event::Confirmed { .. } = event {
                confirmed.lock().unwrap().push(start.elapsed().as_secs());
            }
        }
    };
    let summary = run(settings, bench.walk(), listener, Shutdown::new()).await;
    assert_eq!(summary.unwrap().counts.success, 9);
    assert_all_right(&bench, &sandbox);
    assert_eq!(sandbox.assets().len(), 9, "the same asset was filled");
    let confirmed = confirmed.lock().unwrap();
    assert!(confirmed[7] < 10, "{confirmed:?}");
    assert!((60..100).contains(&confirmed[8]), "{confirmed:?}");
}

#[tokio::test]
async fn case_049_an_answer_that_breaks_off_counts_once_its_head_was_seen() {
    let (_, _, answer) = measure(1000).await;
    for (after, doubted) in [(answer - 5, false), (10, true), (0, true)] {
        for end in [End::Reset, End::Close] {
            let (proxy, sandbox) = storage_proxy(free()).await;
            let bench = Bench::new();
            bench.file("a.mp4", 1000);
            proxy.expect(Mishap::CutAnswer(after, end));
            let (summary, events) = run_and_listen(bench.settings(&sandbox), &bench).await;
            assert_eq!(summary.counts.success, 1);
            assert_all_right(&bench, &sandbox);
            assert_eq!(sandbox.assets()[0].posts, 1, "it was asked, not sent again");
            let retried = |event: &Event| matches!(event, Event::Retrying { .. });
            let told = format!("{end:?} after {after}");
            assert_eq!(events.iter().any(retried), doubted, "{told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn case_050_connections_closed_between_two_calls_are_hardly_noticed() {
    let script = r#"
        [[rule]]
        call = ["sign", "send", "status"]
        then = "stale"
    "#;
    let sandbox = Sandbox::start(scripted(script)).await.unwrap();
    let bench = Bench::new();
    (0..30).for_each(|i| drop(bench.file(&format!("{i:02}.mp4"), 1000)));
    let mut settings = bench.settings(&sandbox);
    // No call leaves just when the connection is closed; that one would be lost in earnest.
    settings.rates.sign = 10.0;
    settings.rates.poll = 10.0;
    let (summary, events) = run_and_listen(settings, &bench).await;
    assert_eq!(summary.counts.success, 30);
    assert_all_right(&bench, &sandbox);
    let visible = |event: &&Event| matches!(event, Event::Retrying { .. } | Event::Warning(_));
    let visible: Vec<_> = events.iter().filter(visible).collect();
    assert!(visible.len() <= 1, "{visible:?}");
}

#[tokio::test(start_paused = true)]
async fn case_051_a_trickle_goes_on_and_is_told_of_every_five_minutes() {
    let bench = Bench::new();
    bench.file("a.mp4", 700_000);
    let processing = Processing::always(Duration::from_secs(1));
    let model = Model::new(processing, 1, true).taking(1_000);
    let mut settings = settings(bench.folder.path());
    settings.concurrency = std::num::NonZeroUsize::new(1).unwrap().into();
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let listener = {
        let warnings = Arc::clone(&warnings);
        move |event: &Event| {
            if let Event::Warning(text) = event {
                warnings.lock().unwrap().push(text.clone());
            }
        }
    };
    let start = Instant::now();
    let summary = model::upload(settings, bench.folder.path(), &model, listener).await;
    assert_eq!(summary.counts.success, 1);
    assert_eq!(bench.rows()[0]["attempts"], "1");
    assert!((700..710).contains(&start.elapsed().as_secs()));
    let warnings = warnings.lock().unwrap();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    let told = "a.mp4: uploading at 983 bytes a second; it goes on";
    assert!(warnings[1].ends_with(told), "{warnings:?}");
}

#[tokio::test]
async fn case_055_a_dead_ipv6_address_costs_less_than_a_second() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 1000);
    // The port is that of the URL, whatever the address.
    let port = address(&sandbox).port();
    let hole = BlackHole::open((Ipv6Addr::LOCALHOST, port).into()).await;
    let mut settings = bench.settings(&sandbox);
    let base = sandbox.base_url().replace("127.0.0.1", "mavi.localhost");
    settings.address = mavi_upload::api::Address::parse(&base, &[]).unwrap();
    let http = HttpSettings {
        resolve: vec![(
            "mavi.localhost".to_owned(),
            vec![hole.at, address(&sandbox)],
        )],
        ..settings.http()
    };
    let service = HttpService::new(http).unwrap();
    let start = std::time::Instant::now();
    let listener = |_: &Event| {};
    let summary = run_with(settings, service, bench.walk(), listener, Shutdown::new()).await;
    assert_eq!(summary.unwrap().counts.success, 1);
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
}
