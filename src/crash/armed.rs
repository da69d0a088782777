//! The points, armed: one of them kills, in the process that was told which. And that process.

use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Signal, getpid, kill_process};

/// The environment variable that names the point and the pass, such as `sign answered#4`.
pub(super) const AT: &str = "MAVI_CRASH_AT";

static TARGET: LazyLock<Option<(String, u32)>> = LazyLock::new(|| {
    let text = std::env::var(AT).ok()?;
    let (name, pass) = text.split_once('#').unwrap();
    Some((name.to_owned(), pass.parse().unwrap()))
});

static PASSES: AtomicU32 = AtomicU32::new(0);

/// Kills this process when the named point is passed for the named time.
pub(crate) fn point(name: &'static str) {
    let Some((_, pass)) = TARGET.as_ref().filter(|(target, _)| target == name) else {
        return;
    };
    if PASSES.fetch_add(1, Ordering::Relaxed) + 1 == *pass {
        kill_process(getpid(), Signal::KILL).unwrap();
    }
}

/// This test program again, for one test alone: the process that is to die.
pub(super) fn again(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let (_crate, test) = test.split_once("::").unwrap();
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command
}
