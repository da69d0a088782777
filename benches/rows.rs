//! What a row costs besides the wire: read from the manifest, taken through the ledger, written to the
//! report. Plain and short; `million` has the large ones.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop")]

mod library;

use std::fs;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use library::Library;
use mavi_upload::report::{self, Format};
use mavi_upload::source::{Manifest, ManifestInput, ManifestOptions};

const ROWS: u64 = 10_000;

/// Whose ledger it is; nothing is sent there.
const BASE_URL: &str = "https://mavi.example/v2";
const KEY: &str = "sk-mavi-bench";

fn rows(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::new(folder.path(), false);
    let manifest = library.path("manifest.csv");
    fs::write(&manifest, Library::manifest(ROWS)).unwrap();
    let mut group = criterion.benchmark_group("10,000 rows");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);

    group.bench_function("manifest", |bench| {
        bench.iter(|| {
            let input = ManifestInput::File(manifest.clone());
            let manifest = Manifest::open(input, ManifestOptions::default()).unwrap();
            manifest.for_each(|row| drop(black_box(row)));
        });
    });

    let fresh = || {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::new(folder.path(), false);
        (folder, library)
    };
    group.bench_function("ledger", |bench| {
        let fill = |(folder, library): (tempfile::TempDir, Library)| {
            let (mut ledger, run) = library.ledger(BASE_URL, KEY);
            library.confirm_all(&mut ledger, run.id, ROWS);
            folder
        };
        bench.iter_batched(fresh, fill, BatchSize::PerIteration);
    });

    let (mut ledger, run) = library.ledger(BASE_URL, KEY);
    library.confirm_all(&mut ledger, run.id, ROWS);
    group.bench_function("report", |bench| {
        bench.iter(|| report::write(&ledger, &run, Format::Csv, &mut std::io::sink()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, rows);
criterion_main!(benches);
