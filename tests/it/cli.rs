//! The real binary, as people type it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use mavi_upload::ledger::{Identity, Ledger};
use tempfile::TempDir;

use crate::command;
use crate::common::read_report;

fn mavi(folder: &Path) -> Command {
    Command::from_std(command::mavi(folder))
}

/// What a command that ends with this code says.
pub(crate) fn words_of(command: &mut Command, code: i32) -> String {
    let output = command.assert().code(code).get_output().clone();
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_bad_manifest_ends_with_2_and_its_line_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let table: [(&str, &[u8], &str); 5] = [
        ("no path column", b"title,note\na,b\n", "title"),
        ("ragged", b"path,title\na.mp4,A\nb.mp4\n", "line 3"),
        (
            "unclosed quote",
            b"path,title\na.mp4,\"A\nb.mp4,B\n",
            "line 2",
        ),
        ("binary", b"path\0\x01\x02\n", ""),
        ("UTF-16", b"\xff\xfep\0a\0t\0h\0\n\0", "UTF-16"),
    ];
    for (what, bytes, word) in table {
        fs::write(folder.path().join("m.csv"), bytes).unwrap();
        let words = words_of(
            mavi(folder.path()).args(["upload", "--sandbox", "-m", "m.csv"]),
            2,
        );
        assert!(
            words.contains("m.csv") && words.contains(word),
            "{what}: {words}"
        );
        assert!(!folder.path().join("mavi-report.csv").exists(), "{what}");
    }
}

#[test]
fn case_128_the_key_is_no_argument_and_its_absence_is_told() {
    let folder = tempfile::tempdir().unwrap();
    words_of(
        mavi(folder.path()).args(["upload", "--api-key", "sk-mavi-x", "."]),
        2,
    );
    let words = words_of(mavi(folder.path()).args(["upload", "."]), 2);
    assert!(
        words.contains("MEMORIES_API_KEY") && words.contains("--sandbox"),
        "{words}"
    );
    let bearer = "Bearer sk-mavi-canary";
    let words = words_of(
        mavi(folder.path())
            .env("MEMORIES_API_KEY", bearer)
            .args(["upload", "."]),
        2,
    );
    assert!(
        words.contains("Bearer") && !words.contains("canary"),
        "{words}"
    );
}

#[test]
fn case_129_help_does_not_show_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let help = mavi(folder.path())
        .env("MEMORIES_API_KEY", "sk-mavi-canary")
        .args(["upload", "--help"])
        .assert()
        .success();
    let text = String::from_utf8(help.get_output().stdout.clone()).unwrap();
    assert!(text.contains("--manifest") && !text.contains("canary"));
}

#[test]
fn case_111_a_report_that_is_not_ours_stays() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.mp4"), b"bytes").unwrap();
    fs::write(folder.path().join("mine.csv"), "path,notes\n").unwrap();
    let mut command = mavi(folder.path());
    let words = words_of(
        command.args(["upload", "--sandbox", "-r", "mine.csv", "a.mp4"]),
        2,
    );
    assert!(words.contains("--overwrite"), "{words}");
    assert_eq!(
        fs::read_to_string(folder.path().join("mine.csv")).unwrap(),
        "path,notes\n"
    );
}

#[test]
fn a_failed_row_ends_with_1_and_is_named_and_the_rest_is_up() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.mp4"), b"bytes").unwrap();
    fs::write(
        folder.path().join("m.csv"),
        "path,title\nmissing.mp4,M\na.mp4,A\n",
    )
    .unwrap();
    let mut command = mavi(folder.path());
    let words = words_of(
        command.args(["upload", "--sandbox", "-m", "m.csv", "-r", "r.csv"]),
        1,
    );
    assert!(
        words.contains("missing.mp4") && words.contains("not_found"),
        "{words}"
    );
    let rows = read_report(&folder.path().join("r.csv"));
    let statuses: Vec<_> = rows.iter().map(|row| row["status"].as_str()).collect();
    assert_eq!(statuses, ["failed", "success"]);

    let args = [
        "report",
        "--ledger",
        "mavi-sandbox.db",
        "-o",
        "-",
        "--format",
        "jsonl",
    ];
    let output = mavi(folder.path())
        .args(args)
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let first = output.split(|b| *b == b'\n').next().unwrap();
    let value: serde_json::Value = serde_json::from_slice(first).unwrap();
    assert_eq!(
        (&value["status"], &value["title"]),
        (&"failed".into(), &"M".into())
    );
}

#[test]
fn the_sandbox_may_be_used_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.mp4"), b"bytes").unwrap();
    for _ in 0..2 {
        mavi(folder.path())
            .args(["upload", "--sandbox", "a.mp4"])
            .assert()
            .success();
    }
    assert_eq!(read_report(&folder.path().join("mavi-report.csv")).len(), 1);
}

/// The folder of a library of one file.
fn library() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("library")).unwrap();
    fs::write(folder.path().join("library/a.mp4"), b"bytes").unwrap();
    folder
}

#[test]
fn case_123_two_sandbox_runs_do_not_disturb_each_other() {
    let folder = library();
    let upload = |code| {
        let mut command = mavi(folder.path());
        words_of(command.args(["upload", "--sandbox", "library"]), code)
    };
    let path = folder.path().join("mavi-sandbox.db");
    let held = Ledger::open(&path).unwrap();
    let words = upload(5);
    let pid = std::process::id();
    assert!(words.contains(&format!("in use by pid {pid}")), "{words}");
    assert!(path.exists());
    drop(held);
    upload(0);
}

#[test]
fn a_sandbox_run_replaces_no_ledger_but_a_sandboxs() {
    let folder = library();
    let file = |name: &str| folder.path().join(name);
    let mut real = Ledger::open(&file("real.db")).unwrap();
    let identity = Identity {
        base_url: "https://service.example/v2".to_owned(),
        account: "00000000".to_owned(),
    };
    real.identify(&identity, false).unwrap();
    drop(real);
    let text = "not a ledger, and dear to somebody";
    fs::write(file("notes.txt"), text).unwrap();
    for (name, code) in [("real.db", 2), ("notes.txt", 5)] {
        let mut command = mavi(folder.path());
        words_of(
            command.args(["upload", "--sandbox", "--ledger", name, "library"]),
            code,
        );
        assert!(file(name).exists());
    }
}

#[test]
fn usage_errors_leave_no_ledger_behind_and_a_missing_folder_is_called_that() {
    let folder = library();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("mine.csv"), "path,notes\n").unwrap();
    let words = |more: &[&str]| {
        let mut command = mavi(folder.path());
        command.env("MEMORIES_API_KEY", "sk-mavi-x");
        words_of(command.args(["upload", "library"]).args(more), 2)
    };
    assert!(words(&["-r", "mine.csv"]).contains("--overwrite"));
    assert!(words(&["-r", "none/report.csv", "--ledger", "l.db"]).contains("make it first"));
    let missing = words(&["--ledger", "none/l.db"]);
    assert!(
        missing.contains("none/l.db: its folder does not exist: make it first"),
        "{missing}"
    );
    for name in ["mavi-ledger.db", "mavi-ledger.db.lock", "l.db", "l.db.lock"] {
        assert!(!file(name).exists(), "{name}");
    }
}
