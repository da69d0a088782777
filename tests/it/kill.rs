//! Killed at any moment, the same command goes on: nothing is stored twice, nothing is lost.
//!
//! `benches/kills.sh` makes a thousand kills of it.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use mavi_sandbox::HeldAsset;
use mavi_upload::ledger::{LedgerError, Reader};
use rusqlite::{Connection, OpenFlags};

use crate::common::{Row, asked, asset_ids, sha256};
use crate::job::Job;
use crate::running::Running;

const FILES: RangeInclusive<usize> = 50..=150;
const DEPTH: RangeInclusive<u32> = 1..=5;

/// Scenes at a time.
const ABREAST: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn case_119_killed_at_random_no_file_is_stored_twice_and_no_id_is_lost() {
    let wanted = asked("MAVI_KILLS", 20);
    let seed = asked("MAVI_KILL_SEED", 11);
    let pace = Pace::measure().await;
    let toll = &Mutex::new(Toll::default());
    let going_on = |_: &u64| toll.lock().unwrap().kills < wanted;
    futures::stream::iter((seed..).take_while(going_on))
        .for_each_concurrent(ABREAST, |seed| async move {
            // A task of its own, so that no scene's work delays the kills of another.
            let played = tokio::spawn(async move { Scene::new(seed).await.play(pace).await });
            let played = played.await.unwrap();
            toll.lock().unwrap().add(&played);
        })
        .await;
    let toll = toll.lock().unwrap();
    println!("{}", toll.line());
    assert_eq!((toll.stored_twice, toll.ids_lost), (0, 0));
    assert_eq!((toll.reports_whole, toll.rerun_failed), (toll.libraries, 0));
    // A run that is over before its kill proves nothing; most kills must hit.
    assert!(toll.kills > toll.too_late);
}

/// What the kills cost.
#[derive(Default)]
struct Toll {
    kills: u64,
    /// Kills that found the run at its end.
    too_late: u64,
    /// Kills by how much of the library was stored: none, some, all.
    stored_by_then: [u64; 3],
    libraries: u64,
    files: u64,
    stored_twice: u64,
    ids_lost: u64,
    reports_whole: u64,
    rerun_failed: u64,
    /// Ids without bytes whose *sign* answer was not written down yet.
    unanswered: u64,
}

impl Toll {
    fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.too_late += other.too_late;
        for (sum, more) in self.stored_by_then.iter_mut().zip(other.stored_by_then) {
            *sum += more;
        }
        self.libraries += other.libraries;
        self.files += other.files;
        self.stored_twice += other.stored_twice;
        self.ids_lost += other.ids_lost;
        self.reports_whole += other.reports_whole;
        self.rerun_failed += other.rerun_failed;
        self.unanswered += other.unanswered;
    }

    fn line(&self) -> String {
        let [none, some, all] = self.stored_by_then;
        format!(
            "{} kills ({none} with nothing stored, {some} under way, {all} with all stored; {} more came too late), \
             {} files in {} libraries: stored twice {}, ids lost {}, reports whole {} of {}, \
             reruns failed {}, ids allotted to nobody {}",
            self.kills,
            self.too_late,
            self.files,
            self.libraries,
            self.stored_twice,
            self.ids_lost,
            self.reports_whole,
            self.libraries,
            self.rerun_failed,
            self.unanswered,
        )
    }
}

/// How long a run takes, so that kills spread over the whole of it.
#[derive(Clone, Copy)]
struct Pace {
    start: Duration,
    file: Duration,
}

impl Pace {
    async fn measure() -> Self {
        let scene = Scene::with(0, 100).await;
        let time = async || {
            let start = Instant::now();
            assert_eq!(scene.run(None).await, Some(0));
            start.elapsed()
        };
        let (all, none) = (time().await, time().await);
        Self {
            start: none,
            file: all.saturating_sub(none) / 100,
        }
    }

    fn of(&self, files: usize) -> Duration {
        self.start + self.file * u32::try_from(files).unwrap()
    }
}

/// A library, the service that it goes to, and what is to happen to it.
struct Scene {
    job: Job,
    files: usize,
    random: fastrand::Rng,
}

impl Scene {
    async fn new(seed: u64) -> Self {
        let files = fastrand::Rng::with_seed(seed).usize(FILES);
        Self::with(seed, files).await
    }

