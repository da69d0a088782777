//! What surrounds the process: little memory, other runs, pipes that close, no terminal, a machine
//! that is put to sleep.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mavi_sandbox::Sandbox;

use crate::command::mavi;
use crate::common::{Bench, sandbox, scripted};
use crate::job::Job;
use crate::running::{Running, until};
use crate::scene::rule;

const MIB: u64 = 1 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn case_121_eight_large_uploads_at_once_take_little_memory() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    for i in 0..8 {
        let file = File::create(bench.library().join(format!("{i}.mp4"))).unwrap();
        file.set_len(48 * MIB + i).unwrap();
    }
    let mut run = Running::heard(bench.upload_to(&sandbox, &["-j", "8", "library"]));
    let peak = run.peak_memory().await;
    run.end().await.is(0, &[]);
    assert!((MIB..64 * MIB).contains(&peak), "{} MiB", peak / MIB);
}

/// However it ends that memory runs out, the next run goes on.
#[tokio::test]
async fn case_121_a_run_that_is_denied_more_memory_loses_nothing() {
    let job = Job::new().await;
    job.files(40, 300_000);
    let running = Running::heard(job.command(&["-j", "8", "--bandwidth", "4M", "library"]));
    until(|| job.sandbox.stats().calls.send >= 8).await;
    let limit = Command::new("prlimit")
        .args(["--pid", &running.id().to_string(), "--as=1000000"])
        .status();
    if !limit.is_ok_and(|status| status.success()) {
        println!("skipped: prlimit is missing");
        return;
    }
    let end = running.end().await;
    assert!(!end.words.contains(job.sandbox.api_key()), "{}", end.words);
    job.run(&["-j", "8", "library"])
        .await
        .is(0, &["40 success"]);
    job.all_stored_once(40);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_123_a_second_run_with_the_same_ledger_is_refused_at_once() {
    let bench = Bench::new();
    bench.file("a.mp4", 1000);
    let never = rule(
        "status",
        "",
        "{ set = { 'data.resource.0.upload_status' = 'UPLOADING' } }",
    );
    let sandbox = Sandbox::start(scripted(&never)).await.unwrap();
    let upload = |more: &[&str]| Running::heard(bench.upload_to(&sandbox, more));
    let first = upload(&["--poll-interval", "20s", "library"]);
    until(|| sandbox.stats().calls.status == 1).await;
    let before = sandbox.stats().calls.total();
    let second = upload(&["library"]).end().await;
    second.is(5, &[&format!("in use by pid {}", first.id())]);
    assert!(second.took < Duration::from_secs(1), "{:?}", second.took);
    assert_eq!(sandbox.stats().calls.total(), before, "it calls nobody");
    first.signal("INT");
    first.end().await.is(130, &[]);
}

/// Nobody can see it from here; README.md says so, and to keep the ledger.
#[tokio::test(flavor = "multi_thread")]
async fn case_124_runs_with_other_ledgers_do_not_know_of_each_other() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 1000);
    let run = |name: &str| {
        let (report, ledger) = (format!("{name}.csv"), format!("{name}.db"));
        let more = ["-r", &report, "--ledger", &ledger, "library"];
        Running::heard(bench.upload_to(&sandbox, &more))
    };
    let (one, other) = (run("one"), run("other"));
    for run in [one, other] {
        run.end().await.is(0, &[]);
    }
    assert_eq!(sandbox.assets().len(), 2);
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(readme.contains("Two runs with different ledgers do not know of each other"));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_125_closed_pipes_change_no_exit_code() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 1000);
    bench.file("empty.mp4", 0);
    // Everything is said to a pipe that nobody reads any more.
    let mut command = bench.upload_to(&sandbox, &["-vvv", "library"]);
    command.env("RUST_LOG", "trace");
    let mut run = Running::heard(command);
    drop((run.child().stdout.take(), run.child().stderr.take()));
    let child = run.child();
    until(|| child.try_wait().unwrap().is_some()).await;
    assert_eq!(
        run.child().wait().unwrap().code(),
        Some(1),
        "one row failed"
    );
    assert_eq!(sandbox.assets().len(), 1);

    // Not even a pipe: the descriptors are closed.
    let mavi = env!("CARGO_BIN_EXE_mavi");
    for (words, code) in [
        ("upload --sandbox -r s.csv library/a.mp4", 0),
        ("upload --sandbox -r s.csv library", 1),
        ("upload -r s.csv library", 2),
        ("status", 0),
        ("report --format jsonl", 0),
        ("report -o -", 0),
        ("orphans --json", 0),
        ("upload --help", 0),
    ] {
        let shell = |line: String| {
            let mut shell = Command::new("sh");
            shell
                .args(["-c", &line])
                .env_clear()
                .current_dir(bench.folder.path());
            shell.status().unwrap().code()
        };
        assert_eq!(
            shell(format!("exec {mavi} {words} >&- 2>&-")),
            Some(code),
            "{words} >&-"
        );
        let piped = format!("{{ {mavi} {words} 2>&1; echo $? > code; }} | true");
        assert_eq!(shell(piped), Some(0));
        let told = fs::read_to_string(bench.folder.path().join("code")).unwrap();
        assert_eq!(told.trim(), code.to_string(), "{words} | true");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_126_a_run_that_was_stopped_goes_on() {
    let bench = Bench::new();
    bench.file("a.mp4", 2_000_000);
    bench.file("b.mp4", 1000);
    // The other side hangs up while nobody is at home.
    let hangs_up = rule(
        "send",
        "file = 'a.mp4'\ntimes = 1",
        "{ read = '50%', stall = '1s', end = 'reset' }",
    );
    let mut config = scripted(&hangs_up);
    config.processing.median = Duration::from_secs(2);
    let sandbox = Sandbox::start(config).await.unwrap();
    let more = ["--confirm-timeout", "1500ms", "library"];
    let run = Running::heard(bench.upload_to(&sandbox, &more));
    until(|| sandbox.stats().calls.send == 2 && sandbox.stats().calls.status > 0).await;
    run.signal("STOP");
    let stopped = Instant::now();
    until(|| stopped.elapsed() > Duration::from_secs(3)).await;
    run.signal("CONT");
    let words = run.end().await.words;
    let rows = bench.rows();
    // The wait for b ran out while the run was stopped: it is looked at before it is called pending.
    assert_eq!(rows[1]["status"], "success", "{words}");
    // That of a is cut short on purpose; its bytes went up after all, to the one asset.
    assert_ne!(rows[0]["status"], "failed", "{words}");
    let assets = sandbox.assets();
    assert_eq!(assets.len(), 2);
    assert!(
        assets.iter().all(|asset| asset.complete_posts == 1),
        "{assets:?}"
    );
}

/// A run whose stderr is this kind of terminal, and every byte that it drew.
fn drawn_on(bench: &Bench, kind: &str) -> Vec<u8> {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::io::Read as _;
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let screen = File::options()
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let mut run = Running::start(
        mavi(bench.folder.path())
            .args(["upload", "--sandbox", "-r", "report.csv", "library"])
            .env("TERM", kind)
            .stdout(Stdio::null())
            .stderr(screen),
    );
    let mut drawn = Vec::new();
    // The last writer is gone: reading ends in an error.
    let _ = File::from(master).read_to_end(&mut drawn);
    assert!(run.child().wait().unwrap().success());
    drawn
}

#[test]
fn case_127_without_a_terminal_there_are_lines_and_the_same_exit_codes() {
    let bench = Bench::new();
    bench.file("a.mp4", 3_000_000);
    for (file, code) in [("library", 0), ("library/none.mp4", 1)] {
        // A session of its own has no terminal at all, as under cron.
        let output = Command::new("setsid")
            .args([
                "--wait",
                env!("CARGO_BIN_EXE_mavi"),
                "upload",
                "--sandbox",
                "-vvv",
                "--progress",
                "bars",
            ])
            .args(["-r", "report.csv", file])
            .env_clear()
            .env("TERM", "xterm-256color")
            .env("CLICOLOR_FORCE", "1")
            .current_dir(bench.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words}");
        assert!(
            output.stdout.is_empty() && words.contains("1 row: "),
            "{words}"
        );
        assert!(!words.contains(['\x1b', '\r']), "{words:?}");
    }
    assert!(!drawn_on(&bench, "dumb").contains(&b'\x1b'));
    assert!(
        drawn_on(&bench, "xterm").contains(&b'\x1b'),
        "a real one is drawn on"
    );
}

/// A terminal writes `^C` by itself, where its cursor stands. At the right edge that begins a line of
/// which the next drawing does not know.
#[test]
fn between_two_drawings_the_cursor_rests_at_the_left_edge() {
    let bench = Bench::new();
    bench.file("a.mp4", 3_000_000);
    let drawn = String::from_utf8(drawn_on(&bench, "xterm")).unwrap();
    let escapes: Vec<_> = drawn.split("\x1b[").collect();
    let goes_up = |escape: &str| {
        let digits = escape.trim_start_matches(|digit: char| digit.is_ascii_digit());
        digits.len() < escape.len() && digits.starts_with('A')
    };
    // A line that was just taken away leaves it at the left edge, too.
    let rested = |before: &str| before.ends_with('\r') || before == "2K";
    let ups = escapes.windows(2).filter(|pair| goes_up(pair[1]));
    let ups: Vec<_> = ups.map(|pair| rested(pair[0])).collect();
    assert!(
        !ups.is_empty() && ups.iter().all(|rested| *rested),
        "{drawn:?}"
    );
}
