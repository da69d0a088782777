//! A library uploaded by the real binary, and a machine that gets in its way.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mavi_sandbox::{HeldAsset, Sandbox};
use tempfile::TempDir;

use crate::command::{SHORT_RESTS, run_by};
use crate::common::{Bench, Row, sandbox};
use crate::running::{End, ended};

/// A library and the service that it goes to.
pub(crate) struct Job {
    pub(crate) bench: Bench,
    pub(crate) sandbox: Sandbox,
}

impl Job {
    pub(crate) async fn new() -> Self {
        Self::at(sandbox().await)
    }

    pub(crate) fn at(sandbox: Sandbox) -> Self {
        let bench = Bench::new();
        Self { bench, sandbox }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.bench.folder.path()
    }

    /// Files of the same size: `000.mp4` and so on.
    pub(crate) fn files(&self, count: usize, size: usize) {
        for i in 0..count {
            self.bench.file(&format!("{i:03}.mp4"), size);
        }
    }

    /// `mavi upload` with more arguments, without limits and with short rests.
    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let mut command = self.bench.upload_to(&self.sandbox, &SHORT_RESTS);
        command.args(more);
        command
    }

    pub(crate) async fn run(&self, more: &[&str]) -> End {
        ended(self.command(more)).await
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        self.bench.rows()
    }

    /// The row whose path ends so.
    pub(crate) fn row(&self, path: &str) -> Row {
        let rows = self.rows().into_iter();
        rows.rev().find(|row| row["path"].ends_with(path)).unwrap()
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.folder().join("mavi-ledger.db")
    }

    pub(crate) fn calls(&self) -> u64 {
        self.sandbox.stats().calls.total()
    }

    /// The assets that hold bytes.
    pub(crate) fn stored(&self) -> Vec<HeldAsset> {
        let mut assets = self.sandbox.assets();
        assets.retain(|asset| asset.bytes.is_some());
        assets
    }

    /// Each file is stored, and has been sent whole once.
    pub(crate) fn all_stored_once(&self, files: usize) {
        let stored = self.stored();
        assert_eq!(stored.len(), files);
        assert!(stored.iter().all(|asset| asset.complete_posts == 1));
    }
}

/// Runs `command` as somebody who may not do everything; all in `folder` becomes theirs. `None`,
/// with a word on why, where that cannot be.
pub(crate) fn as_nobody(command: &Command, folder: &Path) -> Option<Command> {
    const NOBODY: u32 = 65534;
    let is_root = fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0);
    let mut theirs = Command::new(if is_root { "setpriv" } else { "env" });
    if is_root {
        for path in walkdir::WalkDir::new(folder) {
            std::os::unix::fs::chown(path.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        theirs.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    }
    let may_run = Command::new(theirs.get_program())
        .args(theirs.get_args())
        .args([env!("CARGO_BIN_EXE_mavi"), "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !may_run.is_ok_and(|status| status.success()) {
        println!("skipped: nobody else may run the binary here, or setpriv is missing");
        return None;
    }
    Some(run_by(theirs, command))
}

/// The same command, run by a shell under limits that it set: `ulimit -n 64`.
pub(crate) fn under(limits: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{limits} && exec \"$0\" \"$@\"")]);
    run_by(shell, command)
}

pub(crate) fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A disk of its own that is soon full.
pub(crate) struct SmallDisk {
    place: TempDir,
}

impl SmallDisk {
    /// Of so many bytes (`64k`). `None`, with a word on why, where nothing can be mounted.
    pub(crate) fn mount(size: &str) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(place.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self { place });
        }
        println!("skipped: no file system can be mounted here");
        None
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    pub(crate) fn resize(&self, size: &str) {
        self.remount(&format!("size={size}"));
    }

    /// Changes it: `ro`, `rw`.
    pub(crate) fn remount(&self, option: &str) {
        let remounted = Command::new("mount")
            .args(["-o", &format!("remount,{option}")])
            .arg(self.place.path())
            .status();
        assert!(remounted.unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.place.path())
            .status();
    }
}
