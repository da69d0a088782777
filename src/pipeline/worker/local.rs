//! What a life asks of this machine: files that may hang, and open files that may run out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::FileWorker;
use crate::api::{SendFault, Service};
use crate::body::{BodyFault, LocalFile};
use crate::event::Event;
use crate::model::{ErrorCode, FileStamp, FileVersion, RowFailure};
use crate::pipeline::machine::{SendReport, UploadMachine};
use crate::pipeline::watchdog::STALL;
use crate::shutdown::Shutdown;

/// How long a file is left alone when the system had no open files to give, at a retry delay of one
/// second.
const SHORTAGE_REST: Duration = Duration::from_secs(1);

/// Signs of life of work that cannot be interrupted.
#[derive(Debug, Clone, Default)]
pub(super) struct Beat(Arc<AtomicU64>);

impl Beat {
    /// The work goes on.
    pub(super) fn strike(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Comes back when there was no sign of life for as long as a file may give nothing.
    async fn stopped(&self) {
        loop {
            let before = self.0.load(Ordering::Relaxed);
            tokio::time::sleep(STALL).await;
            if self.0.load(Ordering::Relaxed) == before {
                return;
            }
        }
    }
}

/// Does blocking work on a file. A disk that does not answer holds up neither the run's end (`None`)
/// nor the file for ever (`read_stall`); the thread, which cannot be reached, is left behind.
pub(super) async fn watched<T: Send + 'static>(
    shutdown: &Shutdown,
    work: impl FnOnce(&Beat) -> Result<T, RowFailure> + Send + 'static,
) -> Option<Result<T, RowFailure>> {
    let beat = Beat::default();
    let theirs = beat.clone();
    let done = tokio::task::spawn_blocking(move || work(&theirs));
    tokio::select! {
        biased;
        done = done => Some(done.unwrap_or_else(|_| Err(crate::recorder::internal_error()))),
        () = shutdown.abort_uploads().cancelled() => None,
        () = beat.stopped() => Some(Err(BodyFault::Stalled.row_failure())),
    }
}

/// How long an opened file is taken for the one at its path: the time between asking for an asset
/// and sending to it, when nothing has to be waited for. Whatever happens to it meanwhile, the body
/// notices, or the look behind it.
const FRESH: Duration = Duration::from_secs(1);

impl<S: Service> FileWorker<S> {
    /// Opens the file and takes an upload slot, where none is held. `None`: it could not be opened,
    /// and the protocol knows, or the run is stopping.
    pub(super) async fn open(&mut self, machine: &mut UploadMachine) -> Option<LocalFile> {
        loop {
            if self.slot.is_none() {
                self.slot = self.context.concurrency.take().await;
            }
            if let Some((file, at)) = self.opened.take()
                && at.elapsed() < FRESH
            {
                return Some(file);
            }
            let path = self.job.path.clone();
            match watched(&self.context.shutdown, move |_| LocalFile::open(&path)).await? {
                Ok(file) if file.stamp().size == 0 => {
                    machine.unreadable(RowFailure::new(
                        ErrorCode::Empty,
                        "the file has become empty",
                    ));
                }
                Ok(file) => {
                    self.version = Some(FileVersion::from(file.stamp()));
                    return Some(file);
                }
                Err(refusal) if refusal.code == ErrorCode::NoDescriptors => {
                    if self.wait_for_descriptors().await {
                        continue;
                    }
                }
                Err(refusal) => machine.unreadable(refusal),
            }
            return None;
        }
    }

    /// This machine has no more open files to give: from now on fewer files go up at once, and this
    /// one a little later. `false` when the run is stopping.
    pub(super) async fn wait_for_descriptors(&mut self) -> bool {
        if let Some(slot) = self.slot.take()
            && self.context.concurrency.retire(slot)
        {
            let text = "too many open files (ulimit -n): one upload fewer at once from now on";
            self.context.events.send(Event::Warning(text.to_owned()));
        }
        tokio::select! {
            () = tokio::time::sleep(self.context.retry.scaled(SHORTAGE_REST)) => true,
            () = self.context.shutdown.draining().cancelled() => false,
        }
    }

    /// Looks at the file once more when all of it has been sent: storage took its time to answer,
    /// and what it holds may have been overtaken. A file that is gone is none that was overtaken.
    pub(super) async fn compare<T>(&mut self, report: &mut SendReport<T>, sent: &FileStamp) {
        if report.digest.is_none() || matches!(report.result, Err(SendFault::Aborted)) {
            return;
        }
        let Some(now) = self.stamp().await else {
            return;
        };
        if let Some(what) = now.outdates(sent) {
            self.version = Some(FileVersion::from(&now));
            report.body_fault = Some(BodyFault::Changed(what));
        }
    }

    /// What stands at the file's path now; `None` when that cannot be told.
    async fn stamp(&self) -> Option<FileStamp> {
        let path = self.job.path.clone();
        let poll = move |_: &Beat| Ok(std::fs::metadata(path).ok());
        let meta = watched(&self.context.shutdown, poll).await?.ok()??;
        Some(FileStamp::of(&meta))
    }
}

#[cfg(test)]
mod tests;
