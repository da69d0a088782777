//! What is known of a body under way: shared by the reader, the connection's side, and the watchdog.
//!
//! Decides nothing: what stands still for too long is the watchdog's to say.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::fault::BodyFault;
use crate::model::Sha256;

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
    throttled: AtomicBool,
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
            throttled: AtomicBool::new(false),
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

    pub(super) fn wait_for_throttle(&self, waits: bool) {
        self.0.throttled.store(waits, Ordering::Relaxed);
    }

    pub(super) fn finish(&self, end: Result<Sha256, BodyFault>) {
        // The reader ends once; a second end could only repeat the first.
        let _ = match end {
            Ok(digest) => self.0.digest.set(digest).is_ok(),
            Err(fault) => self.0.fault.set(fault).is_ok(),
        };
    }

    /// The disk returned nothing for too long; the reader, which cannot be reached, is left behind.
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

    /// Whether the body waits for its turn under `--bandwidth`: then our side is what stands still.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.0.throttled.load(Ordering::Relaxed)
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
