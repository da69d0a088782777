//! What a file's way to the socket costs: SHA-256 alone, and the whole body with everything around
//! it. The second can be no faster than the first; the gap between them is ours.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop")]

use std::hint::black_box;
use std::io::Write as _;
use std::pin::Pin;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http_body::Body as _;
use mavi_upload::api::FileBody;
use mavi_upload::internals::{FileBodyOptions, LocalFile};
use sha2::Digest as _;

const SIZE: usize = 64 << 20;

fn body(criterion: &mut Criterion) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let bytes = vec![7; SIZE];
    file.write_all(&bytes).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();

    let mut group = criterion.benchmark_group("64 MiB");
    group
        .throughput(Throughput::Bytes(SIZE as u64))
        .sample_size(10);
    group.bench_function("sha256", |bench| {
        bench.iter(|| sha2::Sha256::digest(black_box(&bytes)));
    });
    group.bench_function("body", |bench| {
        bench.to_async(&runtime).iter(|| async {
            let local = LocalFile::open(file.path()).unwrap();
            let mut parcel = FileBody::start(local, "a.mp4", FileBodyOptions::default());
            while let Some(frame) =
                std::future::poll_fn(|context| Pin::new(&mut parcel).poll_frame(context)).await
            {
                black_box(frame.unwrap());
            }
        });
    });
    group.finish();
}

criterion_group!(benches, body);
criterion_main!(benches);
