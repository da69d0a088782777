//! A panic in one file's task costs one row: the run goes on, and the same command repairs it.
//!
//! As in the kill matrix, the process that panics is this test program itself.

use std::path::Path;
use std::process::Stdio;

use mavi_sandbox::Sandbox;

use super::{PANIC_AT, PANIC_WORDS, again, sandbox, upload};

const BASE: &str = "MAVI_PANIC_BASE_URL";
const KEY: &str = "MAVI_PANIC_API_KEY";

#[test]
#[ignore = "case 122 runs it, as a process of its own"]
fn child() {
    let set = |name| std::env::var(name).unwrap();
    let counts = upload(&set(BASE), &set(KEY), Path::new("."), "1");
    println!("failed: {}", counts.failed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_122_a_panic_in_one_task_costs_one_row() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library");
    std::fs::create_dir(&library).unwrap();
    for name in ["a.mp4", "b.mp4", "c.mp4"] {
        std::fs::write(library.join(name), name).unwrap();
    }
    let sandbox = sandbox().await;
    let run = async |panics_at: Option<&str>| {
        let words = output_of_child(folder.path(), &sandbox, panics_at).await;
        let report = std::fs::read_to_string(folder.path().join("report.csv")).unwrap();
        (words, report)
    };
    let (words, report) = run(Some("sign answered#2")).await;
    assert!(words.contains("failed: 1"), "{words}");
    let row = |name: &str| {
        let row = report.lines().find(|row| row.contains(name));
        row.unwrap().to_owned()
    };
    assert!(row("a.mp4").contains(",success,") && row("c.mp4").contains(",success,"));
    assert!(row("b.mp4").contains(",failed,") && row("b.mp4").contains("internal"));
    assert!(!report.contains("canary"), "{report}");

    // The defect passed: the same command goes on.
    let (words, _) = run(None).await;
    assert!(words.contains("failed: 0"), "{words}");
    let stored = sandbox
        .assets()
        .into_iter()
        .filter(|asset| asset.bytes.is_some());
    assert_eq!(stored.count(), 3);
}

/// Runs the child in a folder; returns what it printed.
async fn output_of_child(folder: &Path, sandbox: &Sandbox, panics_at: Option<&str>) -> String {
    let mut command = again(concat!(module_path!(), "::child"));
    command
        .env(BASE, sandbox.base_url())
        .env(KEY, sandbox.api_key())
        .env(PANIC_WORDS, "canary")
        .envs(panics_at.map(|at| (PANIC_AT, at)))
        .current_dir(folder)
        .stderr(Stdio::null());
    let ended = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = ended.await.unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{words}");
    words
}
