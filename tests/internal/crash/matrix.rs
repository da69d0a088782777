//! Killed at every step of a file's way, the same run goes on: one asset with bytes a file, no
//! byte sent again for a file whose upload was answered, no id lost, the report whole.
//!
//! The process that dies is this test program itself, started again for the one test [`child`];
//! the sandbox lives on in the test that watches.

use std::collections::{HashMap, HashSet};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use futures::StreamExt as _;
use rusqlite::{Connection, OpenFlags};
use sha2::Digest as _;

use super::{AT, again, sandbox, upload};
use crate::model::Sha256;
use mavi_sandbox::{HeldAsset, Sandbox};

const FILES: u32 = 7;

/// Four chunks: the third leaves when bytes are surely on the wire.
const SIZE: usize = 900_000;
const CHUNKS: u32 = 4;

/// The passes of a point that every file passes once: of the first, the middle, the last file.
const EACH: [u32; 3] = [1, 4, 7];

/// Every point, with the passes at which it kills. With one upload at a time the pass is the file.
const POINTS: &[(&str, &[u32])] = &[
    ("ledger made", &[1]),
    ("sign asking", &EACH),
    ("sign answered", &EACH),
    ("allotted recorded", &EACH),
    ("send starting", &EACH),
    // In the middle of the body, and when its last chunk is about to leave.
    ("chunk taken", &[3, 3 * CHUNKS + 3, 6 * CHUNKS + 3]),
    ("chunk taken", &[CHUNKS, 4 * CHUNKS, 7 * CHUNKS]),
    ("send answered", &EACH),
    ("send read", &EACH),
    ("sent recorded", &EACH),
    ("poll asking", &EACH),
    ("poll answered", &EACH),
    // Confirmed and committed; the row is not written. Passes 8 to 14 are the final report's.
    ("row made", &[1, 4, 7, 8, 11, 14]),
    ("confirmed recorded", &EACH),
    // Rows are admitted in the first group; seven more, at least, belong to the seven files.
    ("group committing", &[1, 4, 8]),
    ("group committed", &[1, 4, 8]),
    ("group reported", &[1, 4, 8]),
    // The report with its header alone at the start, and the final one.
    ("report begun", &[1, 2]),
    ("report whole", &[1, 2]),
    ("report in place", &[1, 2]),
];

const FOLDER: &str = "MAVI_CRASH_FOLDER";
const BASE: &str = "MAVI_CRASH_BASE_URL";
const KEY: &str = "MAVI_CRASH_API_KEY";
const UPLOADS: &str = "MAVI_CRASH_UPLOADS";

