//! What is wrong, told before a run: by the real binary.

use std::process::{Command, Output, Stdio};

use mavi_upload::sandbox::Sandbox;
use serde_json::Value;

use crate::common::{Bench, sandbox};

fn command(bench: &Bench, base_url: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mavi"));
    command
        .env_clear()
        .env("MEMORIES_V2_BASE_URL", base_url)
        .current_dir(bench.folder.path())
        .stdin(Stdio::null())
        .arg("doctor")
        .args(more);
    command
}

fn run(command: &mut Command) -> Output {
    tokio::task::block_in_place(|| command.output().unwrap())
}

/// The exit code and the lines, with what differs from machine to machine replaced.
fn told(bench: &Bench, sandbox: Option<&Sandbox>, output: &Output) -> (Option<i32>, String) {
    let mut text = String::from_utf8(output.stdout.clone()).unwrap();
    let folder = bench.folder.path().canonicalize().unwrap();
    text = text.replace(folder.to_str().unwrap(), "/job");
    if let Some(sandbox) = sandbox {
        text = text.replace(sandbox.base_url(), "http://sandbox");
    }
    let lines = text.lines().map(|line| match line.split_once(" free") {
        Some((line, _)) if line.contains("space") => {
            let folder = line.rsplit_once(": ").map_or(line, |(folder, _)| folder);
            format!("{folder}: (room)")
        }
        _ => line.to_owned(),
    });
    (output.status.code(), lines.collect::<Vec<_>>().join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_well() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let mut command = command(&bench, sandbox.base_url(), &[]);
    let output = run(command.env("MEMORIES_API_KEY", sandbox.api_key()));
    let (code, lines) = told(&bench, Some(&sandbox), &output);
    insta::assert_snapshot!(lines, @r"
    ok    key           from environment variable MEMORIES_API_KEY
    ok    base URL      http://sandbox
    ok    proxy         none: the service is on this machine
    ok    dns           127.0.0.1: an address, no name to look up
    ok    connection    1 of 1 reached
    ok    tls           none: the service is on this machine
    ok    clock         agrees with the service's
    ok    account       the key is accepted
    ok    limits        sign 1 a second, send 1 a second, status 1 a second
    ok    report        /job/mavi-report.csv can be written
    ok    ledger        /job/mavi-ledger.db: new: nothing is known of earlier uploads
    ok    space         /job: (room)
    ok    open files    enough for the uploads at once
    ");
    assert_eq!(code, Some(0));
    let calls = sandbox.stats().calls;
    assert_eq!(
        (calls.total(), calls.status),
        (1, 1),
        "one look, and no more"
    );
    let made = std::fs::read_dir(bench.folder.path()).unwrap().count();
    assert_eq!(made, 1, "the library is all there is");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_what_needs_none_is_looked_at() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let output = run(&mut command(&bench, sandbox.base_url(), &[]));
    let (code, lines) = told(&bench, Some(&sandbox), &output);
    insta::assert_snapshot!(lines, @r"
    FAIL  key           no API key: set MEMORIES_API_KEY or give --api-key-file; to try mavi out without a key: mavi upload --sandbox
    ok    base URL      http://sandbox
    ok    proxy         none: the service is on this machine
    ok    dns           127.0.0.1: an address, no name to look up
    ok    connection    1 of 1 reached
    skip  tls           needs a key
    skip  clock         needs a key
    skip  account       needs a key
    ok    limits        sign 1 a second, send 1 a second, status 1 a second
    ok    report        /job/mavi-report.csv can be written
    ok    ledger        /job/mavi-ledger.db: new: nothing is known of earlier uploads
    ok    space         /job: (room)
    ok    open files    enough for the uploads at once
    ");
    assert_eq!(code, Some(2));
    assert_eq!(sandbox.stats().calls.total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_006_a_wrong_key_is_told_with_its_source_and_never_shown() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let key = bench.folder.path().join("key");
    std::fs::write(&key, "canary-of-another-shape\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(&key, open).unwrap();
    }
    let args = ["--api-key-file", "key", "--json"];
    let output = run(&mut command(&bench, sandbox.base_url(), &args));
    assert_eq!(output.status.code(), Some(3));
    let text =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains("canary"), "{text}");
    let object: Value = serde_json::from_str(&text).unwrap();
    let check = |name: &str| {
        let mut checks = object["checks"].as_array().unwrap().iter();
        checks.find(|check| check["check"] == name).unwrap().clone()
    };
    let key = check("key");
    assert_eq!(
        (
            &key["result"],
            key["says"].as_str().unwrap().contains("file key")
        ),
        (&"warn".into(), true)
    );
    assert_eq!(check("key file")["hint"], "chmod 600 it");
    let account = check("account");
    assert_eq!(account["result"], "fail");
    assert_eq!(
        account["says"],
        "the service does not know this API key (401)"
    );
    assert_eq!(object["exit_code"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_043_044_a_dead_host_and_a_dead_name_end_with_4() {
    let bench = Bench::new();
    let dead = "http://127.0.0.1:1/serve/api/v2";
    let mut dead = command(&bench, dead, &[]);
    let (code, lines) = told(
        &bench,
        None,
        &run(dead.env("MEMORIES_API_KEY", "sk-mavi-x")),
    );
    insta::assert_snapshot!(lines, @r"
    ok    key           from environment variable MEMORIES_API_KEY
    ok    base URL      http://127.0.0.1:1/serve/api/v2
    ok    proxy         none: the service is on this machine
    ok    dns           127.0.0.1: an address, no name to look up
    FAIL  connection    cannot connect to 127.0.0.1: 127.0.0.1:1: Connection refused (os error 111): check --base-url, the firewall, and whether a proxy is needed (HTTPS_PROXY)
    skip  tls           needs a connection
    skip  clock         needs a connection
    skip  account       needs a connection
    ok    limits        sign 1 a second, send 1 a second, status 1 a second
    ok    report        /job/mavi-report.csv can be written
    ok    ledger        /job/mavi-ledger.db: new: nothing is known of earlier uploads
    ok    space         /job: (room)
    ok    open files    enough for the uploads at once
    ");
    assert_eq!(code, Some(4));
    let mut unknown = command(&bench, "https://service.invalid/v2", &[]);
    let (code, lines) = told(
        &bench,
        None,
        &run(unknown.env("MEMORIES_API_KEY", "sk-mavi-x")),
    );
    assert_eq!(code, Some(4), "{lines}");
    assert!(
        lines.contains("FAIL  dns ") && lines.contains("skip  account"),
        "{lines}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn case_130_a_proxys_password_is_not_shown() {
    let bench = Bench::new();
    let mut proxied = command(&bench, "https://service.invalid/v2", &[]);
    proxied
        .env("MEMORIES_API_KEY", "sk-mavi-x")
        .env("HTTPS_PROXY", "http://me:canary@127.0.0.1:1");
    let (code, lines) = told(&bench, None, &run(&mut proxied));
    assert_eq!(code, Some(4), "{lines}");
    assert!(lines.contains("ok    proxy         127.0.0.1:1"), "{lines}");
    assert!(
        lines.contains("FAIL  connection") && !lines.contains("canary"),
        "{lines}"
    );
    let (_, lines) = told(
        &bench,
        None,
        &run(proxied.env("NO_PROXY", "service.invalid")),
    );
    assert!(lines.contains("none for this host (NO_PROXY)"), "{lines}");
}
