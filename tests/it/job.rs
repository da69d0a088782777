//! A library uploaded by the real binary, and a machine that gets in its way.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use mavi_upload::sandbox::{HeldAsset, Sandbox};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::common::{Bench, Row, sandbox};

/// Longer than any run of these tests takes.
const LONGEST: Duration = Duration::from_secs(40);

/// A library and the service that it goes to.
pub(crate) struct Job {
    pub(crate) bench: Bench,
    pub(crate) sandbox: Sandbox,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) code: Option<i32>,
    pub(crate) words: String,
}

/// A run under way; it dies with the test.
pub(crate) struct Running {
    child: Child,
    words: PathBuf,
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

    /// `mavi upload -r report.csv` with more arguments, without limits and with short pauses.
    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mavi"));
        command
            .env_clear()
            .env("MEMORIES_API_KEY", self.sandbox.api_key())
            .env("MEMORIES_V2_BASE_URL", self.sandbox.base_url())
            .current_dir(self.folder())
            .args(["upload", "-r", "report.csv", "--poll-interval", "10ms"])
            .args(["--sign-rate", "0", "--upload-rate", "0", "--poll-rate", "0"])
            .args(["--retry-delay", "10ms", "--retry-max-delay", "50ms"])
            .args(more);
        command
    }

    pub(crate) async fn run(&self, more: &[&str]) -> End {
        self.finish(self.command(more)).await
    }

    pub(crate) async fn finish(&self, command: Command) -> End {
        self.start(command).end().await
    }

    pub(crate) fn start(&self, mut command: Command) -> Running {
        let words = self.folder().join("words.txt");
        command
            .stdout(Stdio::null())
            .stderr(File::create(&words).unwrap());
        let child = command.spawn().unwrap();
        Running { child, words }
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

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn child(&self) -> &Child {
        &self.child
    }

    /// Its standard input, which ends when this is dropped.
    pub(crate) fn stdin(&mut self) -> ChildStdin {
        self.child.stdin.take().unwrap()
    }

    pub(crate) async fn end(mut self) -> End {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                let words = fs::read(&self.words).unwrap();
                return End {
                    code: status.code(),
                    words: String::from_utf8_lossy(&words).into_owned(),
                };
            }
            assert!(start.elapsed() < LONGEST, "it does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl End {
    /// Ended with this code, and said all of this.
    pub(crate) fn is(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.words);
        for word in words {
            assert!(self.words.contains(word), "{word:?}: {}", self.words);
        }
    }
}

/// The asset ids that a ledger knows.
pub(crate) fn ids_in(ledger: &Path) -> Vec<String> {
    let ledger = Connection::open(ledger).unwrap();
    let mut statement = ledger.prepare("SELECT asset_id FROM asset").unwrap();
    let ids = statement.query_map([], |row| row.get(0)).unwrap();
    ids.map(Result::unwrap).collect()
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
    theirs.arg(command.get_program()).args(command.get_args());
    theirs.current_dir(folder).env_clear();
    let set = command.get_envs();
    theirs.envs(set.filter_map(|(name, value)| Some((name, value?))));
    Some(theirs)
}

/// The same command, run by a shell under limits that it set: `ulimit -n 64`.
pub(crate) fn under(limits: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("{limits} && exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    let set = command.get_envs();
    shell.envs(set.filter_map(|(name, value)| Some((name, value?))));
    shell
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
