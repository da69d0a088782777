//! Where exit code and words matter: the real binary, on times scaled by `--retry-delay`.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mavi_sandbox::Sandbox;

use super::assert_all_right;
use crate::command::unlimited_upload;
use crate::common::{Bench, free, scripted_sandbox};
use crate::proxy::{closed_port, storage_proxy};
use crate::running::{Running, told, until};

/// Must be shown nowhere.
pub(super) const KEY: &str = "sk-mavi-canary";

/// Times as the rules have them, a fiftieth as long.
const SCALED: [&str; 4] = ["--retry-delay", "20ms", "--retry-max-delay", "640ms"];

/// `mavi upload library` with this base URL.
pub(super) fn upload(bench: &Bench, base_url: &str) -> Command {
    let mut command = unlimited_upload(bench.folder.path(), KEY, base_url);
    command.args(SCALED).arg("library");
    command
}

/// Runs to the end; gives the exit code and the words.
pub(super) async fn outcome(command: Command) -> (Option<i32>, String) {
    let (code, words) = told(command).await;
    assert!(!words.contains("canary"), "{words}");
    (code, words)
}

fn bench() -> Bench {
    let bench = Bench::new();
    bench.file("a.mp4", 1000);
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn case_043_an_api_that_refuses_connections_ends_with_4_and_its_host() {
    let (bench, port) = (bench(), closed_port().await);
    let (code, words) = outcome(upload(&bench, &format!("http://{port}/v2"))).await;
    assert_eq!(code, Some(4), "{words}");
    let cause = format!("stopped: cannot connect to {port}: ");
    assert!(words.contains(&cause), "{words}");
    assert!(
        words.ends_with("run the same command again to go on\n"),
        "{words}"
    );
    assert_eq!(bench.rows()[0]["status"], "not_started");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_044_a_name_that_does_not_resolve_ends_with_4_and_the_host_alone() {
    let bench = bench();
    let (code, words) = outcome(upload(&bench, "https://mavi.invalid/serve/api/v2")).await;
    assert_eq!(code, Some(4), "{words}");
    assert!(
        words.contains("cannot connect to mavi.invalid: "),
        "{words}"
    );
    assert!(!words.contains("serve/api"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_044_one_storage_host_without_a_name_stops_nobody_else() {
    let script = r#"
        [[rule]]
        call = "sign"
        file = "lost*"
        then = { set = { "data.signed_url" = "https://storage.invalid/b/o?signature=canary" } }
    "#;
    let sandbox = scripted_sandbox(KEY, script).await;
    let bench = bench();
    bench.file("lost.mp4", 1000);
    bench.file("z.mp4", 1000);
    let mut command = upload(&bench, sandbox.base_url());
    command.args(["--retries", "1"]);
    let (code, words) = outcome(command).await;
    assert_eq!(code, Some(1), "{words}");
    let rows = bench.rows();
    let statuses: Vec<_> = rows.iter().map(|row| row["status"].as_str()).collect();
    assert_eq!(statuses, ["success", "failed", "success"]);
    assert_eq!(rows[1]["error_code"], "network");
    let words = &rows[1]["error"];
    assert!(
        words.starts_with("storage.invalid: ") && !words.contains("canary"),
        "{words}"
    );
}

fn start(bench: &Bench, sandbox: &Sandbox, more: &[&str]) -> Running {
    let mut command = bench.upload_to(sandbox, &SCALED);
    command.args(["-q", "library"]).args(more);
    Running::heard(command)
}

/// Stops a run for so long and lets it go on.
async fn suspended(run: &Running, long: Duration) {
    run.signal("STOP");
    tokio::time::sleep(long).await;
    run.signal("CONT");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_056_126_suspended_in_mid_upload_a_run_goes_on_with_the_same_asset() {
    let (proxy, sandbox) = storage_proxy(free()).await;
    let bench = Bench::new();
    large(&bench.library().join("large.mp4"));
    let run = start(&bench, &sandbox, &[]);
    until(|| proxy.passed().0 > 1 << 20).await;
    // Meanwhile the other side gives its connections up.
    proxy.set_away(true);
    suspended(&run, Duration::from_secs(1)).await;
    proxy.set_away(false);
    run.end().await.is(0, &[]);
    assert_all_right(&bench, &sandbox);
    let assets = sandbox.assets();
    assert_eq!((assets.len(), assets[0].posts), (1, 2), "{assets:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_056_126_suspended_past_the_confirm_timeout_a_run_looks_before_it_says_pending() {
    let mut config = free();
    config.processing.median = Duration::from_millis(1_500);
    let sandbox = Sandbox::start(config).await.unwrap();
    let bench = bench();
    let run = start(&bench, &sandbox, &["--confirm-timeout", "2s"]);
    until(|| {
        sandbox
            .assets()
            .iter()
            .any(|asset| asset.complete_posts > 0)
    })
    .await;
    suspended(&run, Duration::from_secs(3)).await;
    run.end().await.is(0, &[]);
    assert_all_right(&bench, &sandbox);
}

fn large(path: &Path) {
    let file = std::fs::File::create(path).unwrap();
    file.set_len(1 << 26).unwrap();
}