    async fn with(seed: u64, files: usize) -> Self {
        let job = Job::new().await;
        for i in 0..files {
            std::fs::write(job.bench.library().join(name(i)), content(i)).unwrap();
        }
        Self {
            job,
            files,
            random: fastrand::Rng::with_seed(!seed),
        }
    }

    async fn play(mut self, pace: Pace) -> Toll {
        let mut toll = Toll {
            libraries: 1,
            files: self.files as u64,
            ..Toll::default()
        };
        for _ in 0..self.random.u32(DEPTH) {
            let left = self.files - self.job.stored().len();
            let delay = pace.of(left).mul_f64(self.random.f64());
            if self.run(Some(delay)).await.is_some() {
                toll.too_late += 1;
                break;
            }
            toll.kills += 1;
            let stage = match self.job.stored().len() {
                0 => 0,
                stored if stored < self.files => 1,
                _ => 2,
            };
            toll.stored_by_then[stage] += 1;
            self.what_stands_is_whole();
        }
        let last = self.run(None).await;
        toll.rerun_failed = u64::from(last != Some(0));
        self.judge(&mut toll);
        toll
    }

    /// Runs the command to its end, or to its death after `delay`; gives its code, if it has one.
    async fn run(&self, delay: Option<Duration>) -> Option<i32> {
        let mut run = Running::heard(self.job.command(&["--quiet", "library"]));
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
            run.child().kill().unwrap();
        }
        run.end().await.code
    }

    /// After a kill: the ledger opens, and the rows that the report has so far are rows.
    fn what_stands_is_whole(&self) {
        match Reader::open(&self.job.ledger()) {
            Ok(_) => {
                let ledger = open(&self.job.ledger());
                let check = ledger.query_row("PRAGMA integrity_check", [], |row| row.get(0));
                assert_eq!(check, Ok("ok".to_owned()));
            }
            // Killed before it was made, or while it was.
            Err(LedgerError::Missing { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        if let Ok(text) = std::fs::read(self.job.bench.report()) {
            assert!(text.ends_with(b"\n"));
            let paths: Vec<_> = self
                .job
                .rows()
                .into_iter()
                .map(|row| row["path"].clone())
                .collect();
            assert_eq!(paths.iter().collect::<HashSet<_>>().len(), paths.len());
        }
    }

    fn judge(&self, toll: &mut Toll) {
        let stored = self.job.stored();
        let names: HashSet<_> = stored
            .iter()
            .map(|asset| &asset.original_filename)
            .collect();
        assert_eq!(names.len(), self.files, "every file is stored");
        let again = stored.iter().filter(|asset| asset.complete_posts > 1);
        toll.stored_twice = (stored.len() - names.len() + again.count()) as u64;

        let known = asset_ids(&self.job.ledger());
        let assets = self.job.sandbox.assets();
        let lost = assets.iter().filter(|a| !known.contains(&a.asset_id));
        let (with_bytes, without): (Vec<_>, Vec<_>) = lost.partition(|asset| asset.posts > 0);
        (toll.ids_lost, toll.unanswered) = (with_bytes.len() as u64, without.len() as u64);

        let right = (0..)
            .zip(self.job.rows())
            .filter(|(i, row)| is_right(*i, row, &stored));
        let whole = right.count() == self.files && self.job.rows().len() == self.files;
        toll.reports_whole = u64::from(whole);
    }
}

/// Whether row `i` tells the truth about file `i`.
fn is_right(i: usize, row: &Row, stored: &[HeldAsset]) -> bool {
    let asset = stored
        .iter()
        .find(|asset| asset.asset_id == row["asset_id"]);
    let digest = sha256(&content(i));
    row["path"].ends_with(&name(i))
        && row["status"] == "success"
        && row["sha256"] == digest
        && asset
            .is_some_and(|a| a.sha256.as_ref() == Some(&digest) && a.original_filename == name(i))
}

fn name(i: usize) -> String {
    format!("{i:03}.mp4")
}

/// Small files, and every tenth of several chunks.
fn content(i: usize) -> Vec<u8> {
    let size = if i % 10 == 9 { 900_000 } else { 5_000 };
    vec![7; size + i]
}

fn open(ledger: &std::path::Path) -> Connection {
    Connection::open_with_flags(ledger, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}