#[test]
#[ignore = "the kill matrix runs it, as a process of its own"]
fn child() {
    let set = |name| std::env::var(name).unwrap();
    let folder = PathBuf::from(set(FOLDER));
    let counts = upload(&set(BASE), &set(KEY), &folder, &set(UPLOADS));
    assert_eq!(counts.success, u64::from(FILES));
    assert_eq!(counts.rows(), u64::from(FILES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_118_killed_at_every_point_the_run_goes_on() {
    let passes = |(name, passes): &(&'static str, &'static [u32])| {
        let name = *name;
        passes.iter().map(move |pass| (name, *pass))
    };
    futures::stream::iter(POINTS.iter().flat_map(passes))
        .for_each_concurrent(3, |(name, pass)| async move {
            let scene = Scene::new(1).await;
            let before = scene.killed_at(name, pass).await;
            scene.runs_to_its_end(&[before]).await;
            let lost = scene.lost();
            let unrecorded = u32::from(name == "sign answered");
            assert!(
                lost >= unrecorded && lost <= 1,
                "{name}#{pass}: {lost} lost"
            );
            if name == "chunk taken" && pass % CHUNKS == 3 {
                let broken = scene.sandbox.stats().broken_uploads;
                assert_eq!(broken, 1, "{name}#{pass} is in the middle of a body");
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_118_killed_again_while_it_goes_on_the_run_goes_on() {
    let uploads = 3;
    let mut random = fastrand::Rng::with_seed(118);
    let mut names: Vec<_> = POINTS.iter().map(|(name, _)| *name).skip(1).collect();
    names.dedup();
    let first = names
        .iter()
        .copied()
        .filter(|name| !name.starts_with("report"));
    let first: Vec<_> = first.collect();
    let chains = (0..16).map(|_| {
        (
            first[random.usize(..first.len())],
            names[random.usize(..names.len())],
        )
    });
    let chains: Vec<_> = chains.collect();
    futures::stream::iter(chains)
        .for_each_concurrent(3, |(first, second)| async move {
            let scene = Scene::new(uploads).await;
            let before = [
                scene.killed_at(first, 3).await,
                scene.killed_at(second, 1).await,
            ];
            scene.runs_to_its_end(&before).await;
            let lost = scene.lost();
            assert!(lost <= 2 * uploads, "{first}, {second}: {lost} lost");
        })
        .await;
}

/// A library and the service that it goes to.
struct Scene {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
    uploads: u32,
}

impl Scene {
    async fn new(uploads: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library");
        std::fs::create_dir(&library).unwrap();
        for i in 0..FILES {
            let byte = u8::try_from(i).unwrap();
            std::fs::write(library.join(format!("{i}.mp4")), vec![byte; SIZE]).unwrap();
        }
        let sandbox = sandbox().await;
        Self {
            folder,
            sandbox,
            uploads,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn child(&self, at: Option<String>) -> ExitStatus {
        let mut command = again(concat!(module_path!(), "::child"));
        command
            .env(FOLDER, self.folder.path())
            .env(BASE, self.sandbox.base_url())
            .env(KEY, self.sandbox.api_key())
            .env(UPLOADS, self.uploads.to_string())
            .envs(at.map(|at| (AT, at)))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let ended = tokio::task::spawn_blocking(move || command.status().unwrap());
        ended.await.unwrap()
    }

    /// Runs until the point is passed; returns the assets that held bytes by then.
    async fn killed_at(&self, name: &str, pass: u32) -> Vec<HeldAsset> {
        let ended = self.child(Some(format!("{name}#{pass}"))).await;
        assert_eq!(ended.signal(), Some(9), "{name}#{pass} is passed: {ended}");
        self.whole_ledger();
        self.whole_rows();
        let mut assets = self.sandbox.assets();
        assets.retain(|asset| asset.bytes.is_some());
        assets
    }

    /// Runs to the end: what was stored `before` each kill was left alone, and all is well.
    async fn runs_to_its_end(&self, before: &[Vec<HeldAsset>]) {
        let ended = self.child(None).await;
        assert!(ended.success(), "{ended}");
        let stored = self.stored();
        for asset in before.iter().flatten() {
            let now = &stored[&asset.asset_id];
            assert_eq!(
                (now.posts, now.bytes_received),
                (asset.posts, asset.bytes_received)
            );
        }
        self.whole_ledger();
        self.report_is_right(&stored);
    }

    /// The assets with bytes, by their ids: one a file, each filled once.
    fn stored(&self) -> HashMap<String, HeldAsset> {
        let assets = self.sandbox.assets().into_iter();
        let stored = assets.filter(|asset| asset.bytes.is_some());
        let stored: HashMap<_, _> = stored.map(|a| (a.asset_id.clone(), a)).collect();
        let names: HashSet<_> = stored.values().map(|a| &a.original_filename).collect();
        assert_eq!((stored.len(), names.len()), (7, 7));
        assert!(stored.values().all(|asset| asset.complete_posts == 1));
        stored
    }

    /// Ids that the sandbox allotted and the ledger does not know.
    fn lost(&self) -> u32 {
        let ledger = ledger(&self.path("mavi-ledger.db")).unwrap();
        let mut statement = ledger.prepare("SELECT asset_id FROM asset").unwrap();
        let ids = statement.query_map([], |row| row.get(0)).unwrap();
        let known: HashSet<String> = ids.map(Result::unwrap).collect();
        let mut lost = self.sandbox.assets();
        lost.retain(|asset| !known.contains(&asset.asset_id));
        assert!(lost.iter().all(|asset| asset.posts == 0), "{lost:?}");
        u32::try_from(lost.len()).unwrap()
    }

    fn whole_ledger(&self) {
        let Some(ledger) = ledger(&self.path("mavi-ledger.db")) else {
            return;
        };
        let check = ledger.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
        assert_eq!(check.unwrap(), "ok");
    }

    /// The rows that stand in the report, if it was begun: none is cut, none stands twice.
    fn whole_rows(&self) -> Vec<HashMap<String, String>> {
        let Ok(text) = std::fs::read_to_string(self.path("report.csv")) else {
            return Vec::new();
        };
        assert!(text.ends_with('\n'), "{text}");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.deserialize().map(Result::unwrap);
        let rows: Vec<HashMap<String, String>> = rows.collect();
        let paths: HashSet<_> = rows.iter().map(|row| &row["path"]).collect();
        assert_eq!(paths.len(), rows.len());
        rows
    }

    fn report_is_right(&self, stored: &HashMap<String, HeldAsset>) {
        let rows = self.whole_rows();
        assert_eq!(rows.len(), stored.len());
        for (i, row) in (0..).zip(rows) {
            let name = format!("{i}.mp4");
            let digest = Sha256(sha2::Sha256::digest(vec![i; SIZE]).into()).to_string();
            let asset = &stored[&row["asset_id"]];
            assert!(row["path"].ends_with(&name), "{row:?}");
            assert_eq!(row["status"], "success");
            assert_eq!(asset.original_filename, name);
            assert_eq!(row["sha256"], digest);
            assert_eq!(asset.sha256, Some(digest));
        }
    }
}

/// The ledger as any `SQLite` tool reads it, once its tables are there.
fn ledger(path: &Path) -> Option<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let is_made = std::fs::metadata(path).is_ok_and(|meta| meta.len() > 0);
    is_made.then(|| Connection::open_with_flags(path, flags).unwrap())
}
