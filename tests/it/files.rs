//! Files that change, vanish, block, cannot be read, or are no files at all: each costs its own row
//! at most, and storage never holds a file that never was.

mod changing;
mod failing;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use mavi_upload::run::MAX_SIZE;
use mavi_upload::{Event, Shutdown, run};

use crate::common::{Bench, make_fifo, manifest_source, sandbox, upload};
use crate::job::{Job, as_nobody, chmod};
use crate::running::ended;

#[tokio::test]
async fn case_070_076_077_078_080_087_089_099_what_cannot_go_up_has_its_row_and_costs_no_call() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let file = |name: &str, size: u64| {
        let path = bench.library().join(name);
        File::create(path).unwrap().set_len(size).unwrap();
    };
    file("empty.mp4", 0);
    file("large.mp4", MAX_SIZE + 1);
    file("notes.txt", 5);
    file("none", 5);
    fs::create_dir(bench.library().join("folder.mp4")).unwrap();
    let fifo = bench.library().join("fifo.mp4");
    make_fifo(&fifo);
    let socket = bench.library().join("socket.mp4");
    let _socket = std::os::unix::net::UnixListener::bind(socket).unwrap();
    std::os::unix::fs::symlink("loop.mp4", bench.library().join("loop.mp4")).unwrap();
    let long_name = format!("{}.mp4", "n".repeat(300));
    let long_path = format!("{}a.mp4", "d/".repeat(3000));
    let table = [
        ("gone.mp4", "not_found"),
        ("empty.mp4", "empty"),
        ("large.mp4", "too_large"),
        ("fifo.mp4", "not_regular"),
        ("socket.mp4", "not_regular"),
        ("/dev/null", "not_regular"),
        ("folder.mp4", "not_regular"),
        ("loop.mp4", "name_too_long"),
        (&long_name, "name_too_long"),
        (&long_path, "name_too_long"),
        ("notes.txt", "unsupported_type"),
        ("none", "unsupported_type"),
        ("https://host/a.mp4", "not_local"),
    ];
    let cells: Vec<_> = table.iter().map(|(cell, _)| *cell).collect();
    let manifest = bench.manifest(&format!("path\n{}\n", cells.join("\n")));
    let start = Instant::now();
    let settings = bench.settings(&sandbox);
    let summary = upload(settings, manifest_source(&manifest)).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(summary.counts.failed, table.len() as u64);
    for (row, (cell, code)) in bench.rows().iter().zip(table) {
        assert_eq!(row["error_code"], code, "{cell}");
        assert!(
            !row["error"].is_empty() && row["asset_id"].is_empty(),
            "{cell}"
        );
    }
    assert_eq!(sandbox.stats().calls.total(), 0);
}

#[tokio::test]
async fn case_070_a_file_that_goes_before_its_turn_is_not_asked_an_id_for() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let (first, second) = (bench.file("a.mp4", 1000), bench.file("b.mp4", 1000));
    let mut settings = bench.settings(&sandbox);
    settings.concurrency = std::num::NonZeroUsize::MIN.into();
    let gone = second.clone();
    let listener = move |event: &Event| match event {
        Event::Signing { path } if *path == first => fs::remove_file(&gone).unwrap_or(()),
        _ => {}
    };
    // The second one was there when it was listed.
    let summary = run(settings, bench.walk(), listener, Shutdown::new()).await;
    assert_eq!(summary.unwrap().counts.success, 1);
    assert_eq!(bench.rows()[1]["error_code"], "not_found");
    assert_eq!(sandbox.stats().calls.sign, 1);

    fs::remove_file(bench.library().join("a.mp4")).unwrap();
    let manifest = bench.manifest("path\na.mp4\nb.mp4\n");
    let again = upload(bench.settings(&sandbox), manifest_source(&manifest)).await;
    assert_eq!(again.unwrap().counts.success, 1, "confirmed and gone since");
    assert_eq!(sandbox.stats().calls.sign, 1);
}

