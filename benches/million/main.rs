//! What a library of a million files costs: until the first upload starts, when the same command is
//! given again, to write the report anew; how fast the one writer writes; and how cost grows.
//!
//! `cargo bench --bench million`; `-- 100000` for another number of rows, `-- exist` to make the
//! files themselves, too (a file that is gone stays confirmed), `-- growth 100000` for the table of
//! growth alone, up to so many files. Needs `/usr/bin/time`.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop")]
#![expect(
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "figures for people"
)]

mod child;
mod growth;
#[path = "../library/mod.rs"]
mod library;

use std::fs;
use std::time::Instant;

use library::{Library, facts, file_id, version};

use mavi_sandbox::{Sandbox, SandboxConfig};
use mavi_upload::internals::{Events, Recorder, recorder};
use mavi_upload::ledger::Reader;
use mavi_upload::report;
use mavi_upload::report::Tail;

/// Files that are written down at a time: those of a well-filled group.
const AT_ONCE: usize = 512;

/// Files of the walk.
const WALKED: u64 = 200_000;

/// Files for the writer alone.
const WRITTEN: u64 = 100_000;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let number = arguments.iter().find_map(|text| text.parse().ok());
    let exist = arguments.iter().any(|text| text == "exist");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        if arguments.iter().any(|text| text == "growth") {
            return growth::growth(number.unwrap_or(10_000)).await;
        }
        growth::first(number.unwrap_or(1_000_000), WALKED).await;
        rerun(number.unwrap_or(1_000_000), exist).await;
        writer().await;
    });
}

/// A library of which every file is confirmed, and the same command again.
async fn rerun(files: u64, exist: bool) {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let library = Library::new(folder.path(), exist);
    fs::write(
        library.folder.join("manifest.csv"),
        Library::manifest(files),
    )
    .unwrap();

    let start = Instant::now();
    let (mut ledger, run) = library.ledger(sandbox.base_url(), sandbox.api_key());
    library.confirm_all(&mut ledger, run.id, files);
    drop(ledger);
    let size = fs::metadata(library.path("mavi-ledger.db")).unwrap().len();
    println!(
        "a ledger of {files} confirmed files: {:.0} MiB, filled in {:.1} s",
        mib(size),
        start.elapsed().as_secs_f64()
    );
    for report in ["to be made", "there"] {
        let figures = again(&library, &sandbox).await;
        println!(
            "the same command again, its report {report}: {figures}, {} calls",
            sandbox.stats().calls.total()
        );
    }
    let start = Instant::now();
    let ledger = Reader::open(&library.path("mavi-ledger.db")).unwrap();
    report::rewrite(&ledger, &ledger.latest_run().unwrap().unwrap()).unwrap();
    println!(
        "the report written anew: {:.2} s",
        start.elapsed().as_secs_f64()
    );
    let rows = fs::read(library.path("report.csv")).unwrap();
    let lines = rows.split_inclusive(|byte| *byte == b'\n').count() as u64;
    let size = fs::metadata(library.path("mavi-ledger.db")).unwrap().len();
    println!(
        "then {} rows in the report, {:.0} MiB of ledger",
        lines - 1,
        mib(size)
    );
}

async fn again(library: &Library, sandbox: &Sandbox) -> String {
    let mut command = child::upload(sandbox, &library.path("report.csv"));
    command.arg("-m").arg(library.folder.join("manifest.csv"));
    child::ended(command).await
}

/// The writer by itself: facts of many files at once, each waiting until its own is on disk.
async fn writer() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let library = Library::new(folder.path(), false);
    let (mut ledger, run) = library.ledger(sandbox.base_url(), sandbox.api_key());
    library.admit(&mut ledger, run.id, &(0..WRITTEN).collect::<Vec<_>>());
    let tail = Tail::begin(&run, None, &ledger).unwrap();
    let (events, _listener) = Events::channel();
    let (recorder, writer) = recorder(ledger, run, tail, events, mavi_upload::Shutdown::new());
    let writing = tokio::spawn(writer.run());
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for first in 0..AT_ONCE as u64 {
        tasks.spawn(write_down(recorder.clone(), first));
    }
    drop(recorder);
    tasks.join_all().await;
    writing.await.unwrap().unwrap();
    let changes = (3 * WRITTEN) as f64 / start.elapsed().as_secs_f64();
    println!("{changes:.0} state changes a second through the writer, {AT_ONCE} files at once");
}

async fn write_down(recorder: Recorder, first: u64) {
    for no in (first..WRITTEN).step_by(AT_ONCE) {
        for fact in facts(no, version(no)) {
            recorder.write(file_id(no), fact).await.unwrap();
        }
    }
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
