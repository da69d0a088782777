//! Secrets stay secret: runs over many faults, with a canary for a key and canaries in signatures,
//! and not one of them in anything that the runs say or write.
#![cfg(unix)]

mod commands;

use std::fs;
use std::path::Path;
use std::process::Command;

use futures::StreamExt as _;
use mavi_sandbox::Sandbox;
use rusqlite::{Connection, OpenFlags};

use crate::command::{SHORT_RESTS, mavi_to, unlimited_upload};
use crate::common::{Bench, scripted_sandbox};

const KEY: &str = "sk-mavi-canary-4f7c1b";
const SIGNATURE: &str = "canarysignature5d1e";

/// Scripts under which runs go; `KEY` and `SIGNATURE` stand for the canaries.
const SCRIPTS: &[&str] = &[
    "",
    include_str!("../../examples/faults/hostile.toml"),
    include_str!("../../examples/faults/refusals.toml"),
    // The API repeats the key in every place that is read.
    "[[rule]]\ncall = 'sign'\nper = 'file'\nnth = 1\nthen = { code = '0001', msg = 'no KEY here' }",
    "[[rule]]\ncall = 'sign'\nthen = { status = 400, body = 'Authorization: KEY' }",
    "[[rule]]\ncall = 'sign'\nthen = { status = 401, body = 'KEY' }",
    "[[rule]]\ncall = 'sign'\nthen = { status = 200, body = '<html>KEY</html>', content-type = 'text/KEY' }",
    "[[rule]]\ncall = 'sign'\nthen = { code = 'KEY', msg = 'KEY' }",
    "[[rule]]\ncall = 'sign'\nthen = { set = { 'data.asset_id' = '../KEY' } }",
    "[[rule]]\ncall = 'status'\nfirst = 3\nthen = { status = 500, body = 'KEY' }",
    "[[rule]]\ncall = 'status'\nfirst = 3\nthen = { set = { 'data.resource.0.upload_status' = 'KEY' } }",
    // Storage repeats the signature.
    "[[rule]]\ncall = 'send'\nper = 'file'\nfirst = 9\nthen = { status = 400, body = 'POST {signed_url} was bad', done = true }",
    "[[rule]]\ncall = 'sign'\nthen = { set = { 'data.signed_url' = '{origin}/storage/{asset_id}?expires=9999999999&signature=SIGNATURE' } }\n\
     [[rule]]\ncall = 'send'\nthen = { status = 403, body = 'SIGNATURE is no signature' }",
    "[[rule]]\ncall = 'sign'\nthen = { set = { 'data.signed_url' = '{origin}/storage/{asset_id}?signature=SIGNATURE' } }",
    "[[rule]]\ncall = 'sign'\nthen = { set = { 'data.signed_url' = '{origin}/x?signature=SIGNATURE' } }\n\
     [[rule]]\ncall = 'send'\nthen = { status = 307, headers = { Location = 'https://else.example/x?signature=SIGNATURE' } }",
    // URLs that lead nowhere, or where no file may go.
    "[[rule]]\ncall = 'sign'\nthen = { set = { 'data.signed_url' = 'http://storage.example/x?signature=SIGNATURE' } }",
    "[[rule]]\ncall = 'sign'\nthen = { set = { 'data.signed_url' = 'https://me:SIGNATURE@storage.example/x' } }",
    "[[rule]]\ncall = 'sign'\nthen = { set = { 'data.signed_url' = 'https://10.1.2.3/x?signature=SIGNATURE' } }",
    "[[rule]]\ncall = 'sign'\nthen = { set = { 'data.signed_url' = 'file:///SIGNATURE?signature=SIGNATURE' } }",
    "[[rule]]\ncall = 'sign'\nthen = { set = { 'data.signed_url' = 'http://127.0.0.1:1/x?signature=SIGNATURE' } }",
    "[[rule]]\ncall = 'sign'\nthen = { set = { 'data.signed_url' = 'https://127.0.0.1:1/x?signature=SIGNATURE' } }",
];

/// What was said and written, by scene and place.
#[derive(Default)]
struct Heard {
    texts: Vec<(String, String)>,
    signatures: Vec<String>,
}

impl Heard {
    fn output(&mut self, scene: &str, command: &mut Command) -> Option<i32> {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        self.texts
            .push((format!("{scene}: stdout"), text(&output.stdout)));
        self.texts
            .push((format!("{scene}: stderr"), text(&output.stderr)));
        output.status.code()
    }

    /// All files beside the library but the ledger, which is there to keep signed URLs.
    fn files(&mut self, scene: &str, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_file() && !name.starts_with("mavi-ledger.db") {
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                self.texts.push((format!("{scene}: {name}"), text));
            }
        }
        let Ok(ledger) = Connection::open_with_flags(
            folder.join("mavi-ledger.db"),
            OpenFlags::SQLITE_OPEN_READ_ONLY,
        ) else {
            return;
        };
        let mut statement = ledger
            .prepare("SELECT signed_url FROM asset WHERE signed_url IS NOT NULL")
            .unwrap();
        let urls = statement
            .query_map([], |row| row.get::<_, String>(0))
            .unwrap();
        let urls: Vec<_> = urls.map(Result::unwrap).collect();
        let signatures = urls
            .iter()
            .filter_map(|url| Some(url.split_once("signature=")?.1.to_owned()));
        self.signatures.extend(signatures);
    }

    fn holds_no_secret(&self) {
        let fixed = [KEY, SIGNATURE, "signature=", "expires="].map(str::to_owned);
        let secrets: Vec<_> = fixed.iter().chain(&self.signatures).collect();
        for (place, text) in &self.texts {
            for secret in &secrets {
                assert!(
                    !text.contains(secret.as_str()),
                    "{secret} in {place}:\n{text}"
                );
            }
        }
    }
}