#[tokio::test]
async fn case_071_what_may_not_be_read_has_its_row_and_the_rest_goes_up() {
    let job = Job::new().await;
    job.files(2, 1000);
    fs::create_dir(job.bench.library().join("closed")).unwrap();
    job.bench.file("closed/in.mp4", 1000);
    let Some(command) = as_nobody(&job.command(&["library"]), job.folder()) else {
        return;
    };
    chmod(&job.bench.library().join("001.mp4"), 0o000);
    chmod(&job.bench.library().join("closed"), 0o000);
    ended(command).await.is(1, &["permission denied"]);
    chmod(&job.bench.library().join("closed"), 0o700);
    assert_eq!(job.row("000.mp4")["status"], "success");
    assert_eq!(job.row("001.mp4")["error_code"], "permission");
    assert_eq!(job.row("closed")["error_code"], "permission");
    assert_eq!(job.sandbox.stats().calls.sign, 1);
}

#[tokio::test]
async fn case_077_a_file_of_exactly_the_limit_goes_up_and_one_byte_more_does_not() {
    let job = Job::new().await;
    job.bench.file("fits.mp4", 100_000);
    job.bench.file("over.mp4", 100_001);
    let end = job.run(&["--max-size", "100000", "library"]).await;
    end.is(1, &["100001 bytes are more than the limit of 100000"]);
    assert_eq!(job.row("fits.mp4")["status"], "success");
    assert_eq!(job.row("over.mp4")["error_code"], "too_large");
    assert_eq!(job.sandbox.assets().len(), 1);
}

