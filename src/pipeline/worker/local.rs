//! One file on this machine: opened and read while an upload slot is held, also where files hang or
//! open files run out. Knows neither the service nor what is done with the file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::blocking::{Heartbeat, run_blocking};
use crate::body::{BodyFault, LocalFile, hash_file};
use crate::event::Event;
use crate::model::{ErrorCode, FileStamp, FileVersion, RowFailure, Sha256};
use crate::pipeline::concurrency::Slot;
use crate::pipeline::context::RunContext;

/// How long an opened file is taken for the one at its path: the time between asking for an asset
/// and sending to it, when nothing has to be waited for. Whatever happens to it meanwhile, the body
/// notices, or the comparison after it.
const FRESH: Duration = Duration::from_secs(1);

/// How long a file is left alone when the system had no open files to give, at a retry delay of one
/// second.
const SHORTAGE_PAUSE: Duration = Duration::from_secs(1);

/// One file, and the upload slot it is read under.
pub(super) struct LocalAccess<S> {
    context: Arc<RunContext<S>>,
    path: PathBuf,
    /// The file as it was seen last.
    version: Option<FileVersion>,
    slot: Option<Slot>,
    /// The file as it was opened last, with when: for a step that follows at once.
    opened: Option<(LocalFile, Instant)>,
}

impl<S> LocalAccess<S> {
    pub(super) fn new(
        context: Arc<RunContext<S>>,
        path: PathBuf,
        version: Option<FileVersion>,
        slot: Slot,
    ) -> Self {
        Self {
            context,
            path,
            version,
            slot: Some(slot),
            opened: None,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn version(&self) -> Option<FileVersion> {
        self.version
    }

    /// The size as it was seen last; 0 for a file that is gone.
    pub(super) fn size(&self) -> u64 {
        self.version.map_or(0, |version| version.size)
    }

    /// Leaves the upload slot to another file.
    pub(super) fn release_slot(&mut self) {
        self.slot = None;
    }

    /// Leaves an opened file open for a step that follows at once.
    pub(super) fn leave_open(&mut self, file: LocalFile, opened_at: Instant) {
        self.opened = Some((file, opened_at));
    }

    pub(super) fn close(&mut self) {
        self.opened = None;
    }

    /// Takes an upload slot, where none is held, and opens the file. `Ok(None)`: the run is stopping.
    pub(super) async fn open(&mut self) -> Result<Option<LocalFile>, RowFailure> {
        loop {
            // Before the file: no more are open at once than are sent.
            if self.slot.is_none() {
                self.slot = self.context.concurrency.acquire().await;
            }
            if let Some((file, at)) = self.opened.take()
                && at.elapsed() < FRESH
            {
                return Ok(Some(file));
            }
            let Some(opened) = self.open_path().await else {
                return Ok(None);
            };
            match opened {
                Ok(file) if file.stamp().size == 0 => {
                    let text = "the file has become empty";
                    return Err(RowFailure::new(ErrorCode::Empty, text));
                }
                Ok(file) => {
                    self.version = Some(FileVersion::from(file.stamp()));
                    return Ok(Some(file));
                }
                Err(failure) if failure.code == ErrorCode::NoDescriptors => {
                    if !self.wait_for_descriptors().await {
                        return Ok(None);
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn open_path(&self) -> Option<Result<LocalFile, RowFailure>> {
        let path = self.path.clone();
        run_blocking(&self.context.shutdown, move |_| LocalFile::open(&path)).await
    }

    /// Reads and hashes the file. `Ok(None)`: the run's end broke that off.
    pub(super) async fn hash(&mut self) -> Result<Option<(FileStamp, Sha256)>, RowFailure> {
        loop {
            let path = self.path.clone();
            let read = run_blocking(&self.context.shutdown, move |heartbeat| {
                hash_file(&path, &|| heartbeat.beat())
            });
            match read.await {
                None => return Ok(None),
                Some(Err(failure)) if failure.code == ErrorCode::NoDescriptors => {
                    if !self.wait_for_descriptors().await {
                        return Ok(None);
                    }
                }
                Some(read) => return read,
            }
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
            () = tokio::time::sleep(self.context.retry.scaled(SHORTAGE_PAUSE)) => true,
            () = self.context.shutdown.draining().cancelled() => false,
        }
    }

    /// What has become of the file since it looked like `sent`. A file that is gone has not changed.
    pub(super) async fn changed_since(&mut self, sent: &FileStamp) -> Option<BodyFault> {
        let now = self.stamp().await?;
        let what = now.outdates(sent)?;
        self.version = Some(FileVersion::from(&now));
        Some(BodyFault::Changed(what))
    }

    /// What stands at the file's path now; `None` when that cannot be found out.
    async fn stamp(&self) -> Option<FileStamp> {
        let path = self.path.clone();
        let stat = move |_: &Heartbeat| Ok(std::fs::metadata(path).ok());
        let meta = run_blocking(&self.context.shutdown, stat).await?.ok()??;
        Some(FileStamp::of(&meta))
    }
}
