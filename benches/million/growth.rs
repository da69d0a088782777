//! How soon the first upload starts, and how cost grows with the number of files.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

use mavi_sandbox::{Processing, Sandbox, SandboxConfig};
use mavi_upload::source::{Walk, WalkOptions};

use crate::child::{Running, ended, upload};
use crate::library::{Library, name};

/// The size of a small file. What counts is what a file costs: 64 KiB of each of 100,000 fill gigabytes
/// of page cache, and what a virtual machine pays its host for those doubles the system time.
const SMALL: u64 = 4 * 1024;

async fn sandbox() -> Sandbox {
    let config = SandboxConfig {
        rate: 0.0,
        processing: Processing::always(Duration::from_millis(200)),
        ..SandboxConfig::default()
    };
    Sandbox::start(config).await.unwrap()
}

/// Makes files without a block on the disk.
fn make(folder: &Path, files: u64) {
    for no in 0..files {
        let path = folder.join(name(no));
        if no % 1000 == 0 {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        File::create(path).unwrap().set_len(SMALL).unwrap();
    }
}

/// The time from the start to the first upload: a manifest, of which only the first file exists, and
/// a walk.
pub(crate) async fn first(rows: u64, walked: u64) {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::new(folder.path(), false);
    make(&library.folder, 1);
    let manifest = library.path("manifest.csv");
    fs::write(&manifest, Library::manifest(rows)).unwrap();
    let input = ["-m".as_ref(), manifest.as_os_str(), "--root".as_ref()];
    let input = [&input[..], &[library.folder.as_os_str()]].concat();
    told(&format!("a manifest of {rows} rows"), &library, &input).await;

    let folder = tempfile::tempdir().unwrap();
    let library = Library::new(folder.path(), false);
    make(&library.folder, walked);
    let start = Instant::now();
    let found = Walk::new(vec![library.folder.clone()], WalkOptions::default()).count();
    println!(
        "a walk over {found} files by itself: {:.2} s",
        start.elapsed().as_secs_f64()
    );
    let input = [library.folder.as_os_str()];
    told(&format!("a walk of {walked} files"), &library, &input).await;
}

async fn told(what: &str, library: &Library, input: &[&OsStr]) {
    let sandbox = sandbox().await;
    let start = Instant::now();
    let running = Running::start(&sandbox, &library.path("report.csv"), input);
    while sandbox.stats().calls.send == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    println!(
        "{what}: the first upload after {:.2} s, {} KiB at most by then",
        start.elapsed().as_secs_f64(),
        running.most_memory()
    );
}

/// A table of what more and more small files cost.
pub(crate) async fn growth(most: u64) {
    let size = SMALL / 1024;
    println!("\n| files of {size} KiB, 16 at once | time (CPU), memory |\n|---|---|");
    let mut files = 1000;
    while files <= most {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::new(folder.path(), false);
        make(&library.folder, files);
        let sandbox = sandbox().await;
        let mut command = upload(&sandbox, &library.path("report.csv"));
        command.args(["-j", "16"]).arg(&library.folder);
        println!("| {files} | {} |", ended(command).await);
        files *= 10;
    }
}
