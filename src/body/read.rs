//! The reading side of a body: reads, hashes, checks, hands over.

use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use sha2::Digest;
use tokio::sync::mpsc;

use super::buffers::Buffers;
use super::fault::BodyFault;
use super::open::LocalFile;
use super::progress::BodyProgress;
use crate::model::{FileStamp, RowFailure, Sha256};

/// How much is read, hashed and handed over at a time. Smaller chunks cost a thread wake-up each,
/// larger ones only memory; 512 KiB with one waiting showed no gain (docs/performance.md).
pub(super) const CHUNK: usize = 256 * 1024;

/// One file being read into one body.
pub(super) struct Reading {
    pub(super) file: LocalFile,
    pub(super) expected: Option<Sha256>,
    pub(super) head: Bytes,
    pub(super) tail: Bytes,
    /// How long the file's first byte waits behind the part's head.
    pub(super) hold_back: Option<Duration>,
    pub(super) progress: BodyProgress,
}

/// Why reading ended before the end.
enum Cut {
    /// The body was dropped.
    Dropped,
    Fault(BodyFault),
}

impl From<io::Error> for Cut {
    fn from(error: io::Error) -> Self {
        Self::Fault(BodyFault::Io(error.to_string()))
    }
}

impl Reading {
    /// Hands over the whole body, or an error in place of its last chunk; blocking.
    pub(super) fn run(mut self, chunks: &mpsc::Sender<Result<Bytes, BodyFault>>) {
        if let Err(Cut::Fault(fault)) = self.stream(chunks) {
            self.progress.finish(Err(fault.clone()));
            // A hung-up receiver reads the fault from the progress.
            let _ = chunks.blocking_send(Err(fault));
        }
    }

    fn stream(&mut self, chunks: &mpsc::Sender<Result<Bytes, BodyFault>>) -> Result<(), Cut> {
        let size = self.file.stamp().size;
        let buffers = Buffers::default();
        let mut hasher = sha2::Sha256::new();
        let mut left = size;
        let mut head: &[u8] = &self.head;
        if let Some(pause) = self.hold_back {
            hand_over(chunks, self.head.clone())?;
            head = &[];
            std::thread::sleep(pause);
        }
        loop {
            let room = CHUNK.min(usize::try_from(left).unwrap_or(CHUNK));
            // Room for the tail from the start: a small file is not copied to append it.
            let mut chunk = buffers.take(head.len() + room + self.tail.len());
            chunk.truncate(head.len() + room);
            chunk[..head.len()].copy_from_slice(head);
            let filled = fill(&mut self.file.file, &mut chunk[head.len()..])?;
            if filled < room {
                return Err(changed(format!("{size} bytes became fewer")));
            }
            hasher.update(&chunk[head.len()..]);
            left -= filled as u64;
            head = &[];
            if left == 0 {
                if self.file.file.read(&mut [0])? > 0 {
                    return Err(changed("it grew".to_owned()));
                }
                let difference = self.file.difference()?;
                self.settle(Sha256(hasher.finalize().into()), difference)
                    .map_err(Cut::Fault)?;
                chunk.extend_from_slice(&self.tail);
                return hand_over(chunks, buffers.lend(chunk));
            }
            hand_over(chunks, buffers.lend(chunk))?;
        }
    }

    /// Decides whether the last chunk may leave: the digest is published before it does, so that
    /// the one who sees the answer finds it.
    fn settle(&self, digest: Sha256, difference: Option<String>) -> Result<(), BodyFault> {
        match (difference, self.expected) {
            (Some(what), _) => Err(BodyFault::Changed(what)),
            (None, Some(expected)) if expected != digest => Err(BodyFault::Sha256Mismatch {
                expected,
                actual: digest,
            }),
            _ => {
                self.progress.finish(Ok(digest));
                Ok(())
            }
        }
    }
}

fn changed(what: String) -> Cut {
    Cut::Fault(BodyFault::Changed(what))
}

fn hand_over(chunks: &mpsc::Sender<Result<Bytes, BodyFault>>, chunk: Bytes) -> Result<(), Cut> {
    chunks.blocking_send(Ok(chunk)).map_err(|_| Cut::Dropped)
}

/// Reads until the buffer is full or the file ends; returns the number of bytes read.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Hashes a file without sending it; blocking. `keep_on` is asked once a chunk and ends the reading
/// with `Ok(None)` when it says no.
///
/// # Errors
/// As [`LocalFile::open`], and `changed` when the file changes meanwhile.
pub fn hash_file(
    path: &Path,
    keep_on: &dyn Fn() -> bool,
) -> Result<Option<(FileStamp, Sha256)>, RowFailure> {
    let mut local = LocalFile::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; CHUNK];
    while keep_on() {
        let filled = fill(&mut local.file, &mut buffer).map_err(|e| RowFailure::from_io(&e))?;
        if filled == 0 {
            let difference = local.difference().map_err(|e| RowFailure::from_io(&e))?;
            return match difference {
                Some(what) => Err(BodyFault::Changed(what).row_failure()),
                None => Ok(Some((*local.stamp(), Sha256(hasher.finalize().into())))),
            };
        }
        hasher.update(&buffer[..filled]);
    }
    Ok(None)
}
