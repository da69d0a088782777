//! A fifth of all calls goes wrong, in every way that a job should survive
//! (`examples/faults/hostile.toml`), on a paused clock: every file must still get its one asset.
//! A row that ends as pending (an unknown status said that bytes came which never did) is what a
//! rerun is for, so the command is given again until all is confirmed, three times at the most.
//! `cargo bench --bench hostile` does it with 2,000 files and three seeds.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use mavi_sandbox::{HeldAsset, Processing, Sandbox, SandboxConfig, Stats};
use mavi_upload::model::Rates;
use mavi_upload::source::{Walk, WalkOptions};
use mavi_upload::{Event, Settings, Shutdown, Summary, run};
use sha2::Digest as _;
use tokio::time::Instant;

const SCRIPT: &str = include_str!("../../examples/faults/hostile.toml");

/// No file is of more than one chunk: with the part's head, which goes ahead on a second try, more
/// would keep the reading thread waiting for a stalled connection, and with it the paused clock.
const LARGE: usize = 250_000;
const SMALL: usize = 2_000;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) confirmed: u64,
    /// Rows whose asset holds other bytes than the file, save those that say themselves that the
    /// service did not tell the size.
    pub(crate) wrong: usize,
    /// Files with two assets that hold their bytes, where the service called neither FAILED.
    pub(crate) twice: usize,
    pub(crate) calls: u64,
    pub(crate) faults: u64,
    /// Calls beyond the least that the job needs, in percent of all calls. The least is one sign and
    /// one send a file, and the looks that the same job takes when nothing goes wrong.
    pub(crate) retries: f64,
    pub(crate) time: Duration,
}

impl Figures {
    /// Whether the job got through as it should.
    pub(crate) fn are_right(&self, files: u64) -> bool {
        (self.confirmed, self.wrong, self.twice) == (files, 0, 0) && self.retries <= 30.0
    }
}

/// Uploads `files` files with faults drawn by `seed`.
pub(crate) async fn rehearse(files: u32, seed: u64) -> Figures {
    let healthy = job(files, "").await;
    let job = job(
        files,
        &SCRIPT.replacen("seed = 1", &format!("seed = {seed}"), 1),
    )
    .await;
    let least = u64::from(files) * 2 + healthy.stats.calls.status;
    let calls = job.stats.calls.total();
    let assets: HashMap<_, _> = job
        .assets
        .iter()
        .map(|a| (a.asset_id.as_str(), a))
        .collect();
    let mut bytes_of: HashMap<&str, usize> = HashMap::new();
    let whole = |asset: &&HeldAsset| {
        let size = size_of(&asset.original_filename) as u64;
        asset.bytes == Some(size) && asset.upload_status != "FAILED"
    };
    for asset in job.assets.iter().filter(whole) {
        *bytes_of.entry(&asset.original_filename).or_default() += 1;
    }
    let is_wrong = |[path, id, note]: &&[String; 3]| {
        if note.contains("did not tell its size") {
            return false;
        }
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        let digest = hex(&content(name));
        assets.get(id.as_str()).and_then(|a| a.sha256.as_ref()) != Some(&digest)
    };
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 calls")]
    let retries = 100.0 * calls.saturating_sub(least) as f64 / calls as f64;
    Figures {
        confirmed: job.summary.counts.success,
        wrong: job.rows.iter().filter(is_wrong).count(),
        twice: bytes_of.values().filter(|times| **times > 1).count(),
        calls,
        faults: job.stats.faults_of(""),
        retries,
        time: job.time,
    }
}

/// One run, and what is left of it.
struct Job {
    summary: Summary,
    /// Path, asset id and what the row says.
    rows: Vec<[String; 3]>,
    assets: Vec<HeldAsset>,
    stats: Stats,
    time: Duration,
}

async fn job(files: u32, script: &str) -> Job {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library");
    std::fs::create_dir(&library).unwrap();
    for no in 0..files {
        let name = format!("{no:05}.mp4");
        std::fs::write(library.join(&name), content(&name)).unwrap();
    }
    let sandbox = Sandbox::start(SandboxConfig {
        rate: 0.0,
        faults: script.parse().unwrap(),
        processing: Processing {
            median: Duration::from_millis(200),
            sigma: 0.5,
        },
        ..SandboxConfig::default()
    })
    .await
    .unwrap();
    let report = folder.path().join("report.csv");
    let mut settings = Settings::new(sandbox.api_key(), sandbox.base_url(), &report).unwrap();
    settings.rates = Rates {
        sign: 0.0,
        upload: 0.0,
        poll: 0.0,
    };
    let start = Instant::now();
    let mut runs = 0;
    let summary = loop {
        let source = Walk::new(vec![library.clone()], WalkOptions::default());
        let (source, settings) = (Box::new(source), settings.clone());
        let ended = run(settings, source, |_: &Event| {}, Shutdown::new()).await;
        let summary = ended.unwrap();
        runs += 1;
        if summary.counts.success == u64::from(files) || runs == 3 {
            break summary;
        }
    };
    Job {
        summary,
        rows: rows(&report),
        assets: sandbox.assets(),
        stats: sandbox.stats(),
        time: start.elapsed(),
    }
}

fn rows(report: &Path) -> Vec<[String; 3]> {
    let mut reader = csv::Reader::from_path(report).unwrap();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| [0, 1, 9].map(|column| row[column].to_owned()))
        .collect()
}

fn size_of(name: &str) -> usize {
    if name.ends_with("00.mp4") {
        LARGE
    } else {
        SMALL
    }
}

/// Bytes that differ from name to name.
fn content(name: &str) -> Vec<u8> {
    let mut bytes = name.repeat(size_of(name) / name.len() + 1).into_bytes();
    bytes.truncate(size_of(name));
    bytes
}

fn hex(bytes: &[u8]) -> String {
    mavi_upload::model::Sha256(sha2::Sha256::digest(bytes).into()).to_string()
}
