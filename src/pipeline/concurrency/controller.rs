//! Hands upload slots out and takes them back, so that there are as many as were asked for or found.
//! Does not know what an upload is.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{MissedTickBehavior, interval};

use super::hill_climb::HillClimb;
use super::sampler::{Sampler, WatchedUpload};
use super::setting::{Concurrency, MOST, SEED};
use crate::body::BodyProgress;
use crate::event::{Event, Events};

/// How often the line is sampled.
pub(super) const TICK: Duration = Duration::from_millis(500);

/// The slots of a run.
#[derive(Debug)]
pub(crate) struct ConcurrencyController {
    concurrency: Concurrency,
    free: Arc<Semaphore>,
    /// Slots there are, free or taken.
    total: AtomicUsize,
    /// More than this the system cannot bear.
    most: AtomicUsize,
    sampler: Sampler,
}

/// The right to upload; dropping it frees the slot.
#[derive(Debug)]
pub(in crate::pipeline) struct Slot {
    permit: OwnedSemaphorePermit,
}

impl ConcurrencyController {
    /// All of them free.
    pub(crate) fn new(concurrency: Concurrency) -> Self {
        let first = concurrency.first().min(Semaphore::MAX_PERMITS);
        Self {
            concurrency,
            free: Arc::new(Semaphore::new(first)),
            total: AtomicUsize::new(first),
            most: AtomicUsize::new(Semaphore::MAX_PERMITS),
            sampler: Sampler::default(),
        }
    }

    /// Waits for a free slot, first come, first served.
    pub(in crate::pipeline) async fn acquire(&self) -> Option<Slot> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        permit.ok().map(|permit| Slot { permit })
    }

    /// Takes a slot away that the system cannot bear, unless it is the last. Returns whether there are
    /// fewer now.
    pub(in crate::pipeline) fn retire(&self, slot: Slot) -> bool {
        let one_less = |total: usize| (total > 1).then(|| total - 1);
        let lowered = self
            .total
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        if let Ok(total) = lowered {
            self.most.fetch_min(total - 1, Ordering::Relaxed);
            slot.permit.forget();
        }
        lowered.is_ok()
    }

    /// Watches an upload until what this returns is dropped.
    pub(in crate::pipeline) fn watch(&self, progress: &BodyProgress) -> WatchedUpload<'_> {
        self.sampler.watch(progress)
    }

    /// Finds the number that fills the line, for as long as it is polled; a fixed one stays.
    /// `held_back` says how many uploads wait for the account's limits.
    pub(in crate::pipeline) async fn adjust(
        &self,
        events: &Events,
        held_back: impl Fn() -> usize,
    ) -> Infallible {
        if self.concurrency != Concurrency::Auto {
            return std::future::pending().await;
        }
        let mut climb = HillClimb::new(SEED.get(), MOST.get());
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = self.reclaim_one(climb.slots()) => {}
                _ = ticks.tick() => {
                    let sample = self.sampler.sample(held_back(), self.taken());
                    for change in climb.observe(sample) {
                        self.raise_to(change.slots);
                        events.send(Event::Concurrency(change));
                    }
                }
            }
        }
    }

    fn taken(&self) -> usize {
        let total = self.total.load(Ordering::Relaxed);
        total.saturating_sub(self.free.available_permits())
    }

    /// Adds what is missing at once. Fewer are reached one by one, see [`Self::reclaim_one`].
    fn raise_to(&self, wanted: usize) {
        let total = self.total.load(Ordering::Relaxed);
        let wanted = wanted.min(self.most.load(Ordering::Relaxed));
        if let Some(more) = wanted.checked_sub(total) {
            self.free.add_permits(more);
            self.total.store(wanted, Ordering::Relaxed);
        }
    }

    /// Takes one slot too many back once an upload has left it. The semaphore is fair, so this waits
    /// in the queue with those that want to upload.
    async fn reclaim_one(&self, wanted: usize) {
        if self.total.load(Ordering::Relaxed) <= wanted {
            return std::future::pending().await;
        }
        if let Ok(permit) = self.free.acquire().await {
            permit.forget();
            self.total.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests;
