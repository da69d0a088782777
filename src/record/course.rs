//! How a run goes, kept small: heard from its events, sampled on a beat, told in slots of its own time.
//!
//! Pure: it is told the time and reads no clock. A slot begins a quarter of a second long; before
//! there are more than 512 of them, two become one, so that a run of a month has as many as one of a
//! minute. Times are summed in microseconds, and rounded once, when they are written down.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use super::slowest::Slowest;
use crate::api::Endpoint;
use crate::body::Transit;
use crate::event::Event;
use crate::ledger::{CourseChange, Outcome, Slot, SlowFile};

/// The first length of a slot; also the beat on which the bytes under way are counted.
pub(crate) const BEAT: Duration = Duration::from_millis(250);

/// The most slots a run has.
const MOST: usize = 512;

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
    Uploading(Transit, u64),
    Confirming {
        since: Instant,
    },
}

impl Way {
    fn is_up(&self) -> bool {
        matches!(self.stage, Stage::Confirming { .. })
    }
}

/// What is known of a run so far.
#[derive(Debug)]
pub(crate) struct Course {
    start: Instant,
    /// Up to here the time that concerns no file by itself is in the slots.
    counted: Instant,
    slot: Duration,
    /// Times in it are microseconds.
    slots: Vec<Slot>,
    /// The first slot that changed since the last was taken.
    changed: usize,
    files: HashMap<PathBuf, Way>,
    confirming: u32,
    away: HashSet<String>,
    slowest: Slowest,
    is_idle: bool,
}

impl Course {
    pub(crate) fn new(start: Instant) -> Self {
        Self {
            start,
            counted: start,
            slot: BEAT,
            slots: vec![Slot::default()],
            changed: 0,
            files: HashMap::new(),
            confirming: 0,
            away: HashSet::new(),
            slowest: Slowest::default(),
            is_idle: true,
        }
    }

    /// Hears what happened, at `now`.
    pub(crate) fn hear(&mut self, event: &Event, now: Instant) {
        let now = self.advance(now);
        match event {
            Event::Signing { path } | Event::Abandoned { path, .. } => self.wait(path, now),
            Event::Sending {
                path,
                size,
                transit,
                ..
            } => self.upload(path, *size, transit, now),
            Event::Sent { path, .. } => {
                self.now().sent += 1;
                self.confirm(path, now);
            }
            Event::Shared {
                path, confirmed, ..
            } if !confirmed => self.confirm(path, now),
            Event::Retrying { path, .. } => {
                self.now().retries += 1;
                let way = self.files.get(path);
                if way.is_some_and(|way| !way.is_up()) {
                    self.wait(path, now);
                }
            }
            Event::Confirmed { path, .. } | Event::Shared { path, .. } => {
                self.now().confirmed += 1;
                self.end(path, Some(Outcome::Confirmed), now);
            }
            Event::Failed { path, .. } => {
                self.now().failed += 1;
                self.end(path, Some(Outcome::Failed), now);
            }
            Event::Pending { path, .. } => self.end(path, Some(Outcome::Pending), now),
            // Its second pass is a way of its own.
            Event::Deferred { path, .. } | Event::Parked { path } => self.end(path, None, now),
            Event::Looked { .. } => self.now().looks += 1,
            Event::Throttled { endpoint, .. } => self.throttled(*endpoint),
            Event::Away { host } => drop(self.away.insert(host.clone())),
            Event::Back { host } => drop(self.away.remove(host)),
            // Rows that are only listed are no work of the run.
            _ => return,
        }
        self.is_idle = false;
    }

    /// Counts the bytes and the time of what is under way.
    pub(crate) fn beat(&mut self, now: Instant) {
        let now = self.advance(now);
        let mut files = std::mem::take(&mut self.files);
        let ways = files.values_mut().filter(|way| !way.is_up());
        ways.for_each(|way| self.count(way, now));
        self.files = files;
    }

    /// What is new since this was asked last; nothing while the run has done nothing.
    pub(crate) fn change(&mut self) -> Option<CourseChange> {
        if self.is_idle {
            return None;
        }
        let from = std::mem::replace(&mut self.changed, self.slots.len() - 1);
        let in_milliseconds = |slot: &Slot| Slot {
            waiting_ms: slot.waiting_ms / 1000,
            sending_ms: slot.sending_ms / 1000,
            confirming_ms: slot.confirming_ms / 1000,
            away_ms: slot.away_ms / 1000,
            ..*slot
        };
        Some(CourseChange {
            took_ms: self.milliseconds(self.counted),
            slot_ms: u64::try_from(self.slot.as_millis()).unwrap_or(u64::MAX),
            from: from as u64,
            slots: self.slots[from..].iter().map(in_milliseconds).collect(),
            slowest: self.slowest.changed(),
        })
    }

