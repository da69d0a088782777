//! A stage for faults: files, a service that goes wrong by a script, and what came of a run.
//!
//! [`Scene::mavi`] plays with the real binary, for exit codes and words; [`Scene::rehearse`] with
//! the library, on whatever clock the test has. Both search whatever was shown for secrets, and
//! hold what must hold after any fault: see `Outcome::checked`.

use std::collections::HashSet;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mavi_upload::pace::Rates;
use mavi_upload::pipeline::ConfirmPolicy;
use mavi_upload::retry::RetryPolicy;
use mavi_upload::sandbox::{HeldAsset, Processing, Sandbox, SandboxConfig, Stats};
use mavi_upload::{Event, Settings, Stop, Summary, run};
use tokio::time::Instant;

use crate::common::{Bench, Row, asset_ids};

/// The account's key; must be shown nowhere.
const KEY: &str = "sk-mavi-canary-0123456789";

/// No run of the binary takes as long.
const PATIENCE: Duration = Duration::from_secs(60);

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

/// One rule of a script. `when` is TOML lines; `then` a preset's name or a TOML table.
pub(crate) fn rule(call: &str, when: &str, then: &str) -> String {
    let then = if then.starts_with('{') {
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
            rate: 0.0,
            api_key: Some(KEY.to_owned()),
            faults: script.parse().unwrap(),
            processing: Processing {
                median: Duration::from_millis(5),
                sigma: 0.0,
            },
            ..Default::default()
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
        let mut command = assert_cmd::Command::from_std(self.command(more));
        command.timeout(PATIENCE);
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = ended.await.unwrap();
        let shown = [output.stderr, output.stdout].concat();
        let words = String::from_utf8(shown).unwrap();
        let Some(code) = output.status.code() else {
            panic!("no end in time: {words}")
        };
        self.outcome(code, words, Vec::new())
    }

    fn command(&self, more: &[&str]) -> Command {
        let rates = "--sign-rate 1000 --upload-rate 1000 --poll-rate 1000 --poll-interval 10ms";
        let retries = "--retry-delay 5ms --retry-max-delay 50ms";
        let mut command = Command::new(env!("CARGO_BIN_EXE_mavi"));
        command
            .env_clear()
            .env("MEMORIES_API_KEY", KEY)
            .env("MEMORIES_V2_BASE_URL", self.sandbox.base_url())
            .current_dir(self.bench.folder.path())
            .args(["upload", "library", "-r", "report.csv"])
            .args(rates.split(' ').chain(retries.split(' ')))
            .args(more);
        command
    }

    /// The most memory, in KiB, that the binary had while it uploaded the library with one try for
    /// each step.
    #[cfg(target_os = "linux")]
    pub(crate) async fn peak_memory(&self) -> u64 {
        let mut child = self
            .command(&["--retries", "0", "--quiet"])
            .spawn()
            .unwrap();
        let status = format!("/proc/{}/status", child.id());
        let watched = tokio::task::spawn_blocking(move || {
            let (mut peak, start) = (0, std::time::Instant::now());
            while child.try_wait().unwrap().is_none() {
                if start.elapsed() > PATIENCE {
                    child.kill().unwrap();
                    panic!("no end in time");
                }
                let text = std::fs::read_to_string(&status).unwrap_or_default();
                let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
                let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
                peak = kib.unwrap_or(0).max(peak);
                std::thread::sleep(Duration::from_millis(1));
            }
            peak
        });
        watched.await.unwrap()
    }

    /// Uploads the library with the documented settings, but for `change`.
    pub(crate) async fn rehearse(&self, change: impl FnOnce(&mut Settings)) -> Outcome<Summary> {
        let mut settings = self.bench.settings(&self.sandbox);
        settings.rates = Rates::default();
        settings.retry = RetryPolicy::default();
        settings.confirm = ConfirmPolicy::default();
        change(&mut settings);
        let (start, events) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
        let heard = Arc::clone(&events);
        let listener = move |event: &Event| {
            let told = (start.elapsed(), event.clone());
            heard.lock().unwrap().push(told);
        };
        let summary = run(settings, self.bench.walk(), listener, Stop::new()).await;
        let summary = summary.unwrap();
        let words = summary
            .cause
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
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
