//! A stage for faults: files, a service that goes wrong by a script, and what came of a run.
//!
//! [`Scene::mavi`] plays with the real binary, for exit codes and words; [`Scene::upload`] and
//! [`Scene::rehearse`] with the library, on whatever clock the test has. All search whatever was
//! shown for secrets, and hold what must hold after any fault: see `Outcome::checked`.

use std::collections::HashSet;
use std::process::Command;
#[cfg(target_os = "linux")]
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mavi_sandbox::{HeldAsset, Sandbox, SandboxConfig, Stats};
use mavi_upload::model::Rates;
use mavi_upload::run::{ConfirmPolicy, RetryPolicy};
use mavi_upload::{Event, Settings, Shutdown, Summary, run};
use tokio::time::Instant;

use crate::command::SHORT_RESTS;
use crate::common::{Bench, Row, asset_ids, scripted};
#[cfg(target_os = "linux")]
use crate::running::Running;
use crate::running::ended;

/// The account's key; must be shown nowhere.
const KEY: &str = "sk-mavi-canary-0123456789";

/// A library and the service that it goes to.
pub(crate) struct Scene {
    pub(crate) bench: Bench,
    pub(crate) sandbox: Sandbox,
}

/// What came of a run; `End` is the exit code or the summary.
pub(crate) struct Outcome<End> {
    pub(crate) end: End,
    /// What was said: both outputs of the binary, or the cause of a summary.
    pub(crate) words: String,
    /// What was told, and when since the start; the binary's are its own affair.
    pub(crate) events: Vec<(Duration, Event)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) assets: Vec<HeldAsset>,
    pub(crate) stats: Stats,
}

/// One rule of a script. `when` is TOML lines; `then` a preset's name, or a TOML table or list.
pub(crate) fn rule(call: &str, when: &str, then: &str) -> String {
    let then = if then.starts_with(['{', '[']) {
        then.to_owned()
    } else {
        format!("\"{then}\"")
    };
    format!("[[rule]]\ncall = \"{call}\"\n{when}\nthen = {then}\n")
}

impl Scene {
    /// Files of some thousand bytes; a service without limits that processes at once.
    pub(crate) async fn new(files: &[&str], script: &str) -> Self {
        Self::with(files, script, |_| {}).await
    }

    pub(crate) async fn with(
        files: &[&str],
        script: &str,
        change: impl FnOnce(&mut SandboxConfig),
    ) -> Self {
        let bench = Bench::new();
        for (no, name) in files.iter().enumerate() {
            bench.file(name, 5_000 + no);
        }
        let mut config = SandboxConfig {
            api_key: Some(KEY.to_owned()),
            ..scripted(script)
        };
        change(&mut config);
        let sandbox = Sandbox::start(config).await.unwrap();
        Self { bench, sandbox }
    }

    /// One file on its way to a service of one rule.
    pub(crate) async fn one(call: &str, when: &str, then: &str) -> Self {
        Self::new(&["a.mp4"], &rule(call, when, then)).await
    }

    /// A sparse file, for when size matters.
    pub(crate) fn large_file(&self, name: &str, size: u64) {
        let file = std::fs::File::create(self.bench.library().join(name)).unwrap();
        file.set_len(size).unwrap();
    }

    /// Uploads the library with the real binary: calls of a kind leave one after another, times are
    /// short. `more` options override these.
    pub(crate) async fn mavi(&self, more: &[&str]) -> Outcome<i32> {
        let end = ended(self.command(more)).await;
        self.outcome(end.code.unwrap(), end.words + &end.data, Vec::new())
    }

    fn command(&self, more: &[&str]) -> Command {
        let rates = ["--sign-rate", "--upload-rate", "--poll-rate"];
        let mut command = self.bench.upload_to(&self.sandbox, &SHORT_RESTS);
        command
            .args(rates.iter().flat_map(|option| [option, "1000"]))
            .arg("library")
            .args(more);
        command
    }