#[tokio::test]
async fn case_079_080_links_are_followed_only_when_asked_and_folders_are_walked_whatever_their_name()
 {
    use std::os::unix::fs::symlink;
    let job = Job::new().await;
    let outside = job.folder().join("outside.mp4");
    fs::write(&outside, [1; 1000]).unwrap();
    fs::create_dir(job.bench.library().join("x.mp4")).unwrap();
    job.bench.file("x.mp4/in.mp4", 1000);
    for (target, link) in [
        (outside.as_path(), "out.mp4"),
        (Path::new("."), "loop"),
        (Path::new("no.mp4"), "dangling.mp4"),
    ] {
        symlink(target, job.bench.library().join(link)).unwrap();
    }
    job.run(&["library"]).await.is(0, &["1 success"]);
    let circle =
        "library/loop: a symbolic link to a folder above it: what is in there is walked once";
    let dangling = job.run(&["--follow", "library"]).await;
    dangling.is(1, &[circle, "dangling.mp4: not_found"]);
    assert_eq!(job.row("out.mp4")["status"], "success");
    job.all_stored_once(2);

    fs::remove_file(job.bench.library().join("dangling.mp4")).unwrap();
    let end = job.run(&["--follow", "library"]).await;
    end.is(0, &[circle, "2 rows: 2 success"]);
    assert_eq!(end.words.matches(circle).count(), 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn case_081_a_name_that_is_not_utf_8_goes_up_and_can_be_mapped_back() {
    use std::os::unix::ffi::OsStrExt;
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let path = bench
        .library()
        .join(std::ffi::OsStr::from_bytes(b"caf\xe9%.mp4"));
    fs::write(&path, [1; 1000]).unwrap();
    upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    let row = &bench.rows()[0];
    assert_eq!(
        row["path"],
        format!("%:{}/caf%E9%25.mp4", bench.library().display())
    );
    assert_eq!(row["status"], "success");
    assert_eq!(
        sandbox.assets()[0].sent_filename.as_deref(),
        Some("caf\u{fffd}%.mp4")
    );
}

#[tokio::test]
async fn case_085_hard_links_are_two_files_unless_equal_ones_are_to_share() {
    for (more, assets) in [(&["library"][..], 2), (&["--dedupe", "library"], 1)] {
        let job = Job::new().await;
        let first = job.bench.file("a.mp4", 1000);
        fs::hard_link(first, job.bench.library().join("b.mp4")).unwrap();
        job.run(more).await.is(0, &["2 success"]);
        job.all_stored_once(assets);
        let same = job.rows()[0]["asset_id"] == job.rows()[1]["asset_id"];
        assert_eq!(same, assets == 1);
    }
}

#[tokio::test]
async fn case_088_the_programs_own_files_are_never_uploaded_and_what_a_kill_left_is_cleared_away() {
    let job = Job::new().await;
    job.files(2, 1000);
    let library = job.bench.library();
    let beside = |name: &str| -> PathBuf { library.join(name) };
    fs::write(beside(".out.csv.Ab12Cd.tmp"), "path,asset").unwrap();
    fs::write(beside(".out.csv.Ef34Gh.tmp"), "path,asset").unwrap();
    let written = File::open(beside(".out.csv.Ef34Gh.tmp")).unwrap();
    written.lock().unwrap();
    fs::write(beside(".out.csv.notes"), "theirs").unwrap();
    let command = |more: &[&str]| {
        let mut command = job.command(more);
        command.current_dir(job.bench.library());
        command
    };
    let args = ["-r", "out.csv", "--all-files", "."];
    for _ in 0..2 {
        ended(command(&args)).await.is(0, &["2 success"]);
    }
    job.all_stored_once(2);
    assert!(!beside(".out.csv.Ab12Cd.tmp").exists());
    assert!(beside(".out.csv.Ef34Gh.tmp").exists(), "somebody writes it");
    assert!(beside(".out.csv.notes").exists(), "somebody's");
}

#[tokio::test]
async fn case_088_a_tree_that_changes_while_it_is_walked_is_uploaded_as_it_was_seen() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    for i in 0..40 {
        bench.file(&format!("{i:03}.mp4"), 1000);
    }
    let library = bench.library();
    let seen = Mutex::new(0);
    let listener = move |event: &Event| {
        if let Event::Sending { .. } = event {
            let mut seen = seen.lock().unwrap();
            *seen += 1;
            fs::write(library.join(format!("{:03}-new.mp4", *seen)), [1; 10]).unwrap();
            let _ = fs::remove_file(library.join(format!("{:03}.mp4", 40 - *seen)));
        }
    };
    let mut settings = bench.settings(&sandbox);
    settings.concurrency = std::num::NonZeroUsize::MIN.into();
    let summary = run(settings, bench.walk(), listener, Shutdown::new())
        .await
        .unwrap();
    let rows = bench.rows();
    assert_eq!(summary.counts.rows(), rows.len() as u64);
    for row in &rows {
        let verdict = (row["status"].as_str(), row["error_code"].as_str());
        assert!(
            matches!(verdict, ("success", "") | ("failed", "not_found")),
            "{verdict:?}"
        );
    }
    assert_eq!(summary.counts.success, sandbox.assets().len() as u64);
}

#[tokio::test]
async fn case_089_extensions_count_in_any_case_and_others_only_when_all_files_are_wanted() {
    let job = Job::new().await;
    for name in ["a.MP4", "b.Mov", "c.txt", "d"] {
        job.bench.file(name, 1000);
    }
    job.run(&["library"]).await.is(0, &["2 success"]);
    let given = ["library/a.MP4", "library/c.txt", "library/d"];
    job.run(&given)
        .await
        .is(1, &["c.txt: unsupported_type", "--all-files"]);
    job.all_stored_once(2);
    job.run(&["--all-files", "library"])
        .await
        .is(0, &["4 success"]);
    job.all_stored_once(4);
}

#[tokio::test]
async fn case_144_what_is_the_systems_is_counted_listed_and_taken_when_asked_for_or_named() {
    let job = Job::new().await;
    let names = [
        "a.mp4",
        ".Trash-1000/files/b.mp4",
        "sub/@eaDir/c.mp4",
        "._a.mp4",
    ];
    for name in names {
        let path = job.bench.library().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        job.bench.file(name, 1000);
    }
    let words = "left out: 3 system files and folders; --system-files takes them";
    let end = job.run(&["-v", "library"]).await;
    end.is(0, &["1 success", words, "._a.mp4: of the system"]);
    assert_eq!(
        end.words.matches("of the system").count(),
        3,
        "{}",
        end.words
    );
    let plan = crate::command::mavi(job.folder())
        .args(["plan", "-r", "report.csv", "library"])
        .output()
        .unwrap();
    let plan = String::from_utf8(plan.stdout).unwrap();
    assert!(plan.contains(words), "{plan}");
    let end = job.run(&["--progress", "json", "library"]).await;
    assert!(
        end.data.contains(r#""count":3,"event":"left_out""#),
        "{}",
        end.data
    );
    let end = job.run(&["library/._a.mp4", "library/.Trash-1000"]).await;
    end.is(0, &["2 success"]);
    assert!(!end.words.contains("left out"), "{}", end.words);
    job.run(&["--system-files", "library"])
        .await
        .is(0, &["4 success"]);
    job.all_stored_once(4);
}
