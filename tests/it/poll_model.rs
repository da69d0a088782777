//! Polling against a model of the service, on a paused clock: how many polls a file takes, and how
//! soon it is seen to be done. `cargo bench --bench polls` prints the whole table.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mavi_sandbox::Processing;
use mavi_upload::Event;
use mavi_upload::api::{Fault, StatusAnswer};
use mavi_upload::model::UploadStatus;
use tokio::time::Instant;

use crate::common::read_report;
use crate::model::{Model, library, rehearse, settings, upload};

fn lognormal(sigma: f64) -> Processing {
    Processing {
        median: Duration::from_secs(20),
        sigma,
    }
}

#[tokio::test(start_paused = true)]
async fn at_full_speed_a_file_takes_little_more_than_one_poll() {
    let mut stretches = 0.0;
    for seed in 1..=3 {
        let figures = rehearse(600, lognormal(0.5), seed, 1).await;
        assert_eq!(figures.violations, 0);
        assert!(figures.polls <= 1.15, "seed {seed}: {figures:?}");
        assert!(figures.stretch <= 1.06, "seed {seed}: {figures:?}");
        stretches += figures.stretch / 3.0;
    }
    assert!(stretches <= 1.04, "{stretches} of the clairvoyant's time");
    let figures = rehearse(600, lognormal(1.0), 1, 1).await;
    assert!(figures.polls <= 1.3, "{figures:?}");
}

#[tokio::test(start_paused = true)]
async fn when_uploads_bind_files_are_seen_within_seconds() {
    let figures = rehearse(200, lognormal(0.5), 1, 10).await;
    assert_eq!(figures.violations, 0);
    assert!(figures.polls <= 3.5 && figures.lag < 5.0, "{figures:?}");
}

#[tokio::test(start_paused = true)]
async fn without_limits_a_small_run_does_not_wait() {
    let folder = library(10);
    let mut settings = settings(folder.path());
    settings.rates = mavi_upload::model::Rates {
        sign: 0.0,
        upload: 0.0,
        poll: 0.0,
    };
    let processing = Processing::always(Duration::from_millis(200));
    let model = Model::new(processing, 1, false);
    let start = Instant::now();
    let summary = upload(settings, folder.path(), &model, |_: &Event| {}).await;
    assert_eq!(summary.counts.success, 10);
    assert!(
        start.elapsed() <= Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn case_058_polls_keep_their_bounds_and_end_as_pending_after_the_time_out() {
    let folder = library(3);
    let waiting = || StatusAnswer::Found {
        status: UploadStatus::Waiting,
        file_size: None,
    };
    let script = Box::new(move |no, _| (no == 1).then(|| Ok(waiting())));
    let model = Model::scripted(lognormal(0.5), 1, true, script);
    let start = Instant::now();
    let mut settings = settings(folder.path());
    settings.concurrency = std::num::NonZeroUsize::MIN.into();
    let summary = upload(settings, folder.path(), &model, |_: &Event| {}).await;
    // Waiting holds no slot: with a single one, the two others are done long before.
    assert_eq!((summary.counts.success, summary.counts.pending), (2, 1));
    let state = model.state();
    let polls = &state.polls[&1];
    for pair in polls.windows(2) {
        let pause = pair[1].duration_since(pair[0]);
        assert!((2.0..=61.0).contains(&pause.as_secs_f64()), "{pause:?}");
    }
    let last = polls.last().unwrap().duration_since(start);
    assert!((3_600..3_670).contains(&last.as_secs()), "{last:?}");
    assert!(polls.len() < 80, "{} polls", polls.len());
    let rows = read_report(&folder.path().join("report.csv"));
    assert_eq!(rows[1]["status"], "pending");
    assert_eq!(rows[1]["asset_id"], "re_1");
}

#[tokio::test(start_paused = true)]
async fn case_062_an_unknown_status_is_waited_out_and_reported_once() {
    let folder = library(5);
    let script = Box::new(|_, before| {
        let status = UploadStatus::Unknown("PROCESSING".to_owned());
        let file_size = None;
        (before < 3).then_some(Ok(StatusAnswer::Found { status, file_size }))
    });
    let model = Model::scripted(lognormal(0.5), 1, true, script);
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let listener = {
        let warnings = Arc::clone(&warnings);
        move |event: &Event| {
            if let Event::Warning(text) = event {
                warnings.lock().unwrap().push(text.clone());
            }
        }
    };
    let summary = upload(settings(folder.path()), folder.path(), &model, listener).await;
    assert_eq!(summary.counts.success, 5);
    let warnings = warnings.lock().unwrap();
    let of_the_word = warnings
        .iter()
        .filter(|text| text.contains("\"PROCESSING\""));
    assert_eq!(of_the_word.count(), 1, "{warnings:?}");
}

#[tokio::test(start_paused = true)]
async fn case_063_a_missing_record_is_waited_out() {
    let folder = library(3);
    let script = Box::new(|_, before| (before < 4).then_some(Ok(StatusAnswer::Absent)));
    let model = Model::scripted(lognormal(0.5), 1, true, script);
    let summary = upload(
        settings(folder.path()),
        folder.path(),
        &model,
        |_: &Event| {},
    )
    .await;
    assert_eq!(summary.counts.success, 3);
    assert_eq!(model.state().polls.len(), 3, "one asset a file");
}

#[tokio::test(start_paused = true)]
async fn case_069_a_hundred_errors_in_a_row_do_not_make_a_failure() {
    let folder = library(3);
    let error = || Err(Fault::Server(500, "no".to_owned()));
    let script = Box::new(move |no, before| (no == 0 && before < 100).then(error));
    let model = Model::scripted(lognormal(0.5), 1, true, script);
    let mut settings = settings(folder.path());
    settings.confirm.timeout = Some(Duration::from_secs(36_000));
    let start = Instant::now();
    let summary = upload(settings, folder.path(), &model, |_: &Event| {}).await;
    assert_eq!(summary.counts.success, 3);
    let state = model.state();
    assert_eq!(state.polls.len(), 3, "one asset a file");
    // The others did not have to wait for it.
    let healthy = state.polls[&2].last().unwrap().duration_since(start);
    assert!(healthy < Duration::from_secs(120), "{healthy:?}");
}

#[tokio::test(start_paused = true)]
async fn case_068_a_thousand_files_that_wait_take_little_more_than_a_poll_each() {
    let folder = library(1_000);
    let mut settings = settings(folder.path());
    settings.rates.sign = 0.0;
    settings.rates.upload = 0.0;
    let model = Model::new(lognormal(0.5), 1, false);
    let summary = upload(settings, folder.path(), &model, |_: &Event| {}).await;
    assert_eq!(summary.counts.success, 1_000);
    let polls: usize = model.state().polls.values().map(Vec::len).sum();
    assert!(polls <= 1_300, "{polls} polls");
}
