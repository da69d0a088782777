//! A panic in one file's task costs one row: the run goes on, and nothing of the panic's words is
//! told.
//!
//! As in the kill matrix, the process that panics is this test program itself; it runs the whole
//! command line.

use std::process::{ExitCode, Stdio};

use super::armed::{PANIC_AT, PANIC_WORDS, again, sandbox};

const EXPECTED: &str = "MAVI_PANIC_EXIT";

#[test]
#[ignore = "case 122 runs it, as a process of its own"]
fn child() {
    let line = "mavi upload -r report.csv --retry-delay 10ms --poll-interval 10ms \
                --sign-rate 0 --upload-rate 0 --poll-rate 0 -j 1 library";
    let code = crate::cli::run(line.split(' ').map(Into::into));
    let expected = std::env::var(EXPECTED).unwrap().parse::<u8>().unwrap();
    assert_eq!(
        format!("{code:?}"),
        format!("{:?}", ExitCode::from(expected))
    );
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
    let run = async |code: &str, panics_at: Option<&str>| {
        let mut command = again(concat!(module_path!(), "::child"));
        command
            .env_clear()
            .env("MEMORIES_V2_BASE_URL", sandbox.base_url())
            .env("MEMORIES_API_KEY", sandbox.api_key())
            .env("RUST_BACKTRACE", "full")
            .env(EXPECTED, code)
            .env(PANIC_WORDS, format!("canary {}", sandbox.api_key()))
            .envs(panics_at.map(|at| (PANIC_AT, at)))
            .current_dir(folder.path())
            .stdout(Stdio::null());
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = ended.await.unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{words}");
        words
    };
    let words = run("1", Some("sign answered#2")).await;
    assert!(
        words.contains("has a defect at src/crash/armed.rs:"),
        "{words}"
    );
    assert!(words.contains("b.mp4: internal: "), "{words}");
    for unwanted in ["canary", sandbox.api_key(), "backtrace", "0x"] {
        assert!(!words.contains(unwanted), "{unwanted}: {words}");
    }
    let report = std::fs::read_to_string(folder.path().join("report.csv")).unwrap();
    let ends = |name: &str| {
        report
            .lines()
            .find(|row| row.contains(name))
            .unwrap()
            .to_owned()
    };
    assert!(ends("a.mp4").contains(",success,") && ends("c.mp4").contains(",success,"));
    assert!(ends("b.mp4").contains(",failed,") && ends("b.mp4").contains("internal"));

    // The defect passed: the same command goes on.
    run("0", None).await;
    let stored = sandbox
        .assets()
        .into_iter()
        .filter(|asset| asset.bytes.is_some());
    assert_eq!(stored.count(), 3);
}
