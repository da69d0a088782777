//! `mavi plan`: what an upload would do, by the real binary.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use mavi_upload::ledger::Ledger;
use rusqlite::Connection;
use serde_json::Value;

use crate::command::mavi;
use crate::common::{Bench, manifest_source, sandbox, upload};

/// What a plan says, and its exit code. The job's folder is called `/job`.
fn plan(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = mavi(folder).arg("plan").args(args).output().unwrap();
    let words = [output.stdout, output.stderr].concat();
    let words = String::from_utf8(words).unwrap();
    let words = words.replace(folder.to_str().unwrap(), "/job");
    (output.status.code(), words)
}

/// A film that preflight likes, of its own bytes, written a day ago.
fn film(bench: &Bench, name: &str, bytes: &str) {
    let moov = format!("\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x08moov\0\0\0\0mdat{bytes}");
    written_a_day_ago(bench, name, moov.as_bytes());
}

fn written_a_day_ago(bench: &Bench, name: &str, bytes: &[u8]) {
    let path = bench.library().join(name);
    fs::write(&path, bytes).unwrap();
    let a_day_ago = SystemTime::now() - Duration::from_secs(86_400);
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(a_day_ago).unwrap();
}

/// All that is on the disk, with its times.
fn everything(folder: &Path) -> Vec<(String, u64, Option<SystemTime>)> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    let fact = |entry: walkdir::DirEntry| {
        let meta = entry.metadata().unwrap();
        let path = entry.path().to_string_lossy().into_owned();
        (path, meta.len(), meta.modified().ok())
    };
    entries
        .into_iter()
        .map(|entry| fact(entry.unwrap()))
        .collect()
}

/// A job in the middle: files in every state, and rows that would fail, or be refused by nobody but
/// the service.
async fn job() -> Bench {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let earlier = [
        "confirmed",
        "sent",
        "allotted",
        "expired",
        "changed",
        "touched",
    ];
    for name in earlier {
        film(&bench, &format!("{name}.mp4"), name);
    }
    let rows = earlier.map(|name| format!("{name}.mp4\n")).concat();
    let manifest = bench.manifest(&format!("path\n{rows}"));
    upload(bench.settings(&sandbox), manifest_source(&manifest))
        .await
        .unwrap();
    let ledger = Connection::open(bench.folder.path().join("mavi-ledger.db")).unwrap();
    let url = "signed_url = 'https://storage.example/x?signature=1'";
    for (name, what) in [
        ("sent", "state = 'sent'".to_owned()),
        (
            "allotted",
            format!("state = 'allotted', {url}, url_expires_at = '2999-01-01T00:00:00Z'"),
        ),
        (
            "expired",
            format!("state = 'allotted', {url}, url_expires_at = '2020-01-01T00:00:00Z'"),
        ),
    ] {
        let sql = format!(
            "UPDATE asset SET {what} WHERE file = (SELECT id FROM file WHERE path LIKE '%/{name}.mp4')"
        );
        assert_eq!(ledger.execute(&sql, []).unwrap(), 1);
    }
    drop(ledger);
    film(&bench, "changed.mp4", "changed for good");
    let touched = bench.library().join("touched.mp4");
    let now = SystemTime::now() - Duration::from_secs(3_600);
    File::options()
        .append(true)
        .open(touched)
        .unwrap()
        .set_modified(now)
        .unwrap();
    film(&bench, "new.mp4", "a new one");
    film(&bench, "twin.mp4", "a new one");
    film(&bench, "other.mp4", "other one");
    film(&bench, "known.mp4", "confirmed");
    written_a_day_ago(
        &bench,
        "cut.mp4",
        b"\0\0\0\x10ftypisom\0\0\0\0\0\0\x10\0mdat",
    );
    written_a_day_ago(&bench, "page.mp4", b"<html>no such film</html>");
    written_a_day_ago(&bench, "empty.mp4", b"");
    written_a_day_ago(&bench, "notes.txt", b"notes");
    let old_and_new = [
        "new", "twin", "other", "known", "cut", "page", "empty", "gone", "new", "gone", "gone2",
    ];
    let rows = rows + &old_and_new.map(|name| format!("{name}.mp4\n")).concat();
    bench.manifest(&format!("path\n\u{1b}[31m.mp4\n{rows}notes.txt\n"));
    bench
}

