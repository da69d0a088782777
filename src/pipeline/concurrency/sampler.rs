//! What the uploads under way do, sampled from their counters: bytes, and what they wait for. Draws
//! no conclusion.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::sample::{Sample, WaitCounts};
use crate::body::BodyProgress;

/// An upload that stood still for so long counts as stalled.
const STALLED: Duration = Duration::from_secs(5);

/// The uploads under way.
#[derive(Debug, Default)]
pub(super) struct Sampler(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    under_way: HashMap<u64, Upload>,
    /// Bytes of uploads that ended since the last sample, as far as no sample counted them.
    ended: u64,
    sampled: Option<Instant>,
}

#[derive(Debug)]
struct Upload {
    progress: BodyProgress,
    counted: u64,
    moved: Instant,
}

/// An upload that is watched.
#[derive(Debug)]
pub(in crate::pipeline) struct WatchedUpload<'a> {
    sampler: &'a Sampler,
    number: u64,
}

impl Sampler {
    pub(super) fn watch(&self, progress: &BodyProgress) -> WatchedUpload<'_> {
        let mut state = self.lock();
        state.next += 1;
        let number = state.next;
        let upload = Upload {
            progress: progress.clone(),
            counted: 0,
            moved: Instant::now(),
        };
        state.under_way.insert(number, upload);
        WatchedUpload {
            sampler: self,
            number,
        }
    }

    /// What happened since the last sample. `rate_limited` uploads wait for the account's limits, `taken`
    /// slots are in use.
    pub(super) fn sample(&self, rate_limited: usize, taken: usize) -> Sample {
        let now = Instant::now();
        let mut state = self.lock();
        let mut sample = Sample {
            span: now - state.sampled.replace(now).unwrap_or(now),
            bytes: std::mem::take(&mut state.ended),
            taken,
            waiting: WaitCounts {
                rate_limited,
                ..WaitCounts::default()
            },
            stalled: 0,
        };
        for upload in state.under_way.values_mut() {
            upload.sample(now, &mut sample);
        }
        sample
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload {
    fn sample(&mut self, now: Instant, sample: &mut Sample) {
        let bytes = self.progress.taken();
        let moved = bytes - self.counted;
        sample.bytes += moved;
        self.counted = bytes;
        let (held, starved) = (self.progress.is_throttled(), self.progress.is_starved());
        sample.waiting.held += usize::from(held);
        sample.waiting.starved += usize::from(starved && !held);
        if moved > 0 || held || starved || !self.progress.has_begun() || self.progress.is_complete()
        {
            self.moved = now;
        }
        sample.stalled += usize::from(now - self.moved >= STALLED);
    }
}

impl Drop for WatchedUpload<'_> {
    fn drop(&mut self) {
        let mut state = self.sampler.lock();
        if let Some(upload) = state.under_way.remove(&self.number) {
            state.ended += upload.progress.taken() - upload.counted;
        }
    }
}
