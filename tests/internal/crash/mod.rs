//! The points, armed: one of them kills, or panics, in the process whose environment names it. And
//! that process, and the service that it calls.

mod commits;
mod matrix;
mod panics;

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};

use crate::event::Event;
use crate::ledger::Counts;
use crate::model::Rates;
use crate::run::{Settings, run};
use crate::shutdown::Shutdown;
use crate::source::{Walk, WalkOptions};
use mavi_sandbox::{Processing, Sandbox, SandboxConfig};

/// The environment variable that names the point and the pass, such as `sign answered#4`.
pub(super) const AT: &str = "MAVI_CRASH_AT";

/// The same for a point that panics instead, with these words.
pub(super) const PANIC_AT: &str = "MAVI_PANIC_AT";

/// What the panic says.
pub(super) const PANIC_WORDS: &str = "MAVI_PANIC_WORDS";

struct Target {
    name: String,
    pass: u32,
    panics_with: Option<String>,
}

static TARGET: LazyLock<Option<Target>> = LazyLock::new(|| {
    let panics_at = std::env::var(PANIC_AT).ok();
    let panics_with = panics_at
        .as_ref()
        .and_then(|_| std::env::var(PANIC_WORDS).ok());
    let text = panics_at.or_else(|| std::env::var(AT).ok())?;
    let (name, pass) = text.split_once('#').unwrap();
    Some(Target {
        name: name.to_owned(),
        pass: pass.parse().unwrap(),
        panics_with,
    })
});

static PASSES: AtomicU32 = AtomicU32::new(0);

/// Kills this process, or panics, when the named point is passed for the named time.
pub(crate) fn point(name: &'static str) {
    let Some(target) = TARGET.as_ref().filter(|target| target.name == name) else {
        return;
    };
    if PASSES.fetch_add(1, Ordering::Relaxed) + 1 == target.pass {
        if let Some(words) = &target.panics_with {
            panic!("{words}");
        }
        kill_process(getpid(), Signal::KILL).unwrap();
    }
}

/// A service without limits that processes at once.
pub(super) async fn sandbox() -> Sandbox {
    let config = SandboxConfig {
        rate: 0.0,
        processing: Processing::always(Duration::from_millis(5)),
        ..SandboxConfig::default()
    };
    Sandbox::start(config).await.unwrap()
}

/// Uploads the `library` in a folder, without limits, as far as this process gets.
pub(super) fn upload(base_url: &str, key: &str, folder: &Path, uploads: &str) -> Counts {
    let mut settings = Settings::new(key, base_url, folder.join("report.csv")).unwrap();
    settings.concurrency = uploads.parse().unwrap();
    settings.rates = Rates {
        sign: 0.0,
        upload: 0.0,
        poll: 0.0,
    };
    settings.retry.delay = Duration::from_millis(10);
    settings.confirm.poll_interval = Duration::from_millis(10);
    let source = Walk::new(vec![folder.join("library")], WalkOptions::default());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let running = run(settings, Box::new(source), |_: &Event| {}, Shutdown::new());
    runtime.block_on(running).unwrap().counts
}

/// This test program again, for one test alone: the process that is to die.
pub(super) fn again(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let (_crate, test) = test.split_once("::").unwrap();
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command
}
