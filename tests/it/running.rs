//! A run of the real binary under way, and how it ended.

use std::io::Read;
#[cfg(unix)]
use std::process::ChildStdin;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than any run of these tests takes.
const LONGEST: Duration = Duration::from_secs(60);

/// A run under way; it dies with its test.
pub(crate) struct Running(Child);

/// How a run ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) code: Option<i32>,
    /// What it said on stderr, and gave on stdout, where these were piped.
    pub(crate) words: String,
    pub(crate) data: String,
    /// How long it was waited for.
    pub(crate) took: Duration,
}

impl Running {
    /// With the standard streams as the command has them.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// With everything that it says or gives heard at its end.
    pub(crate) fn heard(mut command: Command) -> Self {
        Self::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    #[cfg(unix)]
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Its standard input, which ends when this is dropped.
    #[cfg(unix)]
    pub(crate) fn stdin(&mut self) -> ChildStdin {
        self.0.stdin.take().unwrap()
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Watches it to its end: the most memory that it had, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) async fn peak_memory(&mut self) -> u64 {
        let (pid, start, mut peak) = (self.id(), Instant::now(), 0);
        while self.0.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < LONGEST, "it does not end");
            peak = peak_memory(pid).unwrap_or(0).max(peak);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        peak
    }

    pub(crate) async fn end(mut self) -> End {
        let start = Instant::now();
        // Read all along: a pipe that is full would stop the run.
        let words = tokio::task::spawn_blocking(all_of(self.0.stderr.take()));
        let data = tokio::task::spawn_blocking(all_of(self.0.stdout.take()));
        let code = loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                break status.code();
            }
            assert!(start.elapsed() < LONGEST, "it does not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        End {
            code,
            took: start.elapsed(),
            words: words.await.unwrap(),
            data: data.await.unwrap(),
        }
    }
}

/// Reads a pipe to its end, where there is one.
fn all_of(pipe: Option<impl Read>) -> impl FnOnce() -> String {
    || {
        let mut text = String::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_string(&mut text).unwrap();
        }
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl End {
    /// Ended with this code, and said all of this.
    #[cfg(unix)]
    pub(crate) fn is(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.words);
        for word in words {
            assert!(self.words.contains(word), "{word:?}: {}", self.words);
        }
    }
}

/// Runs a command to its end.
pub(crate) async fn ended(command: Command) -> End {
    Running::heard(command).end().await
}

/// The code and the words of a command.
pub(crate) async fn told(command: Command) -> (Option<i32>, String) {
    let end = ended(command).await;
    (end.code, end.words)
}

/// The most memory that a process has had so far, in bytes.
#[cfg(target_os = "linux")]
pub(crate) fn peak_memory(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

/// Waits for something to be so.
#[cfg(unix)]
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "not in time");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