    /// Makes sure that `now` has a slot, and counts the time of what waits for the service. A beat
    /// tells when it was due, which may be before what was heard last: then nothing moves.
    fn advance(&mut self, now: Instant) -> Instant {
        let now = now.max(self.counted);
        while self.number(now) >= MOST {
            self.double();
        }
        let last = self.number(now);
        if last >= self.slots.len() {
            self.slots.resize(last + 1, Slot::default());
        }
        let from = std::mem::replace(&mut self.counted, now);
        let (confirming, away) = (u64::from(self.confirming), !self.away.is_empty());
        self.spend(from, now, |slot, time| {
            slot.confirming_ms += confirming * time;
            slot.away_ms += u64::from(away) * time;
        });
        now
    }

    fn double(&mut self) {
        let merged = self.slots.chunks(2).map(|pair| {
            let mut slot = pair[0];
            pair[1..].iter().for_each(|other| slot.add(other));
            slot
        });
        self.slots = merged.collect();
        self.slot *= 2;
        self.changed = 0;
    }

    /// Shares the time between two moments out to the slots that it lies in.
    fn spend(&mut self, from: Instant, to: Instant, add: impl Fn(&mut Slot, u64)) {
        let (first, last) = (self.number(from), self.number(to));
        self.changed = self.changed.min(first);
        for no in first..=last {
            let begin = self.start + self.slot * u32::try_from(no).unwrap_or(u32::MAX);
            let time = to.min(begin + self.slot).duration_since(from.max(begin));
            if let Some(slot) = self.slots.get_mut(no) {
                add(slot, u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
            }
        }
    }

    fn number(&self, at: Instant) -> usize {
        let no = at.duration_since(self.start).as_micros() / self.slot.as_micros();
        usize::try_from(no).unwrap_or(usize::MAX)
    }

    fn now(&mut self) -> &mut Slot {
        let no = self.number(self.counted).min(self.slots.len() - 1);
        &mut self.slots[no]
    }

    /// Counts the bytes and the time of one file that is not up yet.
    fn count(&mut self, way: &mut Way, now: Instant) {
        let from = std::mem::replace(&mut way.counted, now);
        let begun = match &mut way.stage {
            Stage::Uploading(transit, counted) => {
                let taken = transit.file_bytes_taken();
                self.now().bytes += taken.saturating_sub(std::mem::replace(counted, taken));
                transit.begun_at()
            }
            _ => None,
        };
        way.sending = begun.or(way.sending);
        let turn = begun.map_or(now, |at| at.clamp(from, now));
        self.spend(from, turn, |slot, time| slot.waiting_ms += time);
        self.spend(turn, now, |slot, time| slot.sending_ms += time);
    }

    /// Takes a file's way out, with all of it counted.
    fn take(&mut self, path: &Path, now: Instant) -> Option<Way> {
        let mut way = self.files.remove(path)?;
        match way.stage {
            Stage::Confirming { .. } => self.confirming -= 1,
            _ => self.count(&mut way, now),
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

    fn upload(&mut self, path: &Path, size: u64, transit: &Transit, now: Instant) {
        let way = self.way(path, now);
        let stage = Stage::Uploading(transit.clone(), 0);
        self.files
            .insert(path.to_owned(), Way { size, stage, ..way });
    }

    fn confirm(&mut self, path: &Path, now: Instant) {
        let way = self.way(path, now);
        let stage = Stage::Confirming { since: now };
        self.confirming += 1;
        self.files.insert(path.to_owned(), Way { stage, ..way });
    }

    fn end(&mut self, path: &Path, outcome: Option<Outcome>, now: Instant) {
        let (Some(way), Some(outcome)) = (self.take(path, now), outcome) else {
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
            begun_ms: self.milliseconds(way.begun),
            sending_ms: self.milliseconds(sending),
            sent_ms: self.milliseconds(sent),
            ended_ms: self.milliseconds(now),
            outcome,
        });
    }

    fn throttled(&mut self, endpoint: Endpoint) {
        let index = match endpoint {
            Endpoint::Sign | Endpoint::Delete => 0,
            Endpoint::Send | Endpoint::Direct => 1,
            Endpoint::Status | Endpoint::Download => 2,
        };
        self.now().throttles[index] += 1;
    }

    fn milliseconds(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.start).as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
