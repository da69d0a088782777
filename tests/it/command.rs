//! The real binary: commands of it, with all set that a test does not care about.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Short rests between the tries of a step.
pub(crate) const SHORT_RESTS: [&str; 4] = ["--retry-delay", "10ms", "--retry-max-delay", "50ms"];

/// `mavi` in this folder: its environment is empty, and so is its input.
pub(crate) fn mavi(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

/// The same, told of a service and the key to it.
pub(crate) fn mavi_to(folder: &Path, key: &str, base_url: &str) -> Command {
    let mut command = mavi(folder);
    command
        .env("MEMORIES_API_KEY", key)
        .env("MEMORIES_V2_BASE_URL", base_url);
    command
}

/// `mavi upload` in this folder, without limits; what is uploaded, and any other option, is for the
/// test to add.
pub(crate) fn unlimited_upload(folder: &Path, key: &str, base_url: &str) -> Command {
    let mut command = mavi_to(folder, key, base_url);
    command
        .args(["upload", "-r", "report.csv", "--poll-interval", "10ms"])
        .args(["--sign-rate", "0", "--upload-rate", "0", "--poll-rate", "0"]);
    command
}

/// A command as another program runs it, in the same folder and environment.
#[cfg(unix)]
pub(crate) fn run_by(mut program: Command, command: &Command) -> Command {
    let set = command.get_envs();
    program
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(set.filter_map(|(name, value)| Some((name, value?))))
        .current_dir(command.get_current_dir().unwrap());
    program
}

/// This build's, unless a long run names another one.
fn binary() -> PathBuf {
    std::env::var_os("MAVI_KILL_BINARY").map_or_else(
        || PathBuf::from(env!("CARGO_BIN_EXE_mavi")),
        |path| std::path::absolute(path).unwrap(),
    )
}
