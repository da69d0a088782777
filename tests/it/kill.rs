//! Killed at any moment, the same command goes on: nothing is stored twice, nothing is lost.

use std::process::{Command, Stdio};
use std::time::Duration;

use mavi_upload::sandbox::Sandbox;

use crate::common::{Bench, sandbox, sha256};

fn mavi(bench: &Bench, sandbox: &Sandbox) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mavi"));
    let rates = ["--sign-rate", "0", "--upload-rate", "0", "--poll-rate", "0"];
    command
        .env_clear()
        .env("MEMORIES_API_KEY", sandbox.api_key())
        .env("MEMORIES_V2_BASE_URL", sandbox.base_url())
        .current_dir(bench.folder.path())
        .args([
            "upload",
            "--quiet",
            "--poll-interval",
            "10ms",
            "--retry-delay",
            "10ms",
        ])
        .args(rates)
        .args(["-r", "report.csv"])
        .arg(bench.library())
        .stderr(Stdio::null());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn case_119_killed_at_random_no_file_is_stored_twice_and_no_id_is_lost() {
    let mut random = fastrand::Rng::with_seed(11);
    for _ in 0..6 {
        let (bench, sandbox) = (Bench::new(), sandbox().await);
        (0..50).for_each(|i| drop(bench.file(&format!("{i:02}.mp4"), 20_000 + i * 3_000)));
        for _ in 0..5 {
            let mut child = mavi(&bench, &sandbox).spawn().unwrap();
            tokio::time::sleep(Duration::from_millis(random.u64(10..250))).await;
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let last = tokio::task::block_in_place(|| mavi(&bench, &sandbox).status()).unwrap();
        assert_eq!(last.code(), Some(0));
        let rows = bench.rows();
        let assets = sandbox.assets();
        assert_eq!(rows.len(), 50);
        let stored: Vec<_> = assets
            .iter()
            .filter(|asset| asset.bytes.is_some())
            .collect();
        assert_eq!(stored.len(), 50, "one asset with bytes for each file");
        assert!(stored.iter().all(|asset| asset.complete_posts == 1));
        for row in rows {
            let asset = stored
                .iter()
                .find(|asset| asset.asset_id == row["asset_id"])
                .unwrap();
            let bytes = std::fs::read(bench.folder.path().join(&row["path"])).unwrap();
            assert_eq!(row["status"], "success");
            assert_eq!(row["sha256"], sha256(&bytes));
            assert_eq!(asset.sha256.as_ref(), Some(&row["sha256"]));
        }
    }
}
