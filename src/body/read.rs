//! The reading side of a body: reads, hashes, checks, hands over.
//!
//! Blocks its thread. Knows neither the connection nor why a file is sent.

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
enum ReadStop {
    /// The body was dropped.
    Dropped,
    Fault(BodyFault),
}

impl From<BodyFault> for ReadStop {
    fn from(fault: BodyFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<io::Error> for ReadStop {
    fn from(error: io::Error) -> Self {
        Self::Fault(BodyFault::Io(error.to_string()))
    }
}

impl Reading {
    /// Hands over the whole body, or an error in place of its last chunk; blocking.
    pub(super) fn run(mut self, chunks: &mpsc::Sender<Result<Bytes, BodyFault>>) {
        if let Err(ReadStop::Fault(fault)) = self.stream(chunks) {
            self.progress.finish(Err(fault.clone()));
            // A hung-up receiver reads the fault from the progress.
            let _ = chunks.blocking_send(Err(fault));
        }
    }

    fn stream(&mut self, chunks: &mpsc::Sender<Result<Bytes, BodyFault>>) -> Result<(), ReadStop> {
        let size = self.file.stamp().size;
        let buffers = Buffers::default();
        let mut hasher = sha2::Sha256::new();
        let mut left = size;
        let mut head = self.head.clone();
        if let Some(pause) = self.hold_back {
            hand_over(chunks, std::mem::take(&mut head))?;
            std::thread::sleep(pause);
        }
        loop {
            let room = CHUNK.min(usize::try_from(left).unwrap_or(CHUNK));
            // Room for the tail from the start: a small file is not copied to append it.
            let mut chunk = buffers.take(head.len() + room + self.tail.len());
            chunk.truncate(head.len() + room);
            chunk[..head.len()].copy_from_slice(&head);
            let filled = fill(&mut self.file.file, &mut chunk[head.len()..])?;
            if filled < room {
                return Err(BodyFault::Changed(format!("{size} bytes became fewer")).into());
            }
            hasher.update(&chunk[head.len()..]);
            left -= filled as u64;
            head.clear();
            if left == 0 {
                self.settle(Sha256(hasher.finalize().into()))?;
                chunk.extend_from_slice(&self.tail);
                return hand_over(chunks, buffers.lend(chunk));
            }
            hand_over(chunks, buffers.lend(chunk))?;
        }
    }

    /// Decides whether the last chunk may leave. The digest is published before it does, so that it
    /// is there when the answer comes.
    fn settle(&mut self, actual: Sha256) -> Result<(), ReadStop> {
        if self.file.file.read(&mut [0])? > 0 {
            return Err(BodyFault::Changed("it grew".to_owned()).into());
        }
        if let Some(what) = self.file.difference()? {
            return Err(BodyFault::Changed(what).into());
        }
        if let Some(expected) = self.expected
            && expected != actual
        {
            return Err(BodyFault::Sha256Mismatch { expected, actual }.into());
        }
        self.progress.finish(Ok(actual));
        Ok(())
    }
}

fn hand_over(
    chunks: &mpsc::Sender<Result<Bytes, BodyFault>>,
    chunk: Bytes,
) -> Result<(), ReadStop> {
    chunks
        .blocking_send(Ok(chunk))
        .map_err(|_| ReadStop::Dropped)
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
pub(crate) fn hash_file(
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