const MANIFEST: [&str; 4] = ["-m", "library/manifest.csv", "-r", "report.csv"];

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_what_an_upload_would_do_and_leaves_no_trace() {
    let bench = job().await;
    let folder = bench.folder.path();
    let before = everything(folder);
    let args = [&MANIFEST[..], &["--line", "8k", "--dedupe"]].concat();
    let (code, words) = plan(folder, &args);
    assert_eq!(code, Some(1), "{words}");
    insta::assert_snapshot!(words, @r"
    ledger /job/mavi-ledger.db

    rows                                    count       bytes
      to upload                                 7       258 B
        new                                     6       213 B
        reserved earlier: filled now            2        79 B
        changed since their upload              1        48 B
        less duplicates: not sent               2        82 B
      touched: sent if they changed             1        39 B
      uploaded already: only checked            1        36 B
      confirmed already: no call                1        41 B
      the path of an earlier row                2
        of these, failing with it               1
      would fail                                5
      in all                                   19
    --dedupe: 2 files (82 B) share the asset of another, less than $0.0001 a day saved; 5 (203 B) are read to compare

    rows that would fail, by cause:
      3 x not_found: no such file (such as /job/library/\x1b[31m.mp4); fix the paths in the input, or bring the files back
      1 x empty: the file is empty (0 bytes): replace it or leave it out (such as /job/library/empty.mp4)
      1 x unsupported_type: this extension is not one the service takes (mp4 mov avi webm mkv flv wmv mpeg mpg mp3 wav aac flac ogg m4a jpg jpeg png gif webp bmp tiff tif): convert it, or try it with --all-files (such as /job/library/notes.txt)

    warnings only, these rows are uploaded:
      1 x no_moov: a recording that was cut off (no moov box): fix it, or record it again (such as /job/library/cut.mp4)
      1 x other_format: named .mp4, but its bytes are HTML, perhaps an error page that was saved: rename or convert it (such as /job/library/page.mp4)

    time, at the least
      sign                 7s  6 calls, 1 a second
      send                 8s  7 calls, 1 a second
      status              13s  12 calls, 1 a second
      connection           2s  8 kbit/s (1.0 kB/s)
    estimate  13s, limited by the account's limit on status calls

    storage   less than $0.0001 a day, less than $0.0001 for 30 days, for what is uploaded
    ");
    assert_eq!(everything(folder), before);

    let writer = Ledger::open(&folder.join("mavi-ledger.db")).unwrap();
    assert_eq!(
        plan(folder, &args),
        (code, words),
        "a run that writes changes nothing"
    );
    drop(writer);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_an_object_for_programs() {
    let bench = job().await;
    let args = [
        &MANIFEST[..],
        &["--json", "--no-preflight", "--bandwidth", "370k"],
    ]
    .concat();
    let (code, object) = plan(bench.folder.path(), &args);
    assert_eq!(code, Some(1), "{object}");
    let object: Value = serde_json::from_str(&object).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&object).unwrap(), @r#"
    {
      "calls": {
        "send": 9,
        "sign": 8,
        "status": 14
      },
      "dedupe": null,
      "estimate": {
        "limited_by": "status",
        "seconds": 15.0
      },
      "files": {
        "allotted": {
          "bytes": 79,
          "count": 2
        },
        "confirmed": {
          "bytes": 41,
          "count": 1
        },
        "new": {
          "bytes": 213,
          "count": 6
        },
        "outdated": {
          "bytes": 48,
          "count": 1
        },
        "sent": {
          "bytes": 36,
          "count": 1
        },
        "to_upload": {
          "bytes": 340,
          "count": 9
        },
        "touched": {
          "bytes": 39,
          "count": 1
        }
      },
      "ledger": "/job/mavi-ledger.db",
      "ledger_is_new": false,
      "left_out": 0,
      "refusals": [
        {
          "code": "not_found",
          "example": "/job/library/\\x1b[31m.mp4",
          "rows": 3,
          "text": "no such file"
        },
        {
          "code": "empty",
          "example": "/job/library/empty.mp4",
          "rows": 1,
          "text": "the file is empty (0 bytes): replace it or leave it out"
        },
        {
          "code": "unsupported_type",
          "example": "/job/library/notes.txt",
          "rows": 1,
          "text": "this extension is not one the service takes (mp4 mov avi webm mkv flv wmv mpeg mpg mp3 wav aac flac ogg m4a jpg jpeg png gif webp bmp tiff tif): convert it, or try it with --all-files"
        }
      ],
      "rows": {
        "duplicate": 2,
        "duplicate_of_refused": 1,
        "refused": 5,
        "total": 19
      },
      "seconds": {
        "bandwidth": 2.001,
        "send": 10.0,
        "sign": 9.0,
        "status": 15.0
      },
      "speeds": null,
      "storage": {
        "dollars_a_day": 3.3999999999999996e-10,
        "dollars_for_30_days": 1.02e-8
      },
      "time_zone": null,
      "v": 2,
      "warnings": []
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_says_is_what_the_upload_does() {
    let bench = job().await;
    let folder = bench.folder.path();
    let args = [&MANIFEST[..], &["--json"]].concat();
    let plan: Value = serde_json::from_str(&plan(folder, &args).1).unwrap();
    // Other names for what the earlier sandbox knew: only what fails before any call is compared.
    let sandbox = sandbox().await;
    let mut settings = bench.settings(&sandbox);
    settings.ledger = folder.join("other.db");
    settings.report = folder.join("other.csv");
    let manifest = bench.library().join("manifest.csv");
    let summary = upload(settings, manifest_source(&manifest)).await.unwrap();
    let rows = crate::common::read_report(&folder.join("other.csv"));
    let failing = plan["rows"]["refused"].as_u64().unwrap()
        + plan["rows"]["duplicate_of_refused"].as_u64().unwrap();
    assert_eq!(summary.counts.failed, failing);
    for failure in plan["refusals"].as_array().unwrap() {
        let (code, text) = (
            failure["code"].as_str().unwrap(),
            failure["text"].as_str().unwrap(),
        );
        let told = rows
            .iter()
            .any(|row| row["error_code"] == code && row["error"] == text);
        assert!(told, "{failure}");
    }
}

#[test]
fn a_plan_of_new_files_is_good_and_one_of_a_bad_manifest_is_none() {
    let bench = Bench::new();
    film(&bench, "a.mp4", "a");
    let folder = bench.folder.path();
    let (code, words) = plan(folder, &["library"]);
    assert_eq!(code, Some(0), "{words}");
    assert!(
        words.contains("(new: nothing is known of earlier uploads)"),
        "{words}"
    );
    bench.manifest("title\na\n");
    let (code, words) = plan(folder, &MANIFEST);
    assert_eq!(code, Some(2), "{words}");
    let told = mavi(folder)
        .args(["upload", "--sandbox"])
        .args(MANIFEST)
        .output()
        .unwrap();
    let told = String::from_utf8(told.stderr).unwrap();
    assert_eq!(words, told, "as the upload gives it");
    assert_eq!(plan(folder, &[]).0, Some(2));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn case_079_a_plan_warns_of_a_link_loop_and_counts_no_row_for_it() {
    let bench = Bench::new();
    film(&bench, "a.mp4", "bytes");
    std::os::unix::fs::symlink(".", bench.library().join("loop")).unwrap();
    let (code, words) = plan(bench.folder.path(), &["--follow", "library"]);
    assert_eq!(code, Some(0), "{words}");
    let warning = "1 x link_loop: a symbolic link to a folder above it: what is in there is walked once \
                   (such as /job/library/loop)";
    assert!(words.contains(warning), "{words}");
}
