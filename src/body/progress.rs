//! What a body tells while it is under way: shared between the reader, the socket's side, and
//! whoever watches over the transfer.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::model::{ErrorCode, RowFailure, Sha256};

/// Why our side broke a body off before its last chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyFault {
    /// The file is not the one that was opened any more (size, times, or another file at its path).
    Changed(String),
    /// The bytes hash to something else than the manifest expects.
    Sha256Mismatch {
        /// What the manifest says.
        expected: Sha256,
        /// What the bytes hash to.
        actual: Sha256,
    },
    /// The disk failed; the system's words.
    Io(String),
    /// The disk gave no byte for a minute.
    Stalled,
}

impl BodyFault {
    /// The words for the report.
    #[must_use]
    pub fn refusal(&self) -> RowFailure {
        match self {
            Self::Changed(what) => RowFailure::new(
                ErrorCode::Changed,
                format!(
                    "the file changed while it was read ({what}): upload it when it is complete"
                ),
            ),
            Self::Sha256Mismatch { expected, actual } => RowFailure::new(
                ErrorCode::Sha256Mismatch,
                format!("the manifest expects sha256 {expected}, the bytes hash to {actual}"),
            ),
            Self::Io(text) => RowFailure::new(ErrorCode::Io, format!("reading failed: {text}")),
            Self::Stalled => RowFailure::new(
                ErrorCode::ReadStall,
                "the disk gave no byte for a minute: see whether its file system answers",
            ),
        }
    }
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal().fmt(f)
    }
}

impl std::error::Error for BodyFault {}

/// A shared view of one body under way. Cloning gives another view of the same body.
#[derive(Debug, Clone)]
pub struct BodyProgress(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    length: u64,
    file_size: u64,
    taken: AtomicU64,
    begun_at: OnceLock<Instant>,
    on_begin: Notify,
    starved: AtomicBool,
    held: AtomicBool,
    digest: OnceLock<Sha256>,
    fault: OnceLock<BodyFault>,
}

impl BodyProgress {
    pub(super) fn new(length: u64, file_size: u64) -> Self {
        Self(Arc::new(Shared {
            length,
            file_size,
            taken: AtomicU64::new(0),
            begun_at: OnceLock::new(),
            on_begin: Notify::new(),
            starved: AtomicBool::new(false),
            held: AtomicBool::new(false),
            digest: OnceLock::new(),
            fault: OnceLock::new(),
        }))
    }

    pub(super) fn begin(&self) {
        if !self.has_begun() && self.0.begun_at.set(Instant::now()).is_ok() {
            self.0.on_begin.notify_one();
        }
    }

    pub(super) fn took(&self, bytes: u64) {
        self.0.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn wait_for_disk(&self, waits: bool) {
        self.0.starved.store(waits, Ordering::Relaxed);
    }

    pub(super) fn wait_for_line(&self, waits: bool) {
        self.0.held.store(waits, Ordering::Relaxed);
    }

    pub(super) fn finish(&self, end: Result<Sha256, BodyFault>) {
        // The reader ends once; a second end could only repeat the first.
        let _ = match end {
            Ok(digest) => self.0.digest.set(digest).is_ok(),
            Err(fault) => self.0.fault.set(fault).is_ok(),
        };
    }

    /// The disk gave nothing for too long; the reader, which cannot be reached, is left behind.
    pub(crate) fn stall(&self) {
        self.finish(Err(BodyFault::Stalled));
    }

    /// Bytes of the whole body.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.0.length
    }

    /// Resolves when the first byte is asked for: the connection is ready and the POST starts.
    /// For one waiter.
    pub async fn begun(&self) {
        self.0.on_begin.notified().await;
    }

    /// Bytes of the body that the connection accepted so far, the part's header included.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// The same, without the part's header and end: bytes of the file.
    #[must_use]
    pub fn file_bytes_taken(&self) -> u64 {
        self.taken()
            .saturating_sub(self.0.length - self.0.file_size)
            .min(self.0.file_size)
    }

    /// Whether any byte may have left.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.begun_at().is_some()
    }

    /// When the first byte was asked for.
    #[must_use]
    pub fn begun_at(&self) -> Option<Instant> {
        self.0.begun_at.get().copied()
    }

    /// Whether the connection was handed the whole body.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.taken() == self.0.length
    }

    /// Whether the connection waits for the disk (and not the other way round).
    #[must_use]
    pub fn is_starved(&self) -> bool {
        self.0.starved.load(Ordering::Relaxed)
    }

    /// Whether the body waits for its turn on a line with a limit: its standing still is our doing.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.0.held.load(Ordering::Relaxed)
    }

    /// The digest of the file's bytes, known once all were read and found right.
    #[must_use]
    pub fn digest(&self) -> Option<Sha256> {
        self.0.digest.get().copied()
    }

    /// Why our side broke the body off, if it did.
    #[must_use]
    pub fn fault(&self) -> Option<&BodyFault> {
        self.0.fault.get()
    }
}