    /// The most memory, in KiB, that the binary had while it uploaded the library with one try for
    /// each step.
    #[cfg(target_os = "linux")]
    pub(crate) async fn peak_memory(&self) -> u64 {
        let mut command = self.command(&["--retries", "0", "--quiet"]);
        let mut run = Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
        run.peak_memory().await / 1024
    }

    /// Uploads the library with the documented settings, but for `change`.
    pub(crate) async fn rehearse(&self, change: impl FnOnce(&mut Settings)) -> Outcome<Summary> {
        self.upload(|settings| {
            settings.rates = Rates::default();
            settings.retry = RetryPolicy::default();
            settings.confirm = ConfirmPolicy::default();
            change(settings);
        })
        .await
    }

    /// Uploads the library without limits and with short times, but for `change`.
    pub(crate) async fn upload(&self, change: impl FnOnce(&mut Settings)) -> Outcome<Summary> {
        let mut settings = self.bench.settings(&self.sandbox);
        change(&mut settings);
        let (start, events) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
        let heard = Arc::clone(&events);
        let listener = move |event: &Event| {
            let told = (start.elapsed(), event.clone());
            heard.lock().unwrap().push(told);
        };
        let summary = run(settings, self.bench.walk(), listener, Shutdown::new()).await;
        let summary = summary.unwrap();
        let cause = summary.cause.as_ref();
        let words = cause.map_or_else(String::new, ToString::to_string);
        let events = std::mem::take(&mut *events.lock().unwrap());
        self.outcome(summary, words, events)
    }

    fn outcome<End>(
        &self,
        end: End,
        words: String,
        events: Vec<(Duration, Event)>,
    ) -> Outcome<End> {
        let outcome = Outcome {
            end,
            words,
            events,
            rows: self.bench.rows(),
            assets: self.sandbox.assets(),
            stats: self.sandbox.stats(),
        };
        outcome.checked(&self.bench)
    }
}

impl<End> Outcome<End> {
    /// Whatever happened: no secret is shown, storage learns none, every id that was posted to is in
    /// the ledger, no file is stored twice (but for what the service failed or cut), nothing is
    /// deleted.
    fn checked(self, bench: &Bench) -> Self {
        let report = std::fs::read_to_string(bench.report()).unwrap();
        let events = format!("{:?}", self.events);
        for shown in [&self.words, &report, &events] {
            assert!(
                !shown.contains(KEY) && !shown.contains("signature="),
                "{shown}"
            );
        }
        assert_eq!((self.stats.leaked_headers, self.stats.calls.delete), (0, 0));
        let known = asset_ids(&bench.folder.path().join("mavi-ledger.db"));
        let mut stored = HashSet::new();
        for asset in self.assets.iter().filter(|asset| asset.posts > 0) {
            assert!(known.contains(&asset.asset_id), "{asset:?}");
            let file = bench.library().join(&asset.original_filename);
            let size = std::fs::metadata(file).map(|meta| meta.len()).ok();
            if asset.bytes == size && asset.upload_status != "FAILED" {
                let name = &asset.original_filename;
                assert!(
                    stored.insert(name) && asset.complete_posts >= 1,
                    "{asset:?}"
                );
            }
        }
        self
    }

    /// The row of the file of this name.
    pub(crate) fn row(&self, name: &str) -> &Row {
        let mut rows = self.rows.iter();
        rows.find(|row| row["path"].ends_with(name)).unwrap()
    }

    /// A row's status and error code.
    pub(crate) fn verdict(&self, name: &str) -> (&str, &str) {
        let row = self.row(name);
        (&row["status"], &row["error_code"])
    }

    /// The rows' statuses, in order.
    pub(crate) fn statuses(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row["status"].as_str()).collect()
    }

    /// The assets that hold bytes.
    pub(crate) fn stored(&self) -> Vec<&HeldAsset> {
        let assets = self.assets.iter();
        assets.filter(|asset| asset.bytes.is_some()).collect()
    }

    /// Calls of sign, send and status.
    pub(crate) fn calls(&self) -> (u64, u64, u64) {
        let calls = self.stats.calls;
        (calls.sign, calls.send, calls.status)
    }
}
