//! What comes from outside and is not believed: signed URLs, ids, words, names.
#![cfg(unix)]

mod keys;

use std::path::Path;
use std::process::Command;

use mavi_sandbox::Sandbox;

use crate::command::{SHORT_RESTS, mavi, unlimited_upload};
use crate::common::{Bench, scripted_sandbox};
use crate::running::told;

const KEY: &str = "sk-mavi-0123456789";

async fn scripted(script: &str) -> Sandbox {
    scripted_sandbox(KEY, script).await
}

fn upload(folder: &Path, base: &str) -> Command {
    let mut command = unlimited_upload(folder, KEY, base);
    command.args(SHORT_RESTS).args(["--retries", "1"]);
    command
}

async fn folder_told(bench: &Bench, sandbox: &Sandbox) -> (Option<i32>, String) {
    let mut command = upload(bench.folder.path(), sandbox.base_url());
    command.arg("library");
    told(command).await
}

async fn signed_for(urls: &[(&str, &str)]) {
    let bench = Bench::new();
    let rule = |(no, (url, _)): (usize, &(&str, &str))| {
        format!(
            "[[rule]]\ncall = 'sign'\nfile = '{no}.mp4'\nthen = {{ set = {{ 'data.signed_url' = '{url}' }} }}\n"
        )
    };
    let script: String = urls.iter().enumerate().map(rule).collect();
    (0..urls.len()).for_each(|no| drop(bench.file(&format!("{no}.mp4"), 1000)));
    let sandbox = scripted(&script).await;
    let (code, words) = folder_told(&bench, &sandbox).await;
    assert_eq!(code, Some(1), "{words}");
    for (row, (url, why)) in bench.rows().iter().zip(urls) {
        assert_eq!(row["error_code"], "insecure_url", "{url}");
        assert!(row["error"].contains(why), "{url}: {}", row["error"]);
    }
    let stats = sandbox.stats();
    assert_eq!(
        (stats.calls.send, stats.bytes_received),
        (0, 0),
        "nothing was sent"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn case_132_nothing_goes_to_a_signed_url_without_tls() {
    signed_for(&[
        ("http://storage.example/x?s=1", "is not encrypted"),
        ("http://192.168.0.1/x", "is not encrypted"),
        ("ftp://storage.example/x", "not an https URL"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_133_nothing_goes_to_a_signed_url_that_points_inside() {
    signed_for(&[
        ("https://169.254.169.254/latest", "private address"),
        ("https://10.0.0.7/x", "private address"),
        ("https://[fd00::1]/x", "private address"),
        ("https://0xA9FEA9FE/x", "private address"),
        ("https://me:pw@storage.example/x", "user name or password"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_135_the_key_never_leaves_in_the_clear() {
    let bench = Bench::new();
    bench.file("a.mp4", 10);
    for base in [
        "http://192.0.2.1/v2",
        "http://api.example/",
        "ftp://127.0.0.1/",
        "http://127.0.0.1.example/",
    ] {
        let mut command = upload(bench.folder.path(), base);
        command.arg("library");
        let (code, words) = told(command).await;
        assert_eq!(code, Some(2), "{words}");
        assert!(words.contains("must start with https://"), "{words}");
        assert!(!bench.report().exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_136_an_id_that_is_none_is_put_in_no_path() {
    let bench = Bench::new();
    let ids = ["../../x", "a/b", "a?b", "", "a\\nb", "%2e%2e"];
    let rule = |(no, id): (usize, &&str)| {
        format!(
            "[[rule]]\ncall = 'sign'\nfile = '{no}.mp4'\nthen = {{ set = {{ 'data.asset_id' = \"{id}\" }} }}\n"
        )
    };
    let script: String = ids.iter().enumerate().map(rule).collect();
    (0..ids.len()).for_each(|no| drop(bench.file(&format!("{no}.mp4"), 1000)));
    let sandbox = scripted(&script).await;
    let (code, words) = folder_told(&bench, &sandbox).await;
    assert_eq!(code, Some(1), "{words}");
    assert!(
        bench
            .rows()
            .iter()
            .all(|row| row["error_code"] == "protocol"),
        "{words}"
    );
    let calls = sandbox.stats().calls;
    assert_eq!((calls.send, calls.status), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_137_no_foreign_word_reaches_the_terminal_unescaped() {
    let hostile = "\u{1b}]52;c;aGk=\u{7}\u{1b}[2J\r\u{9b}31m\u{202e}gpj";
    let bench = Bench::new();
    bench.file(&format!("{hostile}.mp4"), 1000);
    bench.file(&format!("empty{hostile}.mp4"), 0);
    let escaped: Vec<_> = hostile
        .chars()
        .map(|c| format!("\\u{:04X}", u32::from(c)))
        .collect();
    let escaped = escaped.concat();
    let script = format!(
        "[[rule]]\ncall = 'sign'\nthen = {{ code = \"77{escaped}\", msg = \"{escaped}\" }}"
    );
    let sandbox = scripted(&script).await;
    let mut command = upload(bench.folder.path(), sandbox.base_url());
    command
        .env("RUST_LOG", "trace")
        .args(["-vvv", "--api-key-file", hostile, "library"]);
    let no_such_file = told(command).await;
    let mut command = upload(bench.folder.path(), sandbox.base_url());
    command.env("RUST_LOG", "trace").args(["-vvv", "library"]);
    let failed_rows = told(command).await;
    // As a shell has it of `mavi upload *`, where a file is called like an option.
    let mut command = upload(bench.folder.path(), sandbox.base_url());
    command.args([&format!("--{hostile}"), "library"]);
    let no_such_option = told(command).await;
    let mut command = upload(bench.folder.path(), sandbox.base_url());
    command.args(["--bandwidth", hostile, "library"]);
    let no_such_value = told(command).await;
    let refused = [&no_such_file, &no_such_option, &no_such_value];
    assert!(refused.iter().all(|(code, _)| *code == Some(2)));
    assert_eq!(failed_rows.0, Some(1));
    assert!(
        failed_rows.1.contains("\\x1b]52;c;aGk=\\x07"),
        "{}",
        failed_rows.1
    );
    assert!(failed_rows.1.contains("\\u{202e}"), "{}", failed_rows.1);
    let mut heard = refused.map(|(_, words)| words.as_str()).concat() + &failed_rows.1;
    for args in [&["status"][..], &["orphans"]] {
        let output = mavi(bench.folder.path()).args(args).output().unwrap();
        heard += &String::from_utf8(output.stdout).unwrap();
    }
    let is_obeyed =
        |c: char| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
    assert!(!heard.contains(is_obeyed), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_140_what_is_packed_stays_packed() {
    let bench = Bench::new();
    bench.file("a.mp4", 1000);
    let gzip = r#"then = { status = 200, headers = { Content-Encoding = "gzip" }, content-type = "application/json", body = "\u001f\u0008aaaaaaaaaaaa", repeat = "endless" }"#;
    let sandbox = scripted(&format!("[[rule]]\ncall = 'sign'\n{gzip}")).await;
    let (code, words) = folder_told(&bench, &sandbox).await;
    assert_eq!(code, Some(1), "{words}");
    assert_eq!(bench.rows()[0]["error_code"], "protocol", "{words}");
    assert!(
        bench.rows()[0]["error"].contains("more than 1024 KiB"),
        "{words}"
    );
}
