//! The soak: a library goes up while a fifth of all calls goes wrong and the run is killed again
//! and again; in the end every file has its one asset.
//!
//! `benches/soak.sh` runs it at its full size; what it shows is one line of figures.
#![cfg(target_os = "linux")]

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use mavi_sandbox::{Faults, HeldAsset, PerEndpoint, Processing, Sandbox, SandboxConfig};
use rusqlite::{Connection, OpenFlags};

use crate::common::{Bench, asked};
use crate::running::{Running, peak_memory};

/// Runs after the last kill: what a run gives up on, the next one takes up again.
const MOST_RERUNS: u32 = 20;

/// How large it is. The variables are those of `benches/soak.sh`.
struct Size {
    seed: u64,
    files: u64,
    largest: u64,
    /// One more file, of this many bytes.
    huge: u64,
    kills: u32,
    /// Between two kills.
    pause: (Duration, Duration),
    /// Calls a second that the sandbox allows for each endpoint.
    rate: f64,
}

impl Size {
    fn asked() -> Self {
        let pause = |name, default| Duration::from_secs_f64(asked(name, default));
        Self {
            seed: asked("MAVI_SOAK_SEED", 1),
            files: asked("MAVI_SOAK_FILES", 60),
            largest: asked("MAVI_SOAK_LARGEST", 64 * 1024),
            huge: asked("MAVI_SOAK_HUGE", 0),
            kills: asked("MAVI_SOAK_KILLS", 2),
            pause: (
                pause("MAVI_SOAK_EARLIEST", 0.7),
                pause("MAVI_SOAK_LATEST", 1.2),
            ),
            rate: asked("MAVI_SOAK_RATE", 40.0),
        }
    }
}

#[derive(Debug, Default)]
struct Figures {
    success: usize,
    rows: usize,
    stored_twice: usize,
    ids_lost: usize,
    violations: PerEndpoint,
    faults: u64,
    polls_a_file: f64,
    sent_of_library: f64,
    peak_memory: u64,
    canaries: usize,
    kills: u32,
    runs: u32,
    seconds: f64,
}

#[tokio::test(flavor = "multi_thread")]
async fn case_119_a_soak_among_faults_and_kills_leaves_every_file_with_one_asset() {
    let size = Size::asked();
    let figures = Soak::new(&size).await.through(&size).await;
    println!("seed {}: {figures:?}", size.seed);
    assert_eq!(
        (figures.success, figures.rows),
        (figures.rows, library(&size).len())
    );
    assert_eq!(
        (figures.stored_twice, figures.ids_lost, figures.canaries),
        (0, 0, 0)
    );
    assert!(figures.faults > 0 && figures.kills > 0, "{figures:?}");
    assert!(figures.peak_memory < 64 << 20, "{figures:?}");
}

struct Soak {
    bench: Bench,
    sandbox: Sandbox,
    bytes: u64,
    figures: Figures,
}

/// The files: mostly small, as sizes spread evenly over their orders of magnitude.
fn library(size: &Size) -> Vec<(String, u64)> {
    let mut random = fastrand::Rng::with_seed(size.seed);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a draw"
    )]
    let mut draw = || (size.largest as f64).powf(random.f64()) as u64;
    let small = (0..size.files).map(|i| (format!("{i:06}.mp4"), draw().max(1)));
    let mut files: Vec<_> = small.collect();
    files.extend((size.huge > 0).then(|| ("huge.mp4".to_owned(), size.huge)));
    files
}

