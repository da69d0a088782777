//! A run's timeline, computed from its events and sampled on a beat. Pure: the caller passes the time.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use tokio::time::Instant;

use super::buckets::Buckets;
use super::slowest::Slowest;
use super::tracker::FileTracker;
use crate::event::Event;
use crate::ledger::{Status, TimelineChange};
use crate::model::Endpoint;

/// What is known of a run so far.
#[derive(Debug)]
pub(crate) struct Timeline {
    buckets: Buckets,
    files: HashMap<PathBuf, FileTracker>,
    confirming: u32,
    /// Hosts that do not answer.
    down: HashSet<String>,
    slowest: Slowest,
    is_idle: bool,
}

impl Timeline {
    pub(crate) fn new(start: Instant) -> Self {
        Self {
            buckets: Buckets::new(start),
            files: HashMap::new(),
            confirming: 0,
            down: HashSet::new(),
            slowest: Slowest::default(),
            is_idle: true,
        }
    }

    /// Receives what happened, at `now`.
    pub(crate) fn observe(&mut self, event: &Event, now: Instant) {
        let now = self.advance(now);
        match event {
            Event::Signing { path } | Event::Abandoned { path, .. } => self.wait(path, now),
            Event::Sending {
                path,
                size,
                progress,
                ..
            } => self.change_file(path, now, |file| file.upload(*size, progress, now)),
            Event::Sent { path, .. } => {
                self.buckets.now().sent += 1;
                self.confirm(path, now);
            }
            Event::Shared {
                path, confirmed, ..
            } if !confirmed => self.confirm(path, now),
            Event::Retrying { path, .. } => {
                self.buckets.now().retries += 1;
                let file = self.files.get(path);
                if file.is_some_and(|file| !file.is_uploaded()) {
                    self.wait(path, now);
                }
            }
            Event::Confirmed { path, .. } | Event::Shared { path, .. } => {
                self.buckets.now().confirmed += 1;
                self.end(path, Status::Success, now);
            }
            Event::Failed { path, .. } => {
                self.buckets.now().failed += 1;
                self.end(path, Status::Failed, now);
            }
            Event::Pending { path, .. } => self.end(path, Status::Pending, now),
            // Its second pass is counted as a file of its own.
            Event::Deferred { path, .. } | Event::Suspended { path } => drop(self.take(path, now)),
            Event::Polled { .. } => self.buckets.now().polls += 1,
            Event::Throttled { endpoint, .. } => self.throttled(*endpoint),
            Event::ServiceDown { host } => drop(self.down.insert(host.clone())),
            Event::ServiceUp { host } => drop(self.down.remove(host)),
            // Rows that are only listed are no work of the run.
            _ => return,
        }
        self.is_idle = false;
    }

    /// Counts the bytes and the time of files in progress.
    pub(crate) fn beat(&mut self, now: Instant) {
        let now = self.advance(now);
        for file in self.files.values_mut().filter(|file| !file.is_uploaded()) {
            file.count(&mut self.buckets, now);
        }
    }

    /// What is new since the last call; nothing while the run has done nothing.
    pub(crate) fn change(&mut self) -> Option<TimelineChange> {
        if self.is_idle {
            return None;
        }
        Some(self.buckets.change(self.slowest.changed()))
    }

    /// Counts the time of what waits for the service; returns the moment up to which it did.
    fn advance(&mut self, now: Instant) -> Instant {
        let (from, now) = self.buckets.reach(now);
        let (confirming, down) = (u64::from(self.confirming), !self.down.is_empty());
        self.buckets.spend(from, now, |bucket, time| {
            bucket.confirming_ms += confirming * time;
            bucket.down_ms += u64::from(down) * time;
        });
        now
    }

    /// Removes a file, with all of it counted.
    fn take(&mut self, path: &Path, now: Instant) -> Option<FileTracker> {
        let mut file = self.files.remove(path)?;
        if file.is_uploaded() {
            self.confirming -= 1;
        } else {
            file.count(&mut self.buckets, now);
        }
        Some(file)
    }

    fn change_file(&mut self, path: &Path, now: Instant, change: impl FnOnce(&mut FileTracker)) {
        let file = self.take(path, now);
        let mut file = file.unwrap_or_else(|| FileTracker::new(now));
        change(&mut file);
        self.confirming += u32::from(file.is_uploaded());
        self.files.insert(path.to_owned(), file);
    }

    fn wait(&mut self, path: &Path, now: Instant) {
        self.change_file(path, now, |file| file.wait(now));
    }

    fn confirm(&mut self, path: &Path, now: Instant) {
        self.change_file(path, now, |file| file.confirm(now));
    }

    fn end(&mut self, path: &Path, status: Status, now: Instant) {
        if let Some(file) = self.take(path, now) {
            let file = file.finish(path.to_owned(), status, &self.buckets, now);
            self.slowest.offer(file);
        }
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

#[cfg(test)]
mod tests;
