//! What the integration tests share: a library of files, a sandbox, a run against it.

#[cfg(unix)]
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
#[cfg(unix)]
use std::str::FromStr;
use std::time::Duration;

use mavi_sandbox::{HeldAsset, Processing, Sandbox, SandboxConfig};
use mavi_upload::model::Rates;
use mavi_upload::source::{Manifest, ManifestInput, ManifestOptions, Source, Walk, WalkOptions};
use mavi_upload::{Event, RunError, Settings, Shutdown, Summary, run};
use rusqlite::{Connection, OpenFlags};
use sha2::Digest;
use tempfile::TempDir;

use crate::command::{mavi_to, unlimited_upload};

/// A folder of files, and beside it the folder that reports and ledgers go to.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("library")).unwrap();
        Self { folder }
    }

    pub(crate) fn library(&self) -> PathBuf {
        self.folder.path().join("library")
    }

    pub(crate) fn report(&self) -> PathBuf {
        self.folder.path().join("report.csv")
    }

    /// Writes a file of `size` bytes that differ from name to name.
    pub(crate) fn file(&self, name: &str, size: usize) -> PathBuf {
        let path = self.library().join(name);
        fs::write(&path, content(name, size)).unwrap();
        path
    }

    pub(crate) fn manifest(&self, text: &str) -> PathBuf {
        let path = self.library().join("manifest.csv");
        fs::write(&path, text).unwrap();
        path
    }

    /// Settings for a run against a sandbox: no limits, short pauses.
    pub(crate) fn settings(&self, sandbox: &Sandbox) -> Settings {
        let mut settings =
            Settings::new(sandbox.api_key(), sandbox.base_url(), self.report()).unwrap();
        settings.rates = Rates {
            sign: 0.0,
            upload: 0.0,
            poll: 0.0,
        };
        settings.retry.delay = Duration::from_millis(5);
        settings.retry.max_delay = Duration::from_millis(50);
        settings.confirm.poll_interval = Duration::from_millis(10);
        settings
    }

    /// `mavi` beside the library, told of this sandbox.
    pub(crate) fn mavi_to(&self, sandbox: &Sandbox) -> Command {
        mavi_to(self.folder.path(), sandbox.api_key(), sandbox.base_url())
    }

    /// `mavi upload` beside the library to this sandbox, without limits; `more` says what.
    pub(crate) fn upload_to(&self, sandbox: &Sandbox, more: &[&str]) -> Command {
        let folder = self.folder.path();
        let mut command = unlimited_upload(folder, sandbox.api_key(), sandbox.base_url());
        command.args(more);
        command
    }

    pub(crate) fn walk(&self) -> Box<dyn Source> {
        Box::new(self.walk_source())
    }

    pub(crate) fn walk_source(&self) -> Walk {
        Walk::new(vec![self.library()], WalkOptions::default())
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        read_report(&self.report())
    }
}

/// Bytes that differ from name to name.
pub(crate) fn content(name: &str, size: usize) -> Vec<u8> {
    let mut seed = u64::try_from(size).unwrap();
    name.bytes()
        .for_each(|b| seed = seed.wrapping_mul(31).wrapping_add(u64::from(b)));
    let mut random = fastrand::Rng::with_seed(seed);
    std::iter::repeat_with(|| random.u8(..))
        .take(size)
        .collect()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    mavi_upload::model::Sha256(sha2::Sha256::digest(bytes).into()).to_string()
}

/// A service without limits that processes at once.
pub(crate) fn free() -> SandboxConfig {
    SandboxConfig {
        rate: 0.0,
        processing: Processing::always(Duration::from_millis(5)),
        ..SandboxConfig::default()
    }
}

/// The same, with a script of faults.
pub(crate) fn scripted(script: &str) -> SandboxConfig {
    SandboxConfig {
        faults: script.parse().unwrap(),
        ..free()
    }
}

/// A sandbox without limits that processes at once.
pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::start(free()).await.unwrap()
}

/// The same, which knows this key alone and goes wrong by a script.
pub(crate) async fn scripted_sandbox(key: &str, script: &str) -> Sandbox {
    let config = SandboxConfig {
        api_key: Some(key.to_owned()),
        ..scripted(script)
    };
    Sandbox::start(config).await.unwrap()
}

#[cfg(unix)]
pub(crate) fn make_fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

pub(crate) fn manifest_source(path: &Path) -> Box<dyn Source> {
    let input = ManifestInput::File(path.to_owned());
    Box::new(Manifest::open(input, ManifestOptions::default()).unwrap())
}

pub(crate) async fn upload(
    settings: Settings,
    source: Box<dyn Source>,
) -> Result<Summary, RunError> {
    run(settings, source, |_: &Event| {}, Shutdown::new()).await
}

/// A number that a long run is asked for by this variable.
#[cfg(unix)]
pub(crate) fn asked<T: FromStr<Err: Debug>>(name: &str, default: T) -> T {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Moves a paused clock on, a step at a time, for as long as the returned guard lives. By itself it
/// stands still while a thread reads a file, also where that waits for a slow connection.
pub(crate) fn moving_clock(step: Duration) -> impl Drop {
    struct Guard(tokio::task::AbortHandle);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.abort();
        }
    }
    let moving = tokio::spawn(async move {
        loop {
            // Threads and sockets live by the real clock.
            std::thread::sleep(Duration::from_micros(50));
            // More than the runtime does between two looks at its sockets.
            for _ in 0..64 {
                tokio::task::yield_now().await;
            }
            tokio::time::advance(step).await;
        }
    });
    Guard(moving.abort_handle())
}

/// One row of a report, by column name.
#[derive(Debug, Clone)]
pub(crate) struct Row(std::collections::HashMap<String, String>);

impl std::ops::Index<&str> for Row {
    type Output = String;

    fn index(&self, column: &str) -> &String {
        &self.0[column]
    }
}

pub(crate) fn read_report(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let names = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        Row(names
            .iter()
            .zip(&record)
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect())
    };
    reader
        .records()
        .map(|record| row(record.unwrap()))
        .collect()
}

/// The ids that a ledger knows, in the order of their allotment.
pub(crate) fn asset_ids(ledger: &Path) -> Vec<String> {
    let ledger = Connection::open_with_flags(ledger, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = ledger
        .prepare("SELECT asset_id FROM asset ORDER BY id")
        .unwrap();
    let ids = statement.query_map([], |row| row.get(0)).unwrap();
    ids.map(Result::unwrap).collect()
}

pub(crate) fn held<'a>(assets: &'a [HeldAsset], id: &str) -> &'a HeldAsset {
    assets.iter().find(|asset| asset.asset_id == id).unwrap()
}
