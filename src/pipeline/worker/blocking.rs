//! Blocking work on files that may hang, such as those of a network disk. Does not know what the work
//! is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::body::BodyFault;
use crate::model::RowFailure;
use crate::pipeline::watchdog::STALL;
use crate::recorder::internal_error;
use crate::shutdown::Shutdown;

/// Beats of work that cannot be interrupted from outside.
#[derive(Debug, Clone)]
pub(super) struct Heartbeat {
    beats: Arc<AtomicU64>,
    shutdown: Shutdown,
}

impl Heartbeat {
    fn new(shutdown: &Shutdown) -> Self {
        Self {
            beats: Arc::default(),
            shutdown: shutdown.clone(),
        }
    }

    /// The work goes on. Returns whether it is still wanted.
    pub(super) fn beat(&self) -> bool {
        self.beats.fetch_add(1, Ordering::Relaxed);
        !self.shutdown.abort_uploads().is_cancelled()
    }

    /// Returns once there was no beat for as long as a file may stall.
    async fn stopped(&self) {
        loop {
            let before = self.beats.load(Ordering::Relaxed);
            tokio::time::sleep(STALL).await;
            if self.beats.load(Ordering::Relaxed) == before {
                return;
            }
        }
    }
}

/// Does blocking work on a file. A disk that does not answer holds up neither the run's end (`None`)
/// nor the file for ever (`read_stall`); the thread, which cannot be reached, is left behind.
pub(super) async fn run_blocking<T: Send + 'static>(
    shutdown: &Shutdown,
    work: impl FnOnce(&Heartbeat) -> Result<T, RowFailure> + Send + 'static,
) -> Option<Result<T, RowFailure>> {
    let heartbeat = Heartbeat::new(shutdown);
    let theirs = heartbeat.clone();
    let done = tokio::task::spawn_blocking(move || work(&theirs));
    tokio::select! {
        biased;
        done = done => Some(done.unwrap_or_else(|_| Err(internal_error()))),
        () = shutdown.abort_uploads().cancelled() => None,
        () = heartbeat.stopped() => Some(Err(BodyFault::Stalled.row_failure())),
    }
}

#[cfg(test)]
mod tests;
