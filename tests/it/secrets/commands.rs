//! Every command after an upload, to a service that repeats the key wherever it is listened to.

use std::fs;

use super::{Heard, KEY, mavi, sandbox, upload};
use crate::common::Bench;

/// What the API says to each call of a command that is no upload.
const REPEATING: [&str; 3] = [
    "{ status = 500, body = 'no KEY here' }",
    "{ status = 401, body = 'KEY' }",
    "{ code = 'KEY', msg = 'KEY' }",
];

/// Every command that can be given after an upload; `library` is what was uploaded.
const COMMANDS: &[&str] = &[
    "plan library",
    "plan --json library",
    "status",
    "status --json",
    "report",
    "report --format csv -o -",
    "report --format jsonl",
    "report --format html -o -",
    "report --format html -o page.html",
    "verify report.csv --rate 0 --retries 0 --max-outage 1s",
    "verify report.csv --rate 0 --retries 0 --max-outage 1s --json",
    "verify report.csv --rate 0 --retries 0 --max-outage 1s --download --yes -o differs.csv",
    "doctor -r report.csv",
    "doctor -r report.csv --json",
    "orphans",
    "orphans --json",
    "orphans --delete --yes",
    "config show",
    "config show --json",
    "config show upload -- --api-key-file key.txt --env-file my.env library",
    "completions bash",
    "man",
];

/// An upload whose rows stay pending, so that the ledger keeps their URLs, and whose first assets
/// are orphans; then every other command, to an API that repeats the key.
fn every_command(answer: &str, base: &str) -> Heard {
    let (mut heard, bench) = (Heard::default(), Bench::new());
    (0..2).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 3000 + i)));
    let folder = bench.folder.path();
    for (name, text) in [("key.txt", KEY), ("my.env", &format!("MAVI_API_KEY={KEY}"))] {
        fs::write(folder.join(name), text).unwrap();
    }
    let mut upload = upload(folder, base);
    upload.args(["--no-confirm", "--progress", "json"]);
    let code = heard.output(&format!("{answer}: upload"), &mut upload);
    assert_eq!(code, Some(1), "{:?}", heard.texts.last());
    for words in COMMANDS {
        let command = &mut mavi(folder, base);
        let code = heard.output(
            &format!("{answer}: {words}"),
            command.args(words.split(' ')),
        );
        assert!(
            code.is_some_and(|code| code <= 4),
            "{:?}",
            heard.texts.last()
        );
        assert_ne!(code, Some(2), "{words}: {:?}", heard.texts.last());
    }
    for given in ["key.txt", "my.env"] {
        fs::remove_file(folder.join(given)).unwrap();
    }
    heard.files(answer, folder);
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn case_130_131_no_command_brings_a_secret_to_light() {
    let playing = REPEATING.map(async |answer| {
        let script = format!(
            "[[rule]]\ncall = 'sign'\nper = 'file'\nnth = 1\nthen = {{ set = {{ 'data.expires_in' = 0 }} }}\n\
             [[rule]]\ncall = 'delete'\nthen = {{ code = '0001', msg = 'no KEY here' }}\n\
             [[rule]]\ncall = ['status', 'download']\nthen = {answer}"
        );
        let sandbox = sandbox(&script).await;
        let base = sandbox.base_url().to_owned();
        let playing = tokio::task::spawn_blocking(move || every_command(answer, &base));
        let heard = playing.await.unwrap();
        let calls = sandbox.stats().calls;
        assert!(calls.status > 0 && calls.delete > 0, "{calls:?}");
        heard
    });
    for heard in futures::future::join_all(playing).await {
        assert_eq!(heard.signatures.len(), 2, "there were secrets to tell");
        heard.holds_no_secret();
    }
}
