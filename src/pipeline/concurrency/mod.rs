//! Upload slots: how many uploads are under way at once, fixed or found.
//!
//! Whoever asks for an asset or fills it holds a slot. With [`Concurrency::Auto`] the number follows
//! what the line carries: `line` samples the uploads under way, `climb` decides, and this room gives
//! slots out or takes them back. An upload is never broken off for it.

mod hill_climb;
mod sample;
mod sampler;
mod warmup;
mod window;

use std::convert::Infallible;
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hill_climb::HillClimb;
use sampler::{Sampler, Watched};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{MissedTickBehavior, interval};

use crate::body::BodyProgress;
use crate::event::{Event, Events};

/// Where the search begins; also the number of slots unless told otherwise.
const SEED: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// Where the search ends. More uploads than this help only lines that lose one packet in a hundred.
const MOST: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// How often the line is sampled.
const TICK: Duration = Duration::from_millis(500);

/// How many uploads at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concurrency {
    /// This many.
    Fixed(NonZeroUsize),
    /// As many as fill the line.
    Auto,
}

impl Concurrency {
    /// The most there can be.
    #[must_use]
    pub fn most(self) -> NonZeroUsize {
        match self {
            Self::Fixed(number) => number,
            Self::Auto => MOST,
        }
    }

    fn first(self) -> usize {
        match self {
            Self::Fixed(number) => number.get(),
            Self::Auto => SEED.get(),
        }
    }
}

impl Default for Concurrency {
    fn default() -> Self {
        Self::Fixed(SEED)
    }
}

impl From<NonZeroUsize> for Concurrency {
    fn from(number: NonZeroUsize) -> Self {
        Self::Fixed(number)
    }
}

impl FromStr for Concurrency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            _ if text == "auto" => Ok(Self::Auto),
            Ok(number) => Ok(Self::Fixed(number)),
            Err(_) => Err("expected a number of uploads, 1 or more, or auto".to_owned()),
        }
    }
}

impl fmt::Display for Concurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(number) => number.fmt(f),
            Self::Auto => f.write_str("auto"),
        }
    }
}

/// The slots of a run.
#[derive(Debug)]
pub struct ConcurrencyController {
    concurrency: Concurrency,
    free: Arc<Semaphore>,
    given: AtomicUsize,
    /// More than this the system cannot bear.
    most: AtomicUsize,
    line: Sampler,
}

/// The right to upload; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Slot {
    permit: OwnedSemaphorePermit,
}

impl ConcurrencyController {
    /// All of them free.
    #[must_use]
    pub fn new(concurrency: Concurrency) -> Self {
        let first = concurrency.first().min(Semaphore::MAX_PERMITS);
        Self {
            concurrency,
            free: Arc::new(Semaphore::new(first)),
            given: AtomicUsize::new(first),
            most: AtomicUsize::new(Semaphore::MAX_PERMITS),
            line: Sampler::default(),
        }
    }

    /// Waits for a free slot, first come, first served.
    pub(super) async fn take(&self) -> Option<Slot> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        permit.ok().map(|permit| Slot { permit })
    }

    /// Gives a slot back that the system cannot bear: it is nobody's any more, unless it is the
    /// last. Whether there are fewer now.
    pub(super) fn retire(&self, slot: Slot) -> bool {
        let one_less = |given: usize| (given > 1).then(|| given - 1);
        let lowered = self
            .given
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        if let Ok(given) = lowered {
            self.most.fetch_min(given - 1, Ordering::Relaxed);
            slot.permit.forget();
        }
        lowered.is_ok()
    }

    /// Watches an upload until what this gives is dropped.
    pub(super) fn ticket(&self, progress: &BodyProgress) -> Watched<'_> {
        self.line.ticket(progress)
    }

    /// Finds the number that fills the line, for as long as it is polled; a fixed one stays.
    /// `paced` tells how many uploads wait for the account's limits.
    pub(super) async fn tune(&self, events: &Events, paced: impl Fn() -> usize) -> Infallible {
        if self.concurrency != Concurrency::Auto {
            return std::future::pending().await;
        }
        let mut climb = HillClimb::new(SEED.get(), MOST.get());
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = self.take_one_back(climb.slots()) => {}
                _ = ticks.tick() => {
                    let sample = self.line.sample(paced(), self.taken());
                    for choice in climb.take(sample) {
                        self.give(choice.slots);
                        events.send(Event::Concurrency(choice));
                    }
                }
            }
        }
    }

    fn taken(&self) -> usize {
        let given = self.given.load(Ordering::Relaxed);
        given.saturating_sub(self.free.available_permits())
    }

    /// Gives out what is missing at once.
    fn give(&self, wanted: usize) {
        let given = self.given.load(Ordering::Relaxed);
        let wanted = wanted.min(self.most.load(Ordering::Relaxed));
        if let Some(more) = wanted.checked_sub(given) {
            self.free.add_permits(more);
            self.given.store(wanted, Ordering::Relaxed);
        }
    }

    /// Takes one slot too many back once an upload has left it. The semaphore is fair, so this waits
    /// in line with those who want to upload.
    async fn take_one_back(&self, wanted: usize) {
        if self.given.load(Ordering::Relaxed) <= wanted {
            return std::future::pending().await;
        }
        if let Ok(permit) = self.free.acquire().await {
            permit.forget();
            self.given.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests;
