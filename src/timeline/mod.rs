//! How a run goes, kept small: heard from its events, sampled on a beat, told in slots of its own time.
//!
//! Pure: it is told the time and reads no clock.

mod buckets;
mod slowest;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use tokio::time::Instant;

use crate::body::BodyProgress;
use crate::event::Event;
use crate::ledger::{SlowFile, Status, TimelineChange};
use crate::model::Endpoint;
pub(crate) use buckets::BEAT;
use buckets::Buckets;
use slowest::Slowest;

/// A file on its way.
#[derive(Debug)]
struct Way {
    /// Up to here its time is in the slots.
    counted: Instant,
    begun: Instant,
    sending: Option<Instant>,
    size: u64,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Waiting,
    /// Its bytes wait to go, or go: so many of them are in the slots.
    Uploading(BodyProgress, u64),
    Confirming {
        since: Instant,
    },
}

impl Way {
    fn is_up(&self) -> bool {
        matches!(self.stage, Stage::Confirming { .. })
    }

    /// Counts the bytes and the time up to now, of a file that is not up yet.
    fn count(&mut self, buckets: &mut Buckets, now: Instant) {
        let from = std::mem::replace(&mut self.counted, now);
        let begun = match &mut self.stage {
            Stage::Uploading(progress, counted) => {
                let taken = progress.file_bytes_taken();
                buckets.now().bytes += taken.saturating_sub(std::mem::replace(counted, taken));
                progress.begun_at()
            }
            _ => None,
        };
        self.sending = begun.or(self.sending);
        let turn = begun.map_or(now, |at| at.clamp(from, now));
        buckets.spend(from, turn, |bucket, time| bucket.waiting_ms += time);
        buckets.spend(turn, now, |bucket, time| bucket.sending_ms += time);
    }
}

/// What is known of a run so far.
#[derive(Debug)]
pub(crate) struct Timeline {
    buckets: Buckets,
    files: HashMap<PathBuf, Way>,
    confirming: u32,
    away: HashSet<String>,
    slowest: Slowest,
    is_idle: bool,
}

impl Timeline {
    pub(crate) fn new(start: Instant) -> Self {
        Self {
            buckets: Buckets::new(start),
            files: HashMap::new(),
            confirming: 0,
            away: HashSet::new(),
            slowest: Slowest::default(),
            is_idle: true,
        }
    }

    /// Hears what happened, at `now`.
    pub(crate) fn observe(&mut self, event: &Event, now: Instant) {
        let now = self.advance(now);
        match event {
            Event::Signing { path } | Event::Abandoned { path, .. } => self.wait(path, now),
            Event::Sending {
                path,
                size,
                progress,
                ..
            } => self.upload(path, *size, progress, now),
            Event::Sent { path, .. } => {
                self.buckets.now().sent += 1;
                self.confirm(path, now);
            }
            Event::Shared {
                path, confirmed, ..
            } if !confirmed => self.confirm(path, now),
            Event::Retrying { path, .. } => {
                self.buckets.now().retries += 1;
                let way = self.files.get(path);
                if way.is_some_and(|way| !way.is_up()) {
                    self.wait(path, now);
                }
            }
            Event::Confirmed { path, .. } | Event::Shared { path, .. } => {
                self.buckets.now().confirmed += 1;
                self.end(path, Some(Status::Success), now);
            }
            Event::Failed { path, .. } => {
                self.buckets.now().failed += 1;
                self.end(path, Some(Status::Failed), now);
            }
            Event::Pending { path, .. } => self.end(path, Some(Status::Pending), now),
            // Its second pass is a way of its own.
            Event::Deferred { path, .. } | Event::Suspended { path } => self.end(path, None, now),
            Event::Polled { .. } => self.buckets.now().polls += 1,
            Event::Throttled { endpoint, .. } => self.throttled(*endpoint),
            Event::ServiceDown { host } => drop(self.away.insert(host.clone())),
            Event::ServiceUp { host } => drop(self.away.remove(host)),
            // Rows that are only listed are no work of the run.
            _ => return,
        }
        self.is_idle = false;
    }

    /// Counts the bytes and the time of what is under way.
    pub(crate) fn beat(&mut self, now: Instant) {
        let now = self.advance(now);
        for way in self.files.values_mut().filter(|way| !way.is_up()) {
            way.count(&mut self.buckets, now);
        }
    }

    /// What is new since this was asked last; nothing while the run has done nothing.
    pub(crate) fn change(&mut self) -> Option<TimelineChange> {
        if self.is_idle {
            return None;
        }
        Some(self.buckets.change(self.slowest.changed()))
    }

    /// Counts the time of what waits for the service; gives the moment up to which it did.
    fn advance(&mut self, now: Instant) -> Instant {
        let (from, now) = self.buckets.reach(now);
        let (confirming, away) = (u64::from(self.confirming), !self.away.is_empty());
        self.buckets.spend(from, now, |bucket, time| {
            bucket.confirming_ms += confirming * time;
            bucket.down_ms += u64::from(away) * time;
        });
        now
    }

    /// Takes a file's way out, with all of it counted.
    fn take(&mut self, path: &Path, now: Instant) -> Option<Way> {
        let mut way = self.files.remove(path)?;
        match way.stage {
            Stage::Confirming { .. } => self.confirming -= 1,
            _ => way.count(&mut self.buckets, now),
        }
        Some(way)
    }

    fn way(&mut self, path: &Path, now: Instant) -> Way {
        self.take(path, now).unwrap_or(Way {
            counted: now,
            begun: now,
            sending: None,
            size: 0,
            stage: Stage::Waiting,
        })
    }

    fn wait(&mut self, path: &Path, now: Instant) {
        let way = self.way(path, now);
        let (counted, stage) = (now, Stage::Waiting);
        let way = Way {
            counted,
            stage,
            ..way
        };
        self.files.insert(path.to_owned(), way);
    }

    fn upload(&mut self, path: &Path, size: u64, progress: &BodyProgress, now: Instant) {
        let way = self.way(path, now);
        let stage = Stage::Uploading(progress.clone(), 0);
        self.files
            .insert(path.to_owned(), Way { size, stage, ..way });
    }

    fn confirm(&mut self, path: &Path, now: Instant) {
        let way = self.way(path, now);
        let stage = Stage::Confirming { since: now };
        self.confirming += 1;
        self.files.insert(path.to_owned(), Way { stage, ..way });
    }

    fn end(&mut self, path: &Path, status: Option<Status>, now: Instant) {
        let (Some(way), Some(status)) = (self.take(path, now), status) else {
            return;
        };
        let sent = match way.stage {
            Stage::Confirming { since } => since,
            _ => now,
        };
        let sending = way.sending.unwrap_or(sent).clamp(way.begun, sent);
        self.slowest.offer(SlowFile {
            path: path.to_owned(),
            size: way.size,
            begun_ms: self.buckets.milliseconds(way.begun),
            sending_ms: self.buckets.milliseconds(sending),
            sent_ms: self.buckets.milliseconds(sent),
            ended_ms: self.buckets.milliseconds(now),
            status,
        });
    }

    fn throttled(&mut self, endpoint: Endpoint) {
        let index = match endpoint {
            Endpoint::Sign | Endpoint::Delete => 0,
            Endpoint::Send | Endpoint::Direct => 1,
            Endpoint::Status | Endpoint::Download => 2,
        };
        self.buckets.now().throttles[index] += 1;
    }
}
