//! The program under test, as a child: what it said of its time and memory.

use std::path::Path;
use std::process::{Child, Command};

use mavi_sandbox::Sandbox;

/// `mavi upload` against a sandbox, under `/usr/bin/time`, with limits off.
pub(crate) fn upload(sandbox: &Sandbox, report: &Path) -> Command {
    let mut command = Command::new("/usr/bin/time");
    command.args(["-f", "%e s (%U user, %S system), %M KiB at most"]);
    command.arg(env!("CARGO_BIN_EXE_mavi"));
    with_service(&mut command, sandbox, report);
    command
}

fn with_service(command: &mut Command, sandbox: &Sandbox, report: &Path) {
    command
        .args(["upload", "--quiet", "-r"])
        .arg(report)
        .args(["--sign-rate", "0", "--upload-rate", "0", "--poll-rate", "0"])
        .env("MEMORIES_API_KEY", sandbox.api_key())
        .env("MEMORIES_V2_BASE_URL", sandbox.base_url());
}

/// Runs to the end; gives the last line it said.
pub(crate) async fn ended(mut command: Command) -> String {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words}");
    words.trim().to_owned()
}

/// A child that is killed when this is dropped.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(sandbox: &Sandbox, report: &Path, input: &[&std::ffi::OsStr]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mavi"));
        with_service(&mut command, sandbox, report);
        Self(command.args(input).spawn().unwrap())
    }

    /// The most memory it has had so far, in KiB, as Linux tells it.
    pub(crate) fn most_memory(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM"));
        line.and_then(|line| line.split_whitespace().nth(1))
            .unwrap_or("?")
            .to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
