//! What the service holds, compared with the report that an upload left: by the real binary.

use std::fs;
use std::process::{Command, Output};

use mavi_sandbox::{Sandbox, SandboxConfig};
use mavi_upload::api::{Address, HttpService, HttpSettings, Service as _};
use mavi_upload::model::{ApiKey, AssetId};
use serde_json::{Value, json};

use crate::common::{Bench, scripted, upload};
#[cfg(unix)]
use crate::running::{Running, until};

/// Files, what a service goes wrong by, and what was said about them once.
struct Job {
    bench: Bench,
    sandbox: Sandbox,
}

impl Job {
    /// Uploads these files, one after another, to a service that keeps their bytes.
    async fn new(files: &[&str], script: &str) -> Self {
        let bench = Bench::new();
        let keep = bench.folder.path().join("kept");
        fs::create_dir(&keep).unwrap();
        for (no, name) in files.iter().enumerate() {
            bench.file(name, 5_000 + no);
        }
        let sandbox = Sandbox::start(SandboxConfig {
            keep: Some(keep),
            ..scripted(script)
        });
        let job = Self {
            bench,
            sandbox: sandbox.await.unwrap(),
        };
        let mut settings = job.bench.settings(&job.sandbox);
        settings.concurrency = std::num::NonZeroUsize::MIN.into();
        upload(settings, job.bench.walk()).await.unwrap();
        job
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = self.bench.mavi_to(&self.sandbox);
        command
            .args(["verify", "report.csv"])
            .args(["--rate", "0", "--retry-delay", "5ms"])
            .args(more);
        command
    }

    fn verify(&self, more: &[&str]) -> Output {
        let mut command = self.command(more);
        tokio::task::block_in_place(|| command.output().unwrap())
    }

    /// The exit code and the words, with what differs from run to run replaced.
    fn told(&self, output: &Output) -> (Option<i32>, String) {
        let words = String::from_utf8(output.stderr.clone()).unwrap();
        let words = self.steady(words);
        (output.status.code(), words)
    }

    fn steady(&self, words: String) -> String {
        let ids = self.ids();
        let named = (0..).zip(&ids).fold(words, |words, (no, id)| {
            words.replace(id, &format!("re_{no}"))
        });
        named.replace(self.bench.folder.path().to_str().unwrap(), "/job")
    }

    /// The assets' ids, in the order of the rows.
    fn ids(&self) -> Vec<String> {
        let rows = self.bench.rows();
        rows.iter().map(|row| row["asset_id"].clone()).collect()
    }

    async fn delete(&self, row: usize) {
        let address = Address::parse(self.sandbox.base_url(), &[]).unwrap();
        let key = ApiKey::parse(self.sandbox.api_key()).unwrap();
        let service = HttpService::new(HttpSettings::new(address, key)).unwrap();
        let id = AssetId::parse(&self.ids()[row]).unwrap();
        service.delete(&id).await.unwrap();
    }

    /// Changes the report as somebody might who has it open.
    fn edit(&self, change: impl FnOnce(String) -> String) {
        let text = fs::read_to_string(self.bench.report()).unwrap();
        fs::write(self.bench.report(), change(text)).unwrap();
    }
}

/// What the service says of a file from the second look on; an upload makes one.
fn later(file: &str, set: &str) -> String {
    format!(
        "[[rule]]\ncall = 'status'\nfile = '{file}'\nper = 'file'\nfirst = 1\nthen = {{}}\n\
         [[rule]]\ncall = 'status'\nfile = '{file}'\nthen = {{ set = {{ {set} }} }}\n"
    )
}

/// As [`later`], with an answer in the place of the service's.
fn later_instead(file: &str, then: &str) -> String {
    later(file, "").replace("then = { set = {  } }", &format!("then = '{then}'"))
}

/// Six files, of which one each: stays, is deleted, fails, shrinks, is taken back and is refused.
async fn mixed() -> Job {
    let script = [
        later("c.mp4", "'data.resource.0.upload_status' = 'FAILED'"),
        later("d.mp4", "'data.resource.0.file_size' = '2500'"),
        later("e.mp4", "'data.resource.0.upload_status' = 'UPLOADING'"),
        later_instead("f.mp4", "unknown-code"),
    ];
    let files = [
        "a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4", "f.mp4", "g.mp4",
    ];
    let job = Job::new(&files, &script.concat()).await;
    job.delete(1).await;
    // Confirmed by now, though the report does not know it.
    let id = job.ids()[6].clone();
    job.edit(|text| text.replace(&format!("{id},success"), &format!("{id},pending")));
    job
}

