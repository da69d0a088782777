//! Interrupted: the first signal ends a run in order, the second at once, and a rerun goes on.
#![cfg(unix)]

use std::fs::File;
use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use mavi_upload::sandbox::Sandbox;

use crate::common::{Bench, sandbox};

/// Long enough on its way that a signal meets it there.
const LARGE: u64 = 1 << 28;

pub(crate) fn mavi(bench: &Bench, sandbox: &Sandbox, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mavi"));
    let rates = ["--sign-rate", "0", "--upload-rate", "0", "--poll-rate", "0"];
    command
        .env_clear()
        .env("MEMORIES_API_KEY", sandbox.api_key())
        .env("MEMORIES_V2_BASE_URL", sandbox.base_url())
        .current_dir(bench.folder.path())
        .args(["upload", "--poll-interval", "10ms", "-r", "report.csv"])
        .args(rates)
        .args(more)
        .arg("library")
        .stderr(Stdio::piped());
    command
}

fn large_file(bench: &Bench) {
    let file = File::create(bench.library().join("large.mp4")).unwrap();
    file.set_len(LARGE).unwrap();
}

/// Starts a run and comes back when its upload is under way.
async fn under_way(bench: &Bench, sandbox: &Sandbox, more: &[&str]) -> Child {
    let child = mavi(bench, sandbox, more).spawn().unwrap();
    until(|| sandbox.stats().calls.send == 1).await;
    child
}

pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "not in time");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-s", name, &pid]).status();
    assert!(sent.unwrap().success());
}

/// A run that does not outlive its test.
pub(crate) struct Running(Option<Child>);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(Some(command.spawn().unwrap()))
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }

    /// As [`end`]; one that does not end is killed.
    pub(crate) async fn end(mut self) -> (ExitStatus, Duration, String) {
        let child = self.0.take().unwrap();
        let pid = child.id().to_string();
        let ended = tokio::time::timeout(Duration::from_secs(30), end(child)).await;
        ended.unwrap_or_else(|_| {
            let _ = Command::new("kill").args(["-9", &pid]).status();
            panic!("it does not end");
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The end of a run: its status, how long it took, and its words.
pub(crate) async fn end(mut child: Child) -> (ExitStatus, Duration, String) {
    let start = Instant::now();
    tokio::task::spawn_blocking(move || {
        let mut words = String::new();
        let mut stderr = child.stderr.take().unwrap();
        stderr.read_to_string(&mut words).unwrap();
        (child.wait().unwrap(), start.elapsed(), words)
    })
    .await
    .unwrap()
}

async fn interrupted_then_run_again(name: &str, code: i32) {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    large_file(&bench);
    let child = under_way(&bench, &sandbox, &[]).await;
    signal(&child, name);
    let (status, time, words) = end(child).await;
    assert_eq!(status.code(), Some(code), "{words}");
    assert!(time < Duration::from_secs(15), "{time:?}");
    assert!(
        words.ends_with("run the same command again to go on\n"),
        "{words}"
    );
    assert_eq!(bench.rows()[0]["status"], "not_started");

    let again = mavi(&bench, &sandbox, &[]).spawn().unwrap();
    let (status, _, words) = end(again).await;
    assert_eq!(status.code(), Some(0), "{words}");
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
    let child = under_way(&bench, &sandbox, &["--drain", "--no-confirm"]).await;
    signal(&child, "INT");
    let (status, _, words) = end(child).await;
    assert_eq!(status.code(), Some(130), "{words}");
    assert_eq!(sandbox.assets()[0].complete_posts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_116_a_second_signal_leaves_within_a_second_and_loses_nothing() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    large_file(&bench);
    // Draining, the run would go on for as long as the upload does.
    let child = under_way(&bench, &sandbox, &["--drain"]).await;
    signal(&child, "INT");
    // Two signals of a kind that come at once are one to the system.
    tokio::time::sleep(Duration::from_millis(50)).await;
    signal(&child, "INT");
    let (status, time, words) = end(child).await;
    assert_eq!(status.code(), Some(130), "{words}");
    assert!(time < Duration::from_secs(1), "{time:?}");
    assert!(
        words.contains("run the same command again to go on"),
        "{words}"
    );
    assert_eq!(
        sandbox.assets()[0].complete_posts,
        0,
        "it left in mid-upload"
    );

    let again = mavi(&bench, &sandbox, &[]).spawn().unwrap();
    assert_eq!(end(again).await.0.code(), Some(0));
    let assets = sandbox.assets();
    assert_eq!((assets.len(), assets[0].complete_posts), (1, 1));
}