impl Soak {
    async fn new(size: &Size) -> Self {
        let bench = Bench::new();
        let mut bytes = 0;
        for (name, length) in library(size) {
            // Its name, and then a hole.
            let mut file = File::create(bench.library().join(&name)).unwrap();
            file.write_all(name.as_bytes()).unwrap();
            file.set_len(length).unwrap();
            bytes += length;
        }
        let faults: Faults = include_str!("../../examples/faults/hostile.toml")
            .parse()
            .unwrap();
        let config = SandboxConfig {
            rate: size.rate,
            processing: Processing {
                median: Duration::from_millis(100),
                sigma: 0.5,
            },
            faults: faults.with_seed(size.seed),
            seed: size.seed,
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::start(config).await.unwrap();
        Self {
            bench,
            sandbox,
            bytes,
            figures: Figures::default(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.bench.folder.path().join(name)
    }

    fn start(&self, size: &Size) -> Running {
        let words = File::options()
            .create(true)
            .append(true)
            .open(self.path("words"))
            .unwrap();
        let rate = size.rate.to_string();
        let rates = ["--sign-rate", "--upload-rate", "--poll-rate"];
        let mut command = self.bench.upload_to(&self.sandbox, &["-v", "-j", "16"]);
        command
            .args(["--retry-delay", "20ms", "--retry-max-delay", "500ms"])
            .args(["--poll-interval", "20ms", "--confirm-timeout", "20s"])
            .args(rates.iter().flat_map(|option| [option, rate.as_str()]))
            .arg("library");
        Running::start(command.stdout(Stdio::null()).stderr(words))
    }

    /// Waits for the end of a run, or kills it; gives its code.
    async fn watch(&mut self, run: &mut Running, until: Option<Instant>) -> Option<i32> {
        let pid = run.id();
        loop {
            if let Some(status) = run.child().try_wait().unwrap() {
                return status.code();
            }
            let peak = peak_memory(pid).unwrap_or(0);
            self.figures.peak_memory = self.figures.peak_memory.max(peak);
            if until.is_some_and(|until| Instant::now() >= until) {
                run.child().kill().unwrap();
                run.child().wait().unwrap();
                self.figures.kills += 1;
                return None;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn through(mut self, size: &Size) -> Figures {
        let start = Instant::now();
        let mut random = fastrand::Rng::with_seed(!size.seed);
        let mut ended = None;
        while ended != Some(0) && self.figures.kills < size.kills {
            let spread = size.pause.1.saturating_sub(size.pause.0);
            let pause = size.pause.0 + spread.mul_f64(random.f64());
            self.figures.runs += 1;
            let mut run = self.start(size);
            ended = self.watch(&mut run, Some(Instant::now() + pause)).await;
            self.note_signatures();
        }
        for _ in 0..MOST_RERUNS {
            if ended == Some(0) {
                break;
            }
            self.figures.runs += 1;
            let mut run = self.start(size);
            ended = self.watch(&mut run, None).await;
        }
        self.figures.seconds = start.elapsed().as_secs_f64();
        assert_eq!(ended, Some(0), "{:?}: {}", self.figures, self.last_words());
        self.judge();
        self.figures
    }

    fn last_words(&self) -> String {
        let words = fs::read_to_string(self.path("words")).unwrap();
        let lines: Vec<_> = words.lines().collect();
        lines[lines.len().saturating_sub(20)..].join(
            "
",
        )
    }

    /// Looks for everything secret in everything said: the key, and the signatures that are in the
    /// ledger now.
    fn note_signatures(&mut self) {
        let words = fs::read_to_string(self.path("words")).unwrap();
        let report = fs::read(self.bench.report()).unwrap_or_default();
        let said = words + &String::from_utf8_lossy(&report);
        let urls = self.column("SELECT signed_url FROM asset WHERE signed_url IS NOT NULL");
        let signatures = urls
            .iter()
            .filter_map(|url| Some(url.split_once("signature=")?.1));
        let secrets = signatures.chain([self.sandbox.api_key(), "signature="]);
        self.figures.canaries += secrets.filter(|secret| said.contains(*secret)).count();
    }

    fn column(&self, sql: &str) -> Vec<String> {
        let ledger = self.path("mavi-ledger.db");
        let Ok(ledger) = Connection::open_with_flags(ledger, OpenFlags::SQLITE_OPEN_READ_ONLY)
        else {
            return Vec::new();
        };
        // Killed before it had its tables.
        let Ok(mut statement) = ledger.prepare(sql) else {
            return Vec::new();
        };
        let cells = statement.query_map([], |row| row.get(0)).unwrap();
        cells.map(Result::unwrap).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn judge(&mut self) {
        self.note_signatures();
        let rows = self.bench.rows();
        self.figures.rows = rows.len();
        self.figures.success = rows.iter().filter(|row| row["status"] == "success").count();
        let sizes: HashMap<_, _> = rows
            .iter()
            .map(|row| {
                (
                    row["path"].rsplit('/').next().unwrap(),
                    row["bytes"].parse::<u64>().unwrap(),
                )
            })
            .collect();
        let assets = self.sandbox.assets();
        let is_good = |asset: &&HeldAsset| {
            asset.upload_status != "FAILED"
                && asset.bytes == Some(sizes[asset.original_filename.as_str()])
        };
        let good: Vec<_> = assets
            .iter()
            .filter(is_good)
            .map(|asset| &asset.original_filename)
            .collect();
        self.figures.stored_twice = good.len() - good.iter().collect::<HashSet<_>>().len();
        let known: HashSet<_> = self
            .column("SELECT asset_id FROM asset")
            .into_iter()
            .collect();
        let lost = assets
            .iter()
            .filter(|asset| asset.posts > 0 && !known.contains(&asset.asset_id));
        self.figures.ids_lost = lost.count();
        let stats = self.sandbox.stats();
        self.figures.violations = stats.violations;
        self.figures.faults = stats.faults_of("");
        self.figures.polls_a_file = stats.calls.status as f64 / rows.len() as f64;
        self.figures.sent_of_library = stats.bytes_received as f64 / self.bytes as f64;
    }
}
