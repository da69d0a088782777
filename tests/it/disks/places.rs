//! Where no report and no ledger may go: it is told before the first call, and nothing is touched.

use std::fs::{self, File};

use crate::common::make_fifo;
use crate::job::{Job, as_nobody, chmod};
use crate::running::ended;

#[tokio::test]
async fn case_111_what_is_not_ours_stays_where_the_report_should_go() {
    let job = Job::new().await;
    job.files(1, 1000);
    let report = job.bench.report();
    File::create(&report).unwrap();
    let words = [
        "report.csv: exists and was not written by mavi",
        "--overwrite",
    ];
    job.run(&["library"]).await.is(2, &words);
    assert_eq!(fs::metadata(&report).unwrap().len(), 0);
    assert_eq!(job.calls(), 0);
    job.run(&["--overwrite", "library"]).await.is(0, &[]);
    assert_eq!(job.rows().len(), 1);

    let fifo = job.folder().join("pipe");
    make_fifo(&fifo);
    let folder = job.bench.library();
    for (place, words) in [
        (fifo, "is a FIFO, socket or device"),
        (folder, "is a directory"),
    ] {
        let place = place.to_str().unwrap();
        let args = [
            "-r",
            place,
            "--ledger",
            "mavi-ledger.db",
            "--overwrite",
            "library",
        ];
        for more in [&args[..], &[&args[..], &["--sandbox"]].concat()] {
            job.run(more).await.is(2, &[words]);
        }
    }
    let kind = fs::symlink_metadata(job.folder().join("pipe")).unwrap();
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&kind.file_type()));
}

#[tokio::test]
async fn case_111_no_report_takes_the_place_of_the_ledger_and_none_is_called_a_dash() {
    let job = Job::new().await;
    job.files(1, 1000);
    fs::create_dir(job.folder().join("sub")).unwrap();
    for run in 0..2 {
        for place in ["l.db", "sub/../l.db-wal", "./l.db.lock"] {
            let args = ["--ledger", "l.db", "-r", place, "--overwrite", "library"];
            job.run(&args).await.is(2, &["is the ledger's own file"]);
        }
        assert_eq!(job.calls(), run * 3, "run {run}");
        job.run(&["--ledger", "l.db", "library"]).await.is(0, &[]);
    }
    job.all_stored_once(1);
    let dash = job.run(&["-r", "-", "library"]).await;
    dash.is(2, &["--report -: ", "mavi report -o -"]);
    assert!(!job.folder().join("-").exists());
}

#[tokio::test]
async fn case_113_a_folder_that_cannot_be_written_to_is_told_before_the_first_call() {
    let job = Job::new().await;
    job.files(1, 1000);
    for place in ["missing/r.csv", &format!("{}.csv", "r".repeat(252))] {
        let words = if place.contains('/') {
            "its folder does not exist"
        } else {
            "its name is too long"
        };
        let args = ["-r", place, "--ledger", "mavi-ledger.db", "library"];
        job.run(&args).await.is(2, &[words]);
    }
    let args = ["--ledger", "missing/l.db", "library"];
    job.run(&args).await.is(2, &["its folder does not exist"]);
    fs::create_dir(job.folder().join("closed")).unwrap();
    let report = job.command(&[
        "-r",
        "closed/r.csv",
        "--ledger",
        "mavi-ledger.db",
        "library",
    ]);
    let ledger = job.command(&["--ledger", "closed/l.db", "library"]);
    for command in [report, ledger] {
        let Some(command) = as_nobody(&command, job.folder()) else {
            return;
        };
        chmod(&job.folder().join("closed"), 0o555);
        ended(command)
            .await
            .is(2, &["closed/", "may not be written to"]);
    }
    assert_eq!(job.calls(), 0);
    assert_eq!(
        fs::read_dir(job.folder().join("closed")).unwrap().count(),
        0
    );
}
