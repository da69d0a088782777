//! Disks that fail or do not answer, and too few open files: at most a row each, and the run ends.

#[cfg(target_os = "linux")]
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

use mavi_upload::source::{Candidate, Cells, Source};
use mavi_upload::{Event, Shutdown, run};

use crate::common::{Bench, sandbox};
use crate::job::{Job, under};
use crate::running::ended;
#[cfg(target_os = "linux")]
use crate::running::{Running, until};
#[cfg(target_os = "linux")]
use crate::shim::faulty;

#[cfg(target_os = "linux")]
#[tokio::test]
async fn case_083_a_disk_that_fails_under_a_file_costs_its_row_and_storage_gets_nothing_whole() {
    let job = Job::new().await;
    job.bench.file("bad.mp4", 1_500_000);
    job.bench.file("good.mp4", 1_500_000);
    let Some(command) = faulty(job.command(&["library"]), &[("SHIM_EIO", "bad.mp4")]) else {
        return;
    };
    ended(command)
        .await
        .is(1, &["bad.mp4: io: reading failed: Input/output error"]);
    let row = job.row("bad.mp4");
    assert_eq!(
        (row["error_code"].as_str(), row["attempts"].as_str()),
        ("io", "3")
    );
    assert!(row["error"].contains("os error 5"), "{}", row["error"]);
    assert_eq!(job.row("good.mp4")["status"], "success");
    assert_eq!(job.stored().len(), 1);
    job.run(&["library"]).await.is(0, &["2 success"]);
    job.all_stored_once(2);
    assert_eq!(job.sandbox.assets().len(), 2);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn case_084_a_read_that_hangs_does_not_hold_the_end_up() {
    for more in [&["library"][..], &["--dedupe", "library"]] {
        let job = Job::new().await;
        // Of one size, so that one of them is read ahead where that is asked for.
        job.bench.file("a.mp4", 1_500_000);
        job.bench.file("b.mp4", 1_500_000);
        let Some(command) = faulty(job.command(more), &[("SHIM_HANG", ".mp4")]) else {
            return;
        };
        let running = Running::heard(command);
        until(|| job.sandbox.stats().calls.send > 0).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let start = Instant::now();
        running.signal("INT");
        running
            .end()
            .await
            .is(130, &["run the same command again to go on"]);
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            start.elapsed()
        );
        assert_eq!(job.stored().len(), 0);
        job.run(more).await.is(0, &["2 success"]);
        job.all_stored_once(2);
    }
}

/// Names one file, and then waits for a disk that does not answer.
struct Hanging<S> {
    source: S,
    disk: std::sync::mpsc::Receiver<()>,
    named: bool,
}

impl<S: Source> Iterator for Hanging<S> {
    type Item = Candidate;

    fn next(&mut self) -> Option<Candidate> {
        if std::mem::replace(&mut self.named, true) {
            let _ = self.disk.recv();
            return None;
        }
        self.source.next()
    }
}

impl<S: Source> Source for Hanging<S> {
    fn columns(&self) -> &Cells {
        self.source.columns()
    }
}

#[tokio::test(start_paused = true)]
async fn case_084_a_folder_that_hangs_while_it_is_walked_does_not_hold_the_end_up() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 1000);
    let (answers, disk) = std::sync::mpsc::channel();
    let source = Box::new(Hanging {
        source: bench.walk_source(),
        disk,
        named: false,
    });
    let (shutdown, confirmed) = (Shutdown::new(), Arc::new(AtomicU32::new(0)));
    let told = Arc::clone(&confirmed);
    let listener = move |event: &Event| {
        told.fetch_add(
            u32::from(matches!(event, Event::Confirmed { .. })),
            Ordering::Relaxed,
        );
    };
    let running = tokio::spawn(run(
        bench.settings(&sandbox),
        source,
        listener,
        shutdown.clone(),
    ));
    // The disk's thread holds the paused clock: it is moved by hand.
    let mut clock = 0;
    while !running.is_finished() {
        clock += 1;
        assert!(clock < 2000, "it does not end");
        if confirmed.load(Ordering::Relaxed) == 1 {
            shutdown.interrupt(false);
        }
        std::thread::sleep(Duration::from_millis(2));
        tokio::time::advance(Duration::from_millis(50)).await;
    }
    assert!(running.await.unwrap().unwrap().interrupted);
    assert_eq!(bench.rows()[0]["status"], "success");
    drop(answers);
}

#[tokio::test]
async fn case_086_few_open_files_lower_the_number_of_uploads_and_fail_no_row() {
    let job = Job::new().await;
    job.files(150, 20_000);
    let command = under("ulimit -n 64", &job.command(&["-j", "64", "library"]));
    let end = ended(command).await;
    end.is(
        0,
        &[
            "64 open files are allowed (ulimit -n): 10 uploads at once",
            "150 success",
        ],
    );
    job.all_stored_once(150);

    let command = under("ulimit -n 20", &job.command(&["library"]));
    let words = ["20 open files are allowed (ulimit -n), and mavi needs 32"];
    ended(command).await.is(2, &words);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn case_086_open_files_that_run_out_under_way_lower_the_number_of_uploads_and_fail_no_row() {
    let job = Job::new().await;
    job.files(60, 200_000);
    let running = Running::heard(job.command(&["-j", "24", "--bandwidth", "10M", "library"]));
    until(|| job.sandbox.stats().calls.send >= 24).await;
    let open = fs::read_dir(format!("/proc/{}/fd", running.id()))
        .unwrap()
        .count();
    let limit = Command::new("prlimit")
        .args(["--pid", &running.id().to_string()])
        .arg(format!("--nofile={0}:{0}", open - 30))
        .status();
    if !limit.is_ok_and(|status| status.success()) {
        println!("skipped: prlimit is missing");
        return;
    }
    let end = running.end().await;
    end.is(
        0,
        &[
            "too many open files (ulimit -n): one upload fewer at once",
            "60 success",
        ],
    );
    job.all_stored_once(60);
}
