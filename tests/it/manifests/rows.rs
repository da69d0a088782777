//! What rows name, how many there are, and where they come from.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::process::Stdio;

use mavi_sandbox::{Sandbox, SandboxConfig};

use super::{MANIFEST, write};
use crate::common::{make_fifo, read_report};
use crate::job::Job;
use crate::running::{Running, ended};

#[cfg(target_os = "linux")]
#[tokio::test]
async fn case_096_097_098_099_each_row_names_its_file_in_its_own_way() {
    use std::os::unix::ffi::OsStrExt;
    let job = Job::new().await;
    job.files(3, 1000);
    fs::create_dir(job.bench.library().join("~")).unwrap();
    job.bench.file("~/003.mp4", 1000);
    let latin = job
        .bench
        .library()
        .join(std::ffi::OsStr::from_bytes(b"caf\xe9.mp4"));
    fs::write(latin, [7; 1000]).unwrap();
    let absolute = job.bench.library().join("002.mp4");
    let table: [(&[u8], &str); 10] = [
        (b"000.mp4", "success"),
        (b"./000.mp4", "success duplicate_row"),
        (b" 001.mp4", "failed not_found"),
        (b"../library/001.mp4", "success"),
        (absolute.as_os_str().as_bytes(), "success"),
        (b"~/003.mp4", "success"),
        (b"caf\xe9.mp4", "success"),
        (b"th\xe9.mp4", "failed not_found"),
        (b"file:///000.mp4", "failed not_local"),
        (b"http://host/000.mp4", "failed not_local"),
    ];
    let mut manifest = b"path\n".to_vec();
    for (cell, _) in table {
        manifest.extend_from_slice(&[cell, b"\n"].concat());
    }
    write(&job, manifest);
    let end = job.run(&MANIFEST).await;
    end.is(
        1,
        &[
            "th\u{fffd}.mp4: not_found",
            "without the spaces around its path it exists",
        ],
    );
    let report = fs::read(job.bench.report()).unwrap();
    let lines: Vec<_> = report.split(|byte| *byte == b'\n').skip(1).collect();
    let mut first = String::new();
    for ((cell, verdict), line) in table.iter().zip(lines) {
        let (status, code) = verdict.split_once(' ').unwrap_or((verdict, ""));
        assert!(line.starts_with(&[*cell, b","].concat()), "{verdict}");
        let line = String::from_utf8_lossy(line);
        let fields: Vec<_> = line.split(',').collect();
        assert_eq!((fields[2], fields[8]), (status, code), "{line}");
        if *cell == b"000.mp4" {
            first = fields[1].to_owned();
        } else if code == "duplicate_row" {
            assert_eq!(fields[1], first, "one asset");
        }
    }
    job.all_stored_once(5);
}

#[tokio::test]
async fn case_101_a_manifest_from_a_pipe_is_read_once_and_resumes_when_it_is_given_again() {
    let job = Job::new().await;
    job.files(3, 1000);
    let text = "path\nlibrary/000.mp4\nlibrary/001.mp4\nlibrary/002.mp4\n";
    let fifo = job.folder().join("pipe.csv");
    make_fifo(&fifo);
    for args in [vec!["-m", "-"], vec!["-m", "pipe.csv"], vec!["-m", "-"]] {
        let mut command = job.command(&args);
        command.stdin(Stdio::piped());
        let mut running = Running::heard(command);
        if args == ["-m", "-"] {
            running.stdin().write_all(text.as_bytes()).unwrap();
        } else {
            let fifo = fifo.clone();
            tokio::task::spawn_blocking(move || fs::write(fifo, text).unwrap());
        }
        running.end().await.is(0, &["3 success"]);
    }
    job.all_stored_once(3);
    assert_eq!(job.calls(), 9, "sign, send and look once each");
}

#[tokio::test]
async fn case_102_a_manifest_that_differs_adds_rows_and_uploads_nothing_again() {
    let job = Job::new().await;
    job.files(4, 1000);
    write(&job, "path\n000.mp4\n001.mp4\n002.mp4\n");
    job.run(&MANIFEST).await.is(0, &["3 success"]);
    write(&job, "id,path\n9,003.mp4\n8,001.mp4\n");
    job.run(&MANIFEST).await.is(0, &["2 success"]);
    let ids: Vec<_> = job.rows().iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, ["9", "8"]);
    write(&job, "path\n000.mp4\n");
    job.run(&MANIFEST)
        .await
        .is(0, &["1 success", "1 of them confirmed earlier"]);
    job.all_stored_once(4);
}

