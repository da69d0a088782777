//! What is known of a run, counted from its events: who is where, what is left, what holds it up.
//!
//! Pure: it hears events and tells numbers. It neither draws nor reads a clock.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use mavi_upload::body::BodyProgress;
use mavi_upload::event::Event;
use mavi_upload::model::{Endpoint, Rates};

/// Where a file is on its way.
#[derive(Debug, Clone)]
pub(crate) enum FileStage {
    /// Waits for an asset, for a pause to end, or for another file's bytes. Its size is known once it
    /// was on its way.
    Signing(Option<u64>),
    /// Its bytes are on their way.
    Sending(ActiveUpload),
    /// The service processes it: its own bytes, or those of another file.
    Confirming(Bytes),
}

/// What an asset holds that is being confirmed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bytes {
    Own(u64),
    Shared(u64),
}

/// One upload in flight.
#[derive(Debug, Clone)]
pub(crate) struct ActiveUpload {
    pub(crate) size: u64,
    pub(crate) progress: BodyProgress,
    pub(crate) since: Instant,
}

/// Everything that is known. Bytes are those of files, without the frame around them.
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
    /// Files that need work, and the bytes of those that are up or may still get there.
    pub(crate) todo: u64,
    bytes: u64,
    /// Files of which nothing is left to send, and the bytes of those that are up.
    settled: u64,
    bytes_up: u64,
    /// Files of this run that the service confirmed, and rows that were done before.
    pub(crate) confirmed: u64,
    pub(crate) skipped: u64,
    pub(crate) failed: u64,
    pub(crate) pending: u64,
    /// Files that wait for their second try, at the end.
    deferred: HashSet<PathBuf>,
    pub(crate) looks: u64,
    pub(crate) throttles: u64,
    /// Calls a second at present; 0 for no limit.
    pub(crate) rates: Rates,
    /// Sides of the service that do not answer.
    pub(crate) away: Vec<String>,
}

/// Files by stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StageCounts {
    pub(crate) signing: usize,
    pub(crate) sending: usize,
    pub(crate) confirming: usize,
}

impl FileStage {
    /// The bytes that the total has for the file, where they are known.
    fn size(&self) -> Option<u64> {
        match self {
            Self::Signing(size) => *size,
            Self::Sending(upload) => Some(upload.size),
            Self::Confirming(Bytes::Own(size) | Bytes::Shared(size)) => Some(*size),
        }
    }
}

impl RunProgress {
    /// Hears what happened, at `now`.
    pub(crate) fn hear(&mut self, event: &Event, now: Instant) {
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
            Event::Signing { path } => self.sign(path),
            Event::Sending {
                path,
                size,
                progress,
                ..
            } => {
                let upload = ActiveUpload {
                    size: *size,
                    progress: progress.clone(),
                    since: now,
                };
                self.enter(path, FileStage::Sending(upload));
            }
            Event::Sent { path, size, .. } => {
                self.settled += 1;
                self.bytes_up += size;
                self.enter(path, FileStage::Confirming(Bytes::Own(*size)));
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
                    self.sign(path);
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
            Event::Polled { .. } => self.looks += 1,
            Event::Throttled { endpoint, rate, .. } => {
                self.throttles += 1;
                self.set_rate(*endpoint, *rate);
            }
            Event::Pace { endpoint, rate } => self.set_rate(*endpoint, *rate),
            Event::ServiceDown { host } => self.away.push(host.clone()),
            Event::ServiceUp { host } => self.away.retain(|away| away != host),
            _ => {}
        }
    }

    fn enter(&mut self, path: &Path, stage: FileStage) {
        self.deferred.remove(path);
        self.files.insert(path.to_owned(), stage);
    }

    fn sign(&mut self, path: &Path) {
        let size = self.files.get(path).and_then(FileStage::size);
        self.enter(path, FileStage::Signing(size));
    }

    /// Another file's bytes are this file's too: its own are not sent.
    fn share(&mut self, path: &Path, size: u64, confirmed: bool) {
        self.settled += 1;
        self.bytes = self.bytes.saturating_sub(size);
        self.enter(path, FileStage::Confirming(Bytes::Shared(size)));
        if confirmed {
            self.end(path, |run| &mut run.confirmed);
        }
    }

    /// What is up is given up: the bytes must be sent again.
    fn take_back(&mut self, path: &Path) {
        if let Some(FileStage::Confirming(bytes)) = self.files.get(path) {
            self.settled = self.settled.saturating_sub(1);
            match bytes {
                Bytes::Own(size) => self.bytes_up = self.bytes_up.saturating_sub(*size),
                Bytes::Shared(size) => self.bytes += size,
            }
        }
        self.sign(path);
    }

    /// A file's end. One that is not up by then never will be, in this run.
    fn end(&mut self, path: &Path, count: impl FnOnce(&mut Self) -> &mut u64) {
        self.deferred.remove(path);
        let stage = self.files.remove(path);
        if !matches!(stage, Some(FileStage::Confirming(_))) {
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

    /// How many files are where.
    pub(crate) fn stages(&self) -> StageCounts {
        let mut stages = StageCounts::default();
        for stage in self.files.values() {
            match stage {
                FileStage::Signing(_) => stages.signing += 1,
                FileStage::Sending(_) => stages.sending += 1,
                FileStage::Confirming(_) => stages.confirming += 1,
            }
        }
        stages
    }

    /// Files that wait for their second try.
    pub(crate) fn deferred(&self) -> u64 {
        self.deferred.len() as u64
    }

    /// Bytes that left so far: of files that are up, and of those on their way.
    pub(crate) fn bytes_sent(&self) -> u64 {
        let on_their_way = self
            .uploads()
            .map(|(_, upload)| upload.progress.file_bytes_taken());
        self.bytes_up + on_their_way.sum::<u64>()
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

    /// Files that a look must still confirm.
    pub(crate) fn looks_left(&self) -> u64 {
        let ended = self.confirmed + self.failed + self.pending;
        self.todo.saturating_sub(ended.saturating_sub(self.refused))
    }

    /// The uploads in flight.
    pub(crate) fn uploads(&self) -> impl Iterator<Item = (&PathBuf, &ActiveUpload)> {
        self.files.iter().filter_map(|(path, stage)| match stage {
            FileStage::Sending(upload) => Some((path, upload)),
            FileStage::Signing(_) | FileStage::Confirming(_) => None,
        })
    }
}