#[tokio::test(flavor = "multi_thread")]
async fn each_row_that_differs_is_named_and_the_rows_add_up() {
    let job = mixed().await;
    let before = fs::read(job.bench.report()).unwrap();
    let (code, words) = job.told(&job.verify(&[]));
    insta::assert_snapshot!(words, @r"
    report report.csv: 7 rows of success or pending: 7 assets to ask about, without a limit
    line 3: /job/library/b.mp4 (re_1): missing: the service has no record of it
    line 4: /job/library/c.mp4 (re_2): FAILED: the service gave it up: upload the file again
    line 5: /job/library/d.mp4 (re_3): wrong size: the report says 5003 bytes, the service holds 2500
    line 6: /job/library/e.mp4 (re_4): still processing: the service says UPLOADING
    line 7: /job/library/f.mp4 (re_5): could not be asked: api_7777: something else
    7 rows: 1 ok, 1 pending and now confirmed, 1 missing, 1 FAILED, 1 wrong size, 1 still processing, 1 could not be asked
    ");
    assert_eq!(code, Some(1));
    assert_eq!(fs::read(job.bench.report()).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_for_programs_too_and_another_file_is_not_replaced() {
    let job = mixed().await;
    let output = job.verify(&["--json", "--output", "found.csv"]);
    assert_eq!(output.status.code(), Some(1));
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["version"], 1);
    let findings = object["findings"].as_array().unwrap();
    let words: Vec<_> = findings.iter().map(|found| &found["finding"]).collect();
    let all = [
        "missing",
        "failed",
        "wrong_size",
        "processing",
        "not_asked",
        "confirmed",
    ];
    assert_eq!(words, all);
    assert_eq!(findings[0]["asset_id"], job.ids()[1]);
    let rows = json!({
        "ok": 1, "confirmed": 1, "missing": 1, "failed": 1, "wrong_size": 1, "wrong_bytes": 0,
        "processing": 1, "not_asked": 1, "not_reached": 0,
    });
    assert_eq!(object["summary"]["rows"], rows);

    let found = job.bench.folder.path().join("found.csv");
    let table = job.steady(fs::read_to_string(&found).unwrap());
    insta::assert_snapshot!(table, @r#"
    line,path,asset_id,finding,detail
    3,/job/library/b.mp4,re_1,missing,missing: the service has no record of it
    4,/job/library/c.mp4,re_2,failed,FAILED: the service gave it up: upload the file again
    5,/job/library/d.mp4,re_3,wrong_size,"wrong size: the report says 5003 bytes, the service holds 2500"
    6,/job/library/e.mp4,re_4,processing,still processing: the service says UPLOADING
    7,/job/library/f.mp4,re_5,not_asked,could not be asked: api_7777: something else
    8,/job/library/g.mp4,re_6,confirmed,"pending in the report, confirmed by now"
    "#);
    // Its own is replaced; a report is not.
    assert_eq!(
        job.verify(&["--output", "found.csv"]).status.code(),
        Some(1)
    );
    let refused = job.verify(&["--output", "report.csv"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_042_a_download_shows_other_bytes_of_the_same_size() {
    let job = Job::new(&["a.mp4", "b.mp4", "c.mp4"], "").await;
    let kept = job.bench.folder.path().join("kept");
    let file = kept.join(format!("{}.mp4", job.ids()[1]));
    let mut bytes = fs::read(&file).unwrap();
    bytes[2_000] ^= 1;
    fs::write(&file, bytes).unwrap();
    let refused = job.verify(&["--download"]);
    assert_eq!(refused.status.code(), Some(2), "nobody can say yes");
    assert_eq!(job.sandbox.stats().calls.download, 0);

    assert_eq!(job.verify(&[]).status.code(), Some(0), "sizes are equal");
    let (code, words) = job.told(&job.verify(&["--download", "--yes"]));
    insta::assert_snapshot!(words, @r"
    report report.csv: 3 rows of success or pending: 3 assets to ask about, without a limit
    download: up to 15.0 kB (15003 bytes), $0.12/GB: less than $0.0001, and the time to send it
    line 3: /job/library/b.mp4 (re_1): wrong bytes: the report says sha256 46fc76af0f8a8026d3230d3470f3c0cbf4f71181f5bdb466716d14407add8eb3, the service holds 3023c2b88199b0091ea4018691ec9fc53c8d710c4f86322c1702f000f2634cd9
    3 rows: 2 ok, 1 wrong bytes
    downloaded 15003 bytes: less than $0.0001
    ");
    assert_eq!(code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_comes_again_and_a_larger_one_contains_it() {
    let files: Vec<String> = (0..20).map(|no| format!("{no:02}.mp4")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let job = Job::new(&files, "").await;
    // Every asset of the sample is named: another account's key finds none of them.
    job.edit(|text| text.replace("success", "pending"));
    let named = |share: &str| {
        let output = job.verify(&["--sample", share, "--output", "-"]);
        let table = String::from_utf8(output.stdout).unwrap();
        table.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let (half, again, most) = (named("50%"), named("50%"), named("90%"));
    assert!(!half.is_empty() && half.len() < 20, "{half:?}");
    assert_eq!(half, again);
    assert!(half.iter().all(|row| most.contains(row)), "{most:?}");
    assert_eq!(named("100%").len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_006_043_the_account_and_a_dead_host_end_it_with_their_codes() {
    let files = [
        "a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4", "f.mp4", "g.mp4", "h.mp4",
    ];
    let job = Job::new(&files, "").await;
    let mut wrong_key = job.command(&[]);
    wrong_key.env("MEMORIES_API_KEY", "sk-mavi-canary");
    let output = tokio::task::block_in_place(|| wrong_key.output().unwrap());
    let (code, words) = job.told(&output);
    assert_eq!(code, Some(3), "{words}");
    assert!(
        words.contains("8 not reached") && !words.contains("canary"),
        "{words}"
    );

    let mut dead = job.command(&["--retry-delay", "1ms"]);
    dead.env("MEMORIES_V2_BASE_URL", "http://127.0.0.1:1/serve/api/v2");
    let output = tokio::task::block_in_place(|| dead.output().unwrap());
    let (code, words) = job.told(&output);
    assert_eq!(code, Some(4), "{words}");
    assert!(words.contains("cannot connect to 127.0.0.1:1"), "{words}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn case_115_an_interrupt_ends_it_in_order() {
    let hang = later_instead("b.mp4", "throttle").replace(
        "'throttle'",
        "{ preset = 'throttle', headers = { Retry-After = '300' } }",
    );
    let job = Job::new(&["a.mp4", "b.mp4", "c.mp4"], &hang).await;
    let before = job.sandbox.stats().calls.status;
    let run = Running::heard(job.command(&[]));
    until(|| job.sandbox.stats().calls.status == before + 2).await;
    run.signal("INT");
    let end = run.end().await;
    end.is(130, &["3 rows: 1 ok, 2 not reached"]);
}