#[tokio::test]
async fn case_103_what_mavi_adds_is_no_formula_and_what_came_in_stays() {
    let refusals = r#"
        [[rule]]
        call = "sign"
        file = "@*"
        then = { status = 400, code = "0001", msg = "=HYPERLINK(1)" }

        [[rule]]
        call = "send"
        file = "-*"
        then = { status = 400, content-type = "text/plain", body = "=HYPERLINK(1)" }
    "#;
    let config = SandboxConfig {
        rate: 0.0,
        faults: refusals.parse().unwrap(),
        ..SandboxConfig::default()
    };
    let job = Job::at(Sandbox::start(config).await.unwrap());
    let names = [
        "=cmd|' C calc'!A0.mp4",
        "+1.mp4",
        "-1.mp4",
        "@SUM(1).mp4",
        "\ttab.mp4",
    ];
    for name in names {
        job.bench.file(name, 1000);
    }
    let command = |args: &[&str]| {
        let mut command = job.command(args);
        command.current_dir(job.bench.library());
        command
    };
    let report = job.bench.report();
    let place = ["-r", report.to_str().unwrap()];
    let walked = [
        &place[..],
        &["--", names[0], names[1], names[2], names[3], names[4]],
    ]
    .concat();
    ended(command(&walked)).await.is(1, &["3 success"]);
    for (row, name) in job.rows().iter().zip(names) {
        assert_eq!(row["path"], format!("./{name}"));
        assert!(
            job.bench.library().join(&row["path"]).exists(),
            "the same file"
        );
    }
    for (at, code) in [(2, "storage_400"), (3, "bad_request")] {
        let row = &job.rows()[at];
        let words = &row["error"];
        assert_eq!(row["error_code"], code);
        assert!(
            words.starts_with("error: ") && words.contains("=HYPERLINK(1)"),
            "{words}"
        );
    }

    write(&job, "path,note\n+1.mp4,=1+1\n");
    job.run(&MANIFEST).await.is(0, &["1 success"]);
    let row = &job.rows()[0];
    assert_eq!(
        (row["path"].as_str(), row["note"].as_str()),
        ("+1.mp4", "=1+1")
    );
}

/// A million rows in a release build need a million times nothing more; so do these.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn case_100_memory_does_not_grow_with_the_rows() {
    let job = Job::new().await;
    let most = async |rows: u32| {
        let file = File::create(job.bench.library().join("m.csv")).unwrap();
        let mut file = BufWriter::new(file);
        writeln!(file, "id,path,title").unwrap();
        for id in 0..rows {
            writeln!(
                file,
                "{id},videos/{:03}/clip {id}.mp4,\"Clip {id}, take two\"",
                id % 1000
            )
            .unwrap();
        }
        file.flush().unwrap();
        let more = [MANIFEST[0], MANIFEST[1], "-q"];
        let mut running = Running::heard(job.command(&more));
        let peak = running.peak_memory().await;
        assert_eq!(running.end().await.code, Some(1));
        assert_eq!(read_report(&job.bench.report()).len(), rows as usize);
        peak >> 20
    };
    let (few, many) = (most(1_000).await, most(30_000).await);
    let words = format!("{few} MiB at 1,000 rows, {many} MiB at 30,000");
    println!("{words}");
    assert!(many < 64 && many < few + 24, "{words}");
}

#[tokio::test]
async fn case_160_no_call_is_made_for_a_name_that_no_file_can_have() {
    let job = Job::new().await;
    job.files(2, 1000);
    write(&job, "path,name\n000.mp4,ok.mp4\n001.mp4,../x.mp4\n");
    let words = ["line 3: the name column holds a path"];
    job.run(&MANIFEST).await.is(2, &words);
    assert_eq!(job.calls(), 0);
    write(&job, "path,name\n000.mp4,ok.mp4\n001.mp4,clip\n");
    let words = ["001.mp4: unsupported_type: the name column: a name without an extension"];
    job.run(&MANIFEST).await.is(1, &words);
    job.all_stored_once(1);
    assert_eq!(
        job.sandbox.assets()[0].sent_filename.as_deref(),
        Some("ok.mp4")
    );
}

#[tokio::test]
async fn case_164_paths_of_windows_are_called_so_and_mapped_when_asked() {
    let job = Job::new().await;
    job.files(2, 1000);
    write(&job, "path,n\nD:\\Videos\\000.mp4,1\nsub\\001.mp4,2\n");
    let words = ["a Windows path: map it with --root or --path-map"];
    job.run(&MANIFEST).await.is(1, &words);
    assert_eq!(job.calls(), 0);
    let map = [
        "--path-map",
        r"d:\videos=.",
        "--path-map=sub=.",
        "--overwrite",
    ];
    let mapped = [&MANIFEST[..], &map].concat();
    job.run(&mapped).await.is(0, &["2 success"]);
    job.all_stored_once(2);
}
