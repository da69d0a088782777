//! Interrupted: the first signal ends a run in order, the second at once, and a rerun goes on.
#![cfg(unix)]

use std::fs::File;
use std::time::Duration;

use mavi_sandbox::Sandbox;

use crate::common::{Bench, sandbox};
use crate::job::under;
use crate::running::{Running, ended, until};

/// Long enough on its way that a signal meets it there.
const LARGE: u64 = 1 << 28;

const GO_ON: &str = "run the same command again to go on\n";

fn large_file(bench: &Bench) {
    let file = File::create(bench.library().join("large.mp4")).unwrap();
    file.set_len(LARGE).unwrap();
}

/// Starts a run and comes back when its upload is under way.
async fn under_way(bench: &Bench, sandbox: &Sandbox, more: &[&str]) -> Running {
    let run = Running::heard(bench.upload_to(sandbox, more));
    until(|| sandbox.stats().calls.send == 1).await;
    run
}

async fn interrupted_then_run_again(name: &str, code: i32) {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    large_file(&bench);
    let run = under_way(&bench, &sandbox, &["library"]).await;
    run.signal(name);
    let end = run.end().await;
    end.is(code, &[]);
    assert!(end.took < Duration::from_secs(15), "{:?}", end.took);
    assert!(end.words.ends_with(GO_ON), "{}", end.words);
    assert_eq!(bench.rows()[0]["status"], "not_started");

    let again = bench.upload_to(&sandbox, &["library"]);
    ended(again).await.is(0, &[]);
    assert_eq!(bench.rows()[0]["status"], "success");
    let assets = sandbox.assets();
    assert_eq!(assets.len(), 1, "the id that was paid for is used");
    assert_eq!(assets[0].complete_posts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_115_an_interrupt_breaks_uploads_off_and_a_rerun_goes_on() {
    interrupted_then_run_again("INT", 130).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_117_a_polite_kill_and_a_lost_terminal_do_as_an_interrupt() {
    interrupted_then_run_again("TERM", 143).await;
    interrupted_then_run_again("HUP", 129).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_115_an_upload_that_is_drained_is_finished() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    large_file(&bench);
    let run = under_way(&bench, &sandbox, &["--drain", "--no-confirm", "library"]).await;
    run.signal("INT");
    run.end().await.is(130, &[]);
    assert_eq!(sandbox.assets()[0].complete_posts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_116_a_second_signal_leaves_within_a_second_and_loses_nothing() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    large_file(&bench);
    // Draining, the run would go on for as long as the upload does.
    let run = under_way(&bench, &sandbox, &["--drain", "library"]).await;
    run.signal("INT");
    // Two signals of a kind that come at once are one to the system.
    tokio::time::sleep(Duration::from_millis(50)).await;
    run.signal("INT");
    let end = run.end().await;
    end.is(130, &[GO_ON]);
    assert!(end.took < Duration::from_secs(1), "{:?}", end.took);
    assert_eq!(
        sandbox.assets()[0].complete_posts,
        0,
        "it left in mid-upload"
    );

    let again = bench.upload_to(&sandbox, &["library"]);
    ended(again).await.is(0, &[]);
    let assets = sandbox.assets();
    assert_eq!((assets.len(), assets[0].complete_posts), (1, 1));
}

/// As `nohup` starts a run, and a script a job in the background.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn case_145_a_signal_that_was_ignored_at_the_start_stays_ignored() {
    for name in ["HUP", "INT", "TERM"] {
        let (bench, sandbox) = (Bench::new(), sandbox().await);
        large_file(&bench);
        let command = bench.upload_to(&sandbox, &["library"]);
        let run = Running::heard(under(&format!("trap '' {name}"), &command));
        until(|| sandbox.stats().calls.send == 1).await;
        run.signal(name);
        run.signal(name);
        let end = run.end().await;
        end.is(0, &["1 success"]);
        assert!(!end.words.contains("stopping"), "{}", end.words);
    }

    // The others act as ever.
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    large_file(&bench);
    let command = bench.upload_to(&sandbox, &["library"]);
    let run = Running::heard(under("trap '' HUP", &command));
    until(|| sandbox.stats().calls.send == 1).await;
    run.signal("HUP");
    run.signal("TERM");
    run.end().await.is(143, &[GO_ON]);
}
