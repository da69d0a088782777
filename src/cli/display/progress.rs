//! The state of a run, gathered from its events: where each file is, what is left, what is down.
//!
//! Pure: it neither draws nor reads a clock.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use mavi_upload::event::{BodyProgress, Event};
use mavi_upload::model::{Endpoint, Rates};

#[derive(Debug, Clone)]
enum FileStage {
    /// Waits for an asset, for a pause to end, or for another file's bytes. Its size is known once it
    /// was sent.
    Preparing(Option<u64>),
    Sending(ActiveUpload),
    /// The service processes it: its own bytes, or those of another file.
    Processing {
        size: u64,
        is_shared: bool,
    },
}

/// One upload in flight.
#[derive(Debug, Clone)]
pub(crate) struct ActiveUpload {
    pub(crate) size: u64,
    pub(crate) progress: BodyProgress,
    pub(crate) since: Instant,
}

/// Everything that is known of a run. Bytes are those of files, without the form around them.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunProgress {
    files: HashMap<PathBuf, FileStage>,
    /// Input rows so far; final once `listed`.
    pub(crate) rows: u64,
    pub(crate) listed: bool,
    /// Rows that name a file of an earlier row.
    pub(crate) duplicates: u64,
    /// Rows that were refused before any call; they are among the failed.
    refused: u64,
    /// Files that need work, and the bytes of those that are uploaded or may still be.
    todo: u64,
    bytes: u64,
    /// Files of which nothing is left to send, and the bytes of those that are uploaded.
    settled: u64,
    bytes_uploaded: u64,
    /// Files that the service confirmed in this run, and rows that were done before.
    pub(crate) confirmed: u64,
    skipped: u64,
    pub(crate) failed: u64,
    pub(crate) pending: u64,
    /// Files that wait for their second try, at the end.
    deferred: HashSet<PathBuf>,
    pub(crate) polls: u64,
    pub(crate) throttles: u64,
    /// Calls a second at present; 0 for no limit.
    pub(crate) rates: Rates,
    /// Hosts that cannot be reached.
    pub(crate) down: Vec<String>,
}

/// Files by stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StageCounts {
    pub(crate) preparing: usize,
    pub(crate) sending: usize,
    pub(crate) processing: usize,
}

impl FileStage {
    /// The bytes that the total has for the file, where they are known.
    fn size(&self) -> Option<u64> {
        match self {
            Self::Preparing(size) => *size,
            Self::Sending(ActiveUpload { size, .. }) | Self::Processing { size, .. } => Some(*size),
        }
    }
}

