//! The report as a page: by the real binary, of a real run; and in a browser, where there is one.

use std::fs;
use std::process::{Command, Output};

use crate::command::{SHORT_RESTS, mavi};
use crate::common::{Bench, scripted_sandbox};
use crate::running::told;

const KEY: &str = "sk-mavi-page-0123456789";

/// One file in three is refused, and one has a hostile name.
const SCRIPT: &str = "
    [[rule]]
    call = 'sign'
    file = '*bad*'
    then = { status = 415, code = '0001', msg = '<script>alert(1)</script>' }
    [[rule]]
    call = 'send'
    first = 1
    then = { status = 429 }";

fn page(bench: &Bench, more: &[&str]) -> Output {
    let mut command = mavi(bench.folder.path());
    command.args(["report", "--format", "html"]).args(more);
    command.output().unwrap()
}

async fn job() -> Bench {
    let (bench, sandbox) = (Bench::new(), scripted_sandbox(KEY, SCRIPT).await);
    bench.file("good.mp4", 30_000);
    bench.file("bad <img src=x onerror=alert(2)> \u{202e}.mp4", 2_000);
    let mut upload = bench.upload_to(&sandbox, &SHORT_RESTS);
    upload.args(["--retries", "1"]).arg(bench.library());
    let (code, words) = told(upload).await;
    assert_eq!(code, Some(1), "{words}");
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_stands_beside_the_report_tells_the_job_and_replaces_only_its_like() {
    let bench = job().await;
    let written = page(&bench, &[]);
    assert!(
        written.status.success(),
        "{}",
        String::from_utf8_lossy(&written.stderr)
    );
    let path = bench.folder.path().join("mavi-report.html");
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("1 of 2 files uploaded and confirmed; 1 failed."),
        "{text}"
    );
    assert!(text.contains("send rate-limited 1 time"), "{text}");
    assert!(text.contains("<code>unsupported_media</code>"), "{text}");
    assert!(!text.contains("<img") && !text.contains("<script") && !text.contains('\u{202e}'));
    assert!(!text.contains(KEY) && !text.contains("signature="));
    assert!(
        page(&bench, &[]).status.success(),
        "a page of ours makes way"
    );

    let refused = page(&bench, &["-o", "report.csv"]);
    assert_eq!(refused.status.code(), Some(2));
    let piped = page(&bench, &["-o", "-"]);
    assert!(piped.stdout.starts_with(b"<!doctype html>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_shows_the_page_and_finds_nothing_to_run_in_it() {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let is_there = |name: &&&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let Some(browser) = browsers.iter().find(is_there) else {
        println!("skipped: no Chromium is installed");
        return;
    };
    let bench = job().await;
    assert!(page(&bench, &[]).status.success());
    let page = bench.folder.path().join("mavi-report.html");
    let shown = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            bench.folder.path().join("browser").display()
        ))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout);
    assert!(
        shown.contains("1 of 2 files uploaded and confirmed; 1 failed."),
        "{shown}"
    );
    assert!(
        shown.contains("bad &lt;img src=x onerror=alert(2)&gt;"),
        "{shown}"
    );
    assert!(!shown.contains("<script"), "{shown}");
}
