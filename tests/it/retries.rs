//! Retries over a whole run: what passes is waited out, what stays fails once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mavi_sandbox::Sandbox;
use mavi_upload::api::{Fault, HttpService};
use mavi_upload::run::run_with;
use mavi_upload::{Event, Settings, Shutdown, Summary};

use crate::common::{Bench, sandbox};
use crate::hostile::rehearse;
use crate::meddler::{Meddler, Moment};

/// Uploads three files, of which `b.mp4` meets `failures` failures; gives the words of the events
/// that ended or deferred it.
async fn run(bench: &Bench, sandbox: &Sandbox, failures: u32) -> (Summary, Vec<String>) {
    for name in ["a.mp4", "b.mp4", "c.mp4"] {
        bench.file(name, 1000);
    }
    let mut settings: Settings = bench.settings(sandbox);
    settings.retry.retries = 1;
    let failures = AtomicU32::new(failures);
    let one_less = |left: u32| left.checked_sub(1);
    let service = Meddler {
        service: HttpService::new(settings.http()).unwrap(),
        meddle: move |moment: Moment<'_>| {
            let fails = moment == Moment::BeforeSign("b.mp4")
                && failures
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
                    .is_ok();
            fails.then(|| Fault::Server(503, "busy".to_owned()))
        },
    };
    let told = std::sync::Arc::new(Mutex::new(Vec::new()));
    let telling = std::sync::Arc::clone(&told);
    let listener = move |event: &Event| match event {
        Event::Deferred { failure, .. } => {
            telling.lock().unwrap().push(format!("deferred {failure}"));
        }
        Event::Failed { failure, .. } => telling.lock().unwrap().push(format!("failed {failure}")),
        _ => {}
    };
    let summary = run_with(settings, service, bench.walk(), listener, Shutdown::new()).await;
    let told = told.lock().unwrap().clone();
    (summary.unwrap(), told)
}

#[tokio::test]
async fn case_014_a_file_that_failed_in_passing_gets_a_second_pass() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let (summary, told) = run(&bench, &sandbox, 3).await;
    assert_eq!(summary.counts.success, 3);
    assert_eq!(
        told,
        ["deferred server_error: the service failed (503): busy"]
    );
    let rows = bench.rows();
    assert_eq!((rows.len(), rows[1]["attempts"].as_str()), (3, "1"));
    assert_eq!(sandbox.assets().len(), 3);
}

#[tokio::test]
async fn case_014_what_fails_in_both_passes_has_failed_once() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let (summary, told) = run(&bench, &sandbox, 4).await;
    assert_eq!((summary.counts.success, summary.counts.failed), (2, 1));
    let words = "server_error: the service failed (503): busy";
    assert_eq!(
        told,
        [format!("deferred {words}"), format!("failed {words}")]
    );
    assert_eq!(bench.rows()[1]["error_code"], "server_error");
}

#[tokio::test(start_paused = true)]
async fn where_a_fifth_of_all_calls_goes_wrong_every_file_gets_its_one_asset() {
    for seed in [1, 2] {
        let figures = rehearse(120, seed).await;
        assert!(figures.are_right(120), "seed {seed}: {figures:?}");
        assert!(figures.faults * 100 >= figures.calls * 15, "{figures:?}");
        assert!(figures.time < Duration::from_secs(1_800), "{figures:?}");
    }
}