impl RunProgress {
    pub(crate) fn observe(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Listed(listed) => {
                self.rows += listed.rows;
                self.duplicates += listed.duplicates;
                self.todo += listed.todo;
                self.bytes += listed.bytes;
                self.skipped += listed.skipped;
                self.refused += listed.refused;
            }
            Event::Started { rates, .. } => self.rates = *rates,
            Event::ListingEnded => self.listed = true,
            Event::Polled { .. } => self.polls += 1,
            Event::Throttled { endpoint, rate, .. } => {
                self.throttles += 1;
                self.set_rate(*endpoint, *rate);
            }
            Event::RateRaised { endpoint, rate } => self.set_rate(*endpoint, *rate),
            Event::ServiceDown { host } => self.down.push(host.clone()),
            Event::ServiceUp { host } => self.down.retain(|down| down != host),
            of_a_file => self.observe_file(of_a_file, now),
        }
    }

    fn observe_file(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Signing { path } => self.prepare(path),
            Event::Sending {
                path,
                size,
                progress,
                ..
            } => self.send(path, *size, progress, now),
            Event::Sent { path, size, .. } => {
                self.bytes_uploaded += size;
                self.process(path, *size, false);
            }
            Event::Shared {
                path,
                size,
                confirmed,
                ..
            } => self.share(path, *size, *confirmed),
            Event::Abandoned { path, .. } => self.take_back(path),
            Event::Retrying { path, .. } => {
                if let Some(FileStage::Sending(_)) = self.files.get(path) {
                    self.prepare(path);
                }
            }
            Event::Confirmed { path, .. } => self.end(path, |run| &mut run.confirmed),
            Event::Failed { path, .. } => self.end(path, |run| &mut run.failed),
            Event::Pending { path, .. } => self.end(path, |run| &mut run.pending),
            Event::Deferred { path, .. } => {
                self.take_back(path);
                self.files.remove(path);
                self.deferred.insert(path.clone());
            }
            Event::Suspended { path } => drop(self.files.remove(path)),
            _ => {}
        }
    }

    fn enter(&mut self, path: &Path, stage: FileStage) {
        self.deferred.remove(path);
        self.files.insert(path.to_owned(), stage);
    }

    fn prepare(&mut self, path: &Path) {
        let size = self.files.get(path).and_then(FileStage::size);
        self.enter(path, FileStage::Preparing(size));
    }

    fn send(&mut self, path: &Path, size: u64, progress: &BodyProgress, now: Instant) {
        let upload = ActiveUpload {
            size,
            progress: progress.clone(),
            since: now,
        };
        self.enter(path, FileStage::Sending(upload));
    }

    fn process(&mut self, path: &Path, size: u64, is_shared: bool) {
        self.settled += 1;
        self.enter(path, FileStage::Processing { size, is_shared });
    }

    /// Another file's bytes are this file's too: its own are not sent.
    fn share(&mut self, path: &Path, size: u64, confirmed: bool) {
        self.bytes = self.bytes.saturating_sub(size);
        self.process(path, size, true);
        if confirmed {
            self.end(path, |run| &mut run.confirmed);
        }
    }

    /// What is uploaded is given up: the bytes must be sent again.
    fn take_back(&mut self, path: &Path) {
        if let Some(FileStage::Processing { size, is_shared }) = self.files.get(path) {
            self.settled = self.settled.saturating_sub(1);
            if *is_shared {
                self.bytes += size;
            } else {
                self.bytes_uploaded = self.bytes_uploaded.saturating_sub(*size);
            }
        }
        self.prepare(path);
    }

    /// A file's end. One that is not uploaded by then never will be, in this run.
    fn end(&mut self, path: &Path, count: impl FnOnce(&mut Self) -> &mut u64) {
        self.deferred.remove(path);
        let stage = self.files.remove(path);
        if !matches!(stage, Some(FileStage::Processing { .. })) {
            self.settled += 1;
            let size = stage.as_ref().and_then(FileStage::size);
            self.bytes = self.bytes.saturating_sub(size.unwrap_or_default());
        }
        *count(self) += 1;
    }

    fn set_rate(&mut self, endpoint: Endpoint, rate: f64) {
        match endpoint {
            Endpoint::Sign => self.rates.sign = rate,
            Endpoint::Send | Endpoint::Direct => self.rates.upload = rate,
            Endpoint::Status => self.rates.poll = rate,
            Endpoint::Delete | Endpoint::Download => {}
        }
    }

    /// Files that the rows name.
    pub(crate) fn files(&self) -> u64 {
        self.rows.saturating_sub(self.duplicates)
    }

    /// Rows that ended well: in this run, or before it.
    pub(crate) fn done(&self) -> u64 {
        self.confirmed + self.skipped
    }

    pub(crate) fn stages(&self) -> StageCounts {
        let mut stages = StageCounts::default();
        for stage in self.files.values() {
            match stage {
                FileStage::Preparing(_) => stages.preparing += 1,
                FileStage::Sending(_) => stages.sending += 1,
                FileStage::Processing { .. } => stages.processing += 1,
            }
        }
        stages
    }

    /// Files that wait for their second try.
    pub(crate) fn deferred(&self) -> u64 {
        self.deferred.len() as u64
    }

    /// Bytes that left so far, of files that are uploaded and of those in flight.
    pub(crate) fn bytes_sent(&self) -> u64 {
        let in_flight = self
            .uploads()
            .map(|(_, upload)| upload.progress.file_bytes_taken());
        self.bytes_uploaded + in_flight.sum::<u64>()
    }

    /// Bytes to send in all. Those of files that failed count no more, where it was known how many
    /// they are, and at the latest when nothing is left to send.
    pub(crate) fn bytes(&self) -> u64 {
        let sent = self.bytes_sent();
        if self.listed && self.files_left() == 0 {
            sent
        } else {
            self.bytes.max(sent)
        }
    }

    /// Files whose bytes are still to be sent whole.
    pub(crate) fn files_left(&self) -> u64 {
        self.todo
            .saturating_sub(self.settled.saturating_sub(self.refused))
    }

    /// Files that a status check must still confirm.
    pub(crate) fn confirmations_left(&self) -> u64 {
        let ended = self.confirmed + self.failed + self.pending;
        self.todo.saturating_sub(ended.saturating_sub(self.refused))
    }

    /// The uploads in flight.
    pub(crate) fn uploads(&self) -> impl Iterator<Item = (&PathBuf, &ActiveUpload)> {
        self.files.iter().filter_map(|(path, stage)| match stage {
            FileStage::Sending(upload) => Some((path, upload)),
            FileStage::Preparing(_) | FileStage::Processing { .. } => None,
        })
    }
}
