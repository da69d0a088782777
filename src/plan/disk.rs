//! How fast this machine reads and hashes, measured on a few of the files. Estimates nothing.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::Digest as _;

use crate::body::LocalFile;

/// Files that are read in part: the largest of the plan.
pub(super) const SAMPLED: usize = 4;

/// The longest all of it takes, and the most bytes of one file.
const LONGEST: Duration = Duration::from_secs(2);
const MOST_BYTES: u64 = 64 << 20;

/// Less than this is too little to measure on.
const LEAST_BYTES: u64 = 1 << 20;

/// As much at a time as an upload reads.
const CHUNK: usize = 256 * 1024;

/// Bytes a second, as measured.
///
/// What the system had read before comes from its memory, so `read` may exceed the disk's speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speeds {
    /// Reading, one file at a time.
    pub read: f64,
    /// SHA-256, on one thread.
    pub hash: f64,
    /// Bytes that were read for it.
    pub sample: u64,
}

#[derive(Debug, Default)]
struct Sample {
    bytes: u64,
    reading: Duration,
    hashing: Duration,
}

/// Measures on parts of these files; `None` where they are too small.
#[expect(clippy::cast_precision_loss, reason = "rates for people")]
pub(super) fn measure(files: &[PathBuf]) -> Option<Speeds> {
    let (start, mut sample) = (Instant::now(), Sample::default());
    for path in files {
        // A file that cannot be read says nothing about the disk.
        let _ = sample.take(path, start + LONGEST);
    }
    let rate = |time: Duration| sample.bytes as f64 / time.as_secs_f64().max(1e-9);
    (sample.bytes >= LEAST_BYTES).then(|| Speeds {
        read: rate(sample.reading),
        hash: rate(sample.hashing),
        sample: sample.bytes,
    })
}

impl Sample {
    fn take(&mut self, path: &Path, deadline: Instant) -> std::io::Result<()> {
        let Ok(local) = LocalFile::open(path) else {
            return Ok(());
        };
        let size = local.stamp().size;
        let mut file = local.into_file();
        // The middle: preflight may have read the head a moment ago.
        file.seek(SeekFrom::Start(size.saturating_sub(MOST_BYTES) / 2))?;
        self.read(&mut file, deadline)
    }

    fn read(&mut self, file: &mut File, deadline: Instant) -> std::io::Result<()> {
        let (mut hasher, mut chunk) = (sha2::Sha256::new(), vec![0; CHUNK]);
        let end = self.bytes + MOST_BYTES;
        while self.bytes < end && Instant::now() < deadline {
            let start = Instant::now();
            let read = file.read(&mut chunk)?;
            let read_at = Instant::now();
            hasher.update(&chunk[..read]);
            if read == 0 {
                break;
            }
            self.bytes += read as u64;
            self.reading += read_at - start;
            self.hashing += read_at.elapsed();
        }
        // The compiler may leave out a digest that is not used.
        std::hint::black_box(hasher.finalize());
        Ok(())
    }
}
