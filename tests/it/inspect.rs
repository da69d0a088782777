//! What the ledger knows, shown, and what it no longer needs, deleted: by the real binary.

mod orphans;
mod status;

use std::process::Command;

use mavi_sandbox::Sandbox;
use rusqlite::Connection;
use serde_json::Value;

use crate::common::{Bench, asset_ids, sandbox, upload};
use crate::running::{End, ended};

/// A library that was uploaded, and the service that has it.
struct Job {
    bench: Bench,
    sandbox: Sandbox,
}

impl Job {
    async fn of_one_file() -> Self {
        let (bench, sandbox) = (Bench::new(), sandbox().await);
        bench.file("a.mp4", 100);
        let job = Self { bench, sandbox };
        job.upload().await;
        job
    }

    /// Three files, of which two changed after they were up, and an asset whose URL had expired.
    ///
    /// Assets, by allotment: a, b, c; then a and b anew; then d, which is given up.
    async fn new() -> Self {
        let (bench, sandbox) = (Bench::new(), sandbox().await);
        let job = Self { bench, sandbox };
        for (name, size) in [("a.mp4", 5_000), ("b.mp4", 300_000), ("c.mp4", 70)] {
            job.bench.file(name, size);
        }
        job.upload().await;
        for (name, size) in [("a.mp4", 6_000), ("b.mp4", 400_000)] {
            job.bench.file(name, size);
        }
        std::fs::remove_file(job.bench.library().join("c.mp4")).unwrap();
        job.bench.file("d.mp4", 1_000);
        job.upload().await;
        let given_up = "UPDATE asset SET state = 'abandoned', reason = 'url_expired' WHERE id = 6";
        assert_eq!(job.ledger().execute(given_up, []).unwrap(), 1);
        job
    }

    /// One upload at a time: assets are allotted in the order of their files.
    async fn upload(&self) {
        let mut settings = self.bench.settings(&self.sandbox);
        settings.concurrency = std::num::NonZeroUsize::MIN.into();
        upload(settings, self.bench.walk()).await.unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bench.mavi_to(&self.sandbox);
        command.args(args);
        command
    }

    async fn mavi(&self, args: &[&str]) -> End {
        ended(self.command(args)).await
    }

    async fn object(&self, args: &[&str]) -> Value {
        let end = self.mavi(args).await;
        assert_eq!(end.code, Some(0), "{}", end.words);
        serde_json::from_str(&end.data).unwrap()
    }

    fn ledger(&self) -> Connection {
        Connection::open(self.bench.folder.path().join("mavi-ledger.db")).unwrap()
    }

    /// The ledger's asset ids, in the order of their allotment.
    fn ids(&self) -> Vec<String> {
        asset_ids(&self.bench.folder.path().join("mavi-ledger.db"))
    }

    /// The states of these assets.
    fn states(&self) -> Vec<String> {
        let ledger = self.ledger();
        let mut statement = ledger
            .prepare("SELECT state FROM asset ORDER BY id")
            .unwrap();
        let states = statement.query_map([], |row| row.get(0)).unwrap();
        states.collect::<Result<_, _>>().unwrap()
    }

    /// What differs from run to run, replaced by what stays.
    fn steady(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (i, id) in self.ids().iter().enumerate() {
            text = text.replace(id, &format!("re_{i:018}"));
        }
        let fingerprint = mavi_upload::model::ApiKey::parse(self.sandbox.api_key())
            .unwrap()
            .fingerprint();
        text = text.replace(self.sandbox.base_url(), "http://sandbox");
        text = text.replace(&fingerprint, "0a1b2c3d");
        text = text.replace(self.bench.folder.path().to_str().unwrap(), "/job");
        let words = text.split(|c: char| c.is_whitespace() || "\",".contains(c));
        let is_time = |word: &&str| word.parse::<jiff::Timestamp>().is_ok();
        let times = words.filter(is_time).map(str::to_owned);
        times.collect::<Vec<_>>().iter().fold(text, |text, time| {
            text.replace(time, "2026-01-02T03:04:05Z")
        })
    }
}