fn mavi(folder: &Path, base: &str) -> Command {
    with_its_log(mavi_to(folder, KEY, base))
}

fn upload(folder: &Path, base: &str) -> Command {
    let mut command = with_its_log(unlimited_upload(folder, KEY, base));
    command
        .args(SHORT_RESTS)
        .args(["--retries", "1", "--confirm-timeout", "1s"])
        .args(["--max-outage", "1s", "-vvv", "library"]);
    command
}

fn with_its_log(mut command: Command) -> Command {
    command.env("RUST_LOG", "trace");
    command
}

/// One run under a script, and everything that can be asked about it afterwards.
fn scene(no: usize, base: &str) -> Heard {
    let mut heard = Heard::default();
    let bench = Bench::new();
    let files = if no == 1 { 12 } else { 3 };
    (0..files).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 3000 + i)));
    let folder = bench.folder.path();
    let name = format!("script {no}");
    let code = heard.output(&name, &mut upload(folder, base));
    assert!(
        code.is_some_and(|code| code <= 4),
        "{name}: {code:?}: {:?}",
        heard.texts.last()
    );
    heard.files(&name, folder);
    for args in ["status --json", "orphans --json", "report --format jsonl"] {
        heard.output(&name, mavi(folder, base).args(args.split(' ')));
    }
    heard
}

async fn sandbox(script: &str) -> Sandbox {
    let script = script.replace("KEY", KEY).replace("SIGNATURE", SIGNATURE);
    scripted_sandbox(KEY, &script).await
}

/// One script's run, with as much said as can be asked for.
async fn played(no: usize) -> Heard {
    let sandbox = sandbox(SCRIPTS[no]).await;
    let base = sandbox.base_url().to_owned();
    let playing = tokio::task::spawn_blocking(move || scene(no, &base));
    let heard = playing.await.unwrap();
    let stats = sandbox.stats();
    assert!(stats.calls.total() > 0, "script {no} was met");
    assert_eq!(
        (stats.leaked_headers, stats.calls.delete),
        (0, 0),
        "script {no}"
    );
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn case_130_131_no_fault_and_no_log_brings_a_secret_to_light() {
    let playing = futures::stream::iter((0..SCRIPTS.len()).map(played)).buffer_unordered(4);
    let heard: Vec<Heard> = playing.collect().await;
    let signatures: usize = heard.iter().map(|heard| heard.signatures.len()).sum();
    assert!(signatures > 10, "there were secrets to tell");
    let is_logged = |heard: &&Heard| {
        heard
            .texts
            .iter()
            .any(|(_, text)| text.contains("DEBUG mavi_upload"))
    };
    assert_eq!(
        heard.iter().filter(is_logged).count(),
        SCRIPTS.len(),
        "the log is on"
    );
    heard.iter().for_each(Heard::holds_no_secret);
}

#[test]
fn case_130_no_mistake_on_the_command_line_brings_a_secret_to_light() {
    let bench = Bench::new();
    bench.file("a.mp4", 10);
    let folder = bench.folder.path();
    fs::write(folder.join("lines.env"), format!("A=1\n{KEY}\n")).unwrap();
    fs::write(
        folder.join("quote.env"),
        format!("MEMORIES_API_KEY='{KEY}\n"),
    )
    .unwrap();
    fs::write(folder.join("bearer.key"), format!("Bearer {KEY}")).unwrap();
    let mut heard = Heard::default();
    let url = format!("https://me:{KEY}@api.example/");
    let query = format!("https://api.example/?key={KEY}");
    let table: [(&[&str], &str); 8] = [
        (&["--help"], KEY),
        (&["library", "--env-file", "lines.env"], ""),
        (&["library", "--env-file", "quote.env"], ""),
        (&["library", "--api-key-file", "bearer.key"], ""),
        (&["library", "--base-url", &url], KEY),
        (&["library", "--base-url", &query], KEY),
        (&["library", "--base-url", "http://192.0.2.1/"], KEY),
        (&["library"], &format!("{KEY} {KEY}")),
    ];
    for (args, key) in table {
        let mut command = mavi(folder, "https://api.invalid/");
        let code = heard.output(
            &args.join(" "),
            command
                .env("MEMORIES_API_KEY", key)
                .arg("upload")
                .args(args),
        );
        assert_eq!(
            code,
            Some(if args == ["--help"] { 0 } else { 2 }),
            "{:?}",
            heard.texts.last()
        );
    }
    heard.holds_no_secret();
}

#[tokio::test(flavor = "multi_thread")]
async fn case_142_abandoned_assets_are_never_deleted_by_themselves() {
    let sandbox = sandbox("[[rule]]\ncall = 'sign'\nper = 'file'\nnth = 1\nthen = 'failed'").await;
    let bench = Bench::new();
    (0..5).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 1000 + i)));
    let (folder, base) = (
        bench.folder.path().to_owned(),
        sandbox.base_url().to_owned(),
    );
    let told = tokio::task::spawn_blocking(move || {
        for _ in 0..2 {
            let output = upload(&folder, &base).output().unwrap();
            assert_eq!(
                output.status.code(),
                Some(0),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let listed = mavi(&folder, &base).arg("orphans").output().unwrap();
        String::from_utf8(listed.stdout).unwrap()
    });
    let listed = told.await.unwrap();
    assert!(listed.contains("5 in all"), "{listed}");
    assert_eq!(
        (sandbox.stats().calls.delete, sandbox.assets().len()),
        (0, 10)
    );
}
