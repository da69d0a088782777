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

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use mavi_upload::Settings;
use mavi_upload::asset::{AssetId, Sha256};
use mavi_upload::body::FileStamp;
use mavi_upload::event::Events;
use mavi_upload::ledger::{Identity, Ledger, Listing, Reader, RunId, RunRecord};
use mavi_upload::pipeline::Fact;
use mavi_upload::plan::{Asset, FileId, Seen};
use mavi_upload::record::{Recorder, recorder};
use mavi_upload::report::{self, Tail};
use mavi_upload::sandbox::{Sandbox, SandboxConfig};
use mavi_upload::secret::SignedUrl;
use mavi_upload::source::{Candidate, Cells};

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
    let (mut ledger, run) = library.ledger(&sandbox);
    for group in (0..files).collect::<Vec<_>>().chunks(10_000) {
        let confirm = |ledger: &mut Ledger| {
            group
                .iter()
                .try_for_each(|no| library.confirm(ledger, run.id, *no))
        };
        ledger.group(true, confirm).unwrap();
    }
    ledger.end_listing(run.id).unwrap();
    drop(ledger);
    let size = fs::metadata(library.path("mavi-ledger.db")).unwrap().len();
    println!(
        "a ledger of {files} confirmed files: {:.0} MiB, filled in {:.1} s",
        mib(size),
        start.elapsed().as_secs_f64()
    );
    for _ in 0..2 {
        let figures = again(&library, &sandbox).await;
        println!(
            "the same command again: {figures}, {} calls",
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
    let (mut ledger, run) = library.ledger(&sandbox);
    let admit = |ledger: &mut Ledger| {
        (0..WRITTEN).try_for_each(|no| ledger.admit(run.id, &library.listing(no)).map(drop))
    };
    ledger.group(true, admit).unwrap();
    let tail = Tail::begin(&run, None, &ledger).unwrap();
    let (events, _listener) = Events::channel();
    let (recorder, writer) = recorder(ledger, run, tail, events, mavi_upload::Stop::new());
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
        for fact in facts(no, seen(no)) {
            recorder.write(file_id(no), fact).await.unwrap();
        }
    }
}

/// A library, of which only the names need be there.
struct Library {
    folder: PathBuf,
    exist: bool,
}

impl Library {
    fn new(folder: &Path, exist: bool) -> Self {
        let folder = folder.join("library");
        fs::create_dir(&folder).unwrap();
        Self { folder, exist }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.with_file_name(name)
    }

    fn manifest(files: u64) -> Vec<u8> {
        let mut out = b"path,title\n".to_vec();
        (0..files).for_each(|no| writeln!(out, "{},Title of {no}", name(no)).unwrap());
        out
    }

    fn ledger(&self, sandbox: &Sandbox) -> (Ledger, RunRecord) {
        let report = self.path("report.csv");
        let settings = Settings::new(sandbox.api_key(), sandbox.base_url(), &report).unwrap();
        let mut ledger = Ledger::open(&settings.ledger).unwrap();
        let identity = Identity {
            base_url: settings.address.as_str().to_owned(),
            account: settings.api_key.fingerprint(),
        };
        ledger.identify(&identity, false).unwrap();
        let run = ledger.begin_run(&report, columns()).unwrap();
        (ledger, run)
    }

    fn listing(&self, no: u64) -> Listing {
        let (name, title) = (name(no), format!("Title of {no}"));
        let candidate = Candidate {
            path: self.folder.join(&name),
            name: None,
            expected_sha256: None,
            cells: Cells::encode([name.as_bytes(), title.as_bytes()]),
            refusal: None,
        };
        let seen = if self.exist {
            make(&candidate.path)
        } else {
            seen(no)
        };
        Listing {
            no,
            candidate,
            seen: Ok(seen),
        }
    }

    fn confirm(
        &self,
        ledger: &mut Ledger,
        run: RunId,
        no: u64,
    ) -> Result<(), mavi_upload::ledger::LedgerError> {
        let listing = self.listing(no);
        ledger.admit(run, &listing)?;
        for fact in facts(no, listing.seen.unwrap()) {
            ledger.apply(file_id(no), &fact)?;
        }
        Ok(())
    }
}

fn make(path: &Path) -> Seen {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = File::create(path).unwrap();
    file.write_all(b"video").unwrap();
    Seen::from(&FileStamp::of(&file.metadata().unwrap()))
}

fn columns() -> Cells {
    Cells::encode([b"path".as_slice(), b"title"])
}

fn name(no: u64) -> String {
    format!("season {:03}/clip {no:07}.mp4", no / 1000)
}

fn seen(no: u64) -> Seen {
    Seen {
        size: 1_000_000 + no,
        mtime_ns: 1_766_989_317_192_000_000,
    }
}

/// Files are numbered in the order in which a new ledger gets to know them.
fn file_id(no: u64) -> FileId {
    FileId(i64::try_from(no).unwrap() + 1)
}

/// A file's way when nothing goes wrong.
fn facts(no: u64, seen: Seen) -> [Fact; 3] {
    let asset_id = AssetId::parse(&format!("re_{}", 660_736_410_386_149_376 + no)).unwrap();
    let url = format!("https://storage.example/{asset_id}?expires=1766989317&signature={no:064x}");
    let asset = Asset {
        asset_id: asset_id.clone(),
        url: SignedUrl::parse(&url),
        url_expires_at: Timestamp::MAX,
        seen,
        sha256: None,
        sent_at: None,
        shared: false,
    };
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&no.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    let at = Timestamp::now();
    let sent = Fact::Sent {
        asset_id: asset_id.clone(),
        sha256: Sha256(digest),
        posts: 1,
        at,
    };
    let confirmed = Fact::Confirmed {
        asset_id,
        size_checked: true,
        at,
    };
    [Fact::Allotted(asset), sent, confirmed]
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
