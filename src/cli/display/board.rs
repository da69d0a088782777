//! What is known of a run, counted from its events: who is where, what is left, what holds it up.
//!
//! Pure: it hears events and tells numbers. It neither draws nor reads a clock.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Instant;

use crate::api::Endpoint;
use crate::body::Transit;
use crate::event::Event;
use crate::pace::Rates;

/// Where a file is on its way.
#[derive(Debug, Clone)]
pub(super) enum Stage {
    /// Waits for an asset, for a pause to end, or for another file's bytes.
    Signing,
    /// Its bytes are on their way.
    Sending(Upload),
    /// The service processes it.
    Confirming,
}

/// One upload in flight.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) size: u64,
    pub(super) transit: Transit,
    pub(super) since: Instant,
}

/// Everything that is known. Bytes are those of files, without the frame around them.
#[derive(Debug, Clone, Default)]
pub(super) struct Board {
    files: HashMap<PathBuf, Stage>,
    /// Input rows so far; final once `listed`.
    pub(super) rows: u64,
    pub(super) listed: bool,
    /// Rows that name a file of an earlier row.
    pub(super) duplicates: u64,
    /// Files that need work, and the bytes to send for them.
    pub(super) todo: u64,
    pub(super) bytes: u64,
    /// Files of this run that the service confirmed, and rows that were done before.
    pub(super) confirmed: u64,
    pub(super) skipped: u64,
    pub(super) failed: u64,
    pub(super) pending: u64,
    /// Files that are tried once more at the end.
    pub(super) deferred: u64,
    pub(super) sent: u64,
    /// Files that have the asset of another with the same bytes.
    shared: u64,
    bytes_sent: u64,
    pub(super) looks: u64,
    pub(super) throttles: u64,
    /// Calls a second at present; 0 for no limit.
    pub(super) rates: Rates,
    /// Sides of the service that do not answer.
    pub(super) away: Vec<String>,
}

/// Files by stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stages {
    pub(super) signing: usize,
    pub(super) sending: usize,
    pub(super) confirming: usize,
}

impl Board {
    /// Hears what happened, at `now`.
    pub(super) fn hear(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Listed(listed) => {
                self.rows += listed.rows;
                self.duplicates += listed.duplicates;
                self.todo += listed.todo;
                self.bytes += listed.bytes;
                self.skipped += listed.skipped;
            }
            Event::Started { rates, .. } => self.rates = *rates,
            Event::ListingEnded => self.listed = true,
            Event::Signing { path } | Event::Abandoned { path, .. } => {
                self.files.insert(path.clone(), Stage::Signing);
            }
            Event::Sending {
                path,
                size,
                transit,
                ..
            } => {
                let upload = Upload {
                    size: *size,
                    transit: transit.clone(),
                    since: now,
                };
                self.files.insert(path.clone(), Stage::Sending(upload));
            }
            Event::Sent { path, size, .. } => {
                self.sent += 1;
                self.bytes_sent += size;
                self.files.insert(path.clone(), Stage::Confirming);
            }
            Event::Shared {
                path,
                size,
                confirmed,
                ..
            } => self.share(path, *size, *confirmed),
            Event::Retrying { path, .. } => {
                if let Some(stage @ Stage::Sending(_)) = self.files.get_mut(path) {
                    *stage = Stage::Signing;
                }
            }
            Event::Confirmed { path, .. } => self.end(path, |board| &mut board.confirmed),
            Event::Failed { path, .. } => self.end(path, |board| &mut board.failed),
            Event::Pending { path, .. } => self.end(path, |board| &mut board.pending),
            Event::Deferred { path, .. } => self.end(path, |board| &mut board.deferred),
            Event::Parked { path } => drop(self.files.remove(path)),
            Event::Looked { .. } => self.looks += 1,
            Event::Throttled { endpoint, rate, .. } => {
                self.throttles += 1;
                self.set_rate(*endpoint, *rate);
            }
            Event::Pace { endpoint, rate } => self.set_rate(*endpoint, *rate),
            Event::Away { host } => self.away.push(host.clone()),
            Event::Back { host } => self.away.retain(|away| away != host),
            _ => {}
        }
    }

    /// Another file's bytes are this file's too: its own are not sent.
    fn share(&mut self, path: &PathBuf, size: u64, confirmed: bool) {
        self.shared += 1;
        self.bytes = self.bytes.saturating_sub(size);
        if confirmed {
            self.end(path, |board| &mut board.confirmed);
        } else {
            self.files.insert(path.clone(), Stage::Confirming);
        }
    }

    fn end(&mut self, path: &PathBuf, count: impl FnOnce(&mut Self) -> &mut u64) {
        self.files.remove(path);
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
    pub(super) fn files(&self) -> u64 {
        self.rows.saturating_sub(self.duplicates)
    }

    /// Rows that ended well: in this run, or before it.
    pub(super) fn done(&self) -> u64 {
        self.confirmed + self.skipped
    }

    /// How many files are where.
    pub(super) fn stages(&self) -> Stages {
        let mut stages = Stages::default();
        for stage in self.files.values() {
            match stage {
                Stage::Signing => stages.signing += 1,
                Stage::Sending(_) => stages.sending += 1,
                Stage::Confirming => stages.confirming += 1,
            }
        }
        stages
    }

    /// Bytes that left so far: of files that are up, and of those on their way.
    pub(super) fn bytes_sent(&self) -> u64 {
        let on_their_way = self
            .uploads()
            .map(|(_, upload)| upload.transit.file_bytes_taken());
        self.bytes_sent + on_their_way.sum::<u64>()
    }

    /// Files whose bytes are still to be sent whole.
    pub(super) fn files_left(&self) -> u64 {
        let ended = self.sent + self.shared + self.failed + self.deferred;
        self.todo.saturating_sub(ended)
    }

    /// Files that a look must still confirm.
    pub(super) fn looks_left(&self) -> u64 {
        let ended = self.confirmed + self.failed + self.pending + self.deferred;
        self.todo.saturating_sub(ended)
    }

    /// The uploads in flight.
    pub(super) fn uploads(&self) -> impl Iterator<Item = (&PathBuf, &Upload)> {
        self.files.iter().filter_map(|(path, stage)| match stage {
            Stage::Sending(upload) => Some((path, upload)),
            Stage::Signing | Stage::Confirming => None,
        })
    }
}
