//! What is wrong, told before a run: by the real binary.

use std::process::Command;

use serde_json::Value;

use crate::command::{mavi, mavi_to};
use crate::common::{Bench, sandbox};
use crate::running::ended;

/// Nobody is there.
const DEAD: &str = "http://127.0.0.1:1/serve/api/v2";

fn doctor(bench: &Bench, key: &str, base_url: &str) -> Command {
    let mut command = mavi_to(bench.folder.path(), key, base_url);
    command.arg("doctor");
    command
}

/// What was found.
struct Told {
    code: Option<i32>,
    /// Without what differs from machine to machine.
    lines: Vec<String>,
}

impl Told {
    async fn by(command: Command, bench: &Bench, base_url: &str) -> Self {
        let end = ended(command).await;
        let folder = bench.folder.path().canonicalize().unwrap();
        let text = end.data.replace(folder.to_str().unwrap(), "/job");
        let text = text.replace(base_url, "http://sandbox");
        let lines = text.lines().map(|line| match line.split_once(" free") {
            Some((line, _)) if line.contains("space") => {
                let folder = line.rsplit_once(": ").map_or(line, |(folder, _)| folder);
                format!("{folder}: (room)")
            }
            _ => line.to_owned(),
        });
        Self {
            code: end.code,
            lines: lines.collect(),
        }
    }

    /// The lines of these results alone.
    fn only(&self, results: &[&str]) -> String {
        let lines = self.lines.iter();
        let lines = lines.filter(|line| results.iter().any(|word| line.starts_with(word)));
        lines.map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    fn says(&self, words: &str) -> bool {
        self.lines.iter().any(|line| line.contains(words))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_well() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let command = doctor(&bench, sandbox.api_key(), sandbox.base_url());
    let told = Told::by(command, &bench, sandbox.base_url()).await;
    insta::assert_snapshot!(told.lines.join("\n"), @r"
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
    assert_eq!(told.code, Some(0));
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
    let mut command = mavi(bench.folder.path());
    command
        .env("MEMORIES_V2_BASE_URL", sandbox.base_url())
        .arg("doctor");
    let told = Told::by(command, &bench, sandbox.base_url()).await;
    insta::assert_snapshot!(told.only(&["FAIL", "skip"]), @r"
    FAIL  key           no API key: set MEMORIES_API_KEY or give --api-key-file; to try mavi out without a key: mavi upload --sandbox
    skip  tls           needs a key
    skip  clock         needs a key
    skip  account       needs a key
    ");
    assert_eq!((told.code, told.lines.len()), (Some(2), 13));
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
    let mut command = mavi(bench.folder.path());
    command
        .env("MEMORIES_V2_BASE_URL", sandbox.base_url())
        .args(["doctor", "--api-key-file", "key", "--json"]);
    let end = ended(command).await;
    assert_eq!(end.code, Some(3));
    let text = end.data + &end.words;
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
    let told = Told::by(doctor(&bench, "sk-mavi-x", DEAD), &bench, DEAD).await;
    insta::assert_snapshot!(told.only(&["FAIL", "skip"]), @r"
    FAIL  connection    cannot connect to 127.0.0.1: 127.0.0.1:1: Connection refused (os error 111): check --base-url, the firewall, and whether a proxy is needed (HTTPS_PROXY)
    skip  tls           needs a connection
    skip  clock         needs a connection
    skip  account       needs a connection
    ");
    assert_eq!((told.code, told.lines.len()), (Some(4), 13));
    let unknown = "https://service.invalid/v2";
    let told = Told::by(doctor(&bench, "sk-mavi-x", unknown), &bench, unknown).await;
    assert_eq!(told.code, Some(4), "{:?}", told.lines);
    assert!(
        told.says("FAIL  dns ") && told.says("skip  account"),
        "{:?}",
        told.lines
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn case_130_a_proxys_password_is_not_shown() {
    let (bench, unknown) = (Bench::new(), "https://service.invalid/v2");
    let proxied = |no_proxy: &str| {
        let mut command = doctor(&bench, "sk-mavi-x", unknown);
        command
            .env("HTTPS_PROXY", "http://me:canary@127.0.0.1:1")
            .env("NO_PROXY", no_proxy);
        Told::by(command, &bench, unknown)
    };
    let told = proxied("").await;
    assert_eq!(told.code, Some(4), "{:?}", told.lines);
    for words in ["ok    proxy         127.0.0.1:1", "FAIL  connection"] {
        assert!(told.says(words), "{:?}", told.lines);
    }
    assert!(!told.says("canary"), "{:?}", told.lines);
    let told = proxied("service.invalid").await;
    assert!(
        told.says("none for this host (NO_PROXY)"),
        "{:?}",
        told.lines
    );
}
