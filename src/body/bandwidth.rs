//! How fast bodies may leave, all uploads taken together, by the time of day.
//!
//! governor counts the bytes, in cells of 1 KiB; a fair mutex in front of it lets uploads go on in
//! turn, a segment each, so that all of them move. Knows neither files nor the service.

use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::Mutex;

use super::read::CHUNK;
use super::timetable::{LEAST_RATE, Timetable};
use crate::clock::TokioClock;

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>;

/// What governor counts as one, in bytes: its counts drift when that is a single byte. No rate is
/// less than one of them a second.
const CELL: u64 = LEAST_RATE;

/// Segments leave this often, so that a low rate flows instead of gushing.
const SEGMENTS_PER_SECOND: u64 = 20;

/// How late a segment may leave and be caught up with, in milliseconds: timers tick in those, and
/// each tick takes a part of a high rate away.
const LATE_MS: u64 = 20;

/// The limit that all uploads share.
#[derive(Debug)]
pub struct Bandwidth {
    timetable: Timetable,
    meter: Mutex<Meter>,
}

#[derive(Debug, Default)]
struct Meter {
    /// The limiter, with the rate it was made for.
    limiter: Option<(u64, Limiter)>,
    /// Bytes that did not fill a cell yet.
    rest: u64,
}

impl Bandwidth {
    /// A limit by this timetable; `None` where it never has one.
    #[must_use]
    pub fn new(timetable: Timetable) -> Option<Self> {
        timetable.has_limit().then(|| Self {
            timetable,
            meter: Mutex::default(),
        })
    }

    /// How many bytes should be taken at a time at present; `None` where there is no limit.
    fn segment(&self) -> Option<u64> {
        self.timetable.rate().map(segment)
    }

    /// Waits until `bytes` may leave; in turn with all other uploads.
    ///
    /// # Cancellation
    /// Dropping the future releases the turn.
    async fn take(&self, bytes: u64) {
        let mut meter = self.meter.lock().await;
        let Some(rate) = self.timetable.rate() else {
            return;
        };
        let counted = meter.rest + bytes;
        meter.rest = counted % CELL;
        let cells = u32::try_from(counted / CELL).unwrap_or(u32::MAX);
        let Some(cells) = NonZeroU32::new(cells) else {
            return;
        };
        let (_, limiter) = match meter.limiter.take() {
            Some(made) if made.0 == rate => meter.limiter.insert(made),
            _ => meter.limiter.insert((rate, limiter(rate))),
        };
        // A segment of a moment ago, when the rate was higher, may be more than the limiter ever lets
        // through at once; then it passes.
        while let Ok(Err(early)) = limiter.check_n(cells) {
            tokio::time::sleep(early.wait_time_from(limiter.clock().now())).await;
        }
    }
}

fn segment(rate: u64) -> u64 {
    (rate / SEGMENTS_PER_SECOND).clamp(CELL, CHUNK as u64)
}

fn limiter(rate: u64) -> Limiter {
    let cells = |bytes: u64| {
        let cells = u32::try_from(bytes / CELL).unwrap_or(u32::MAX);
        NonZeroU32::new(cells).unwrap_or(NonZeroU32::MIN)
    };
    let burst = cells(segment(rate) + CELL + rate / 1000 * LATE_MS);
    let quota = Quota::per_second(cells(rate)).allow_burst(burst);
    Limiter::direct_with_clock(quota, TokioClock::new())
}

type Wait = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// One body's place under a limit.
pub(super) struct Throttle {
    bandwidth: Arc<Bandwidth>,
    /// What was read and has not left yet.
    waiting: Bytes,
    /// The wait for the next segment, and the segment.
    turn: Option<(Wait, Bytes)>,
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").finish_non_exhaustive()
    }
}

impl Throttle {
    pub(super) fn new(bandwidth: Arc<Bandwidth>) -> Self {
        Self {
            bandwidth,
            waiting: Bytes::new(),
            turn: None,
        }
    }

    /// Takes a chunk that was read; only once what was put before has left.
    pub(super) fn put(&mut self, chunk: Bytes) {
        self.waiting = chunk;
    }

    /// The next segment of what waits; `None` when nothing does.
    pub(super) fn poll_segment(&mut self, context: &mut Context<'_>) -> Option<Poll<Bytes>> {
        if self.turn.is_none() {
            if self.waiting.is_empty() {
                return None;
            }
            let Some(size) = self.bandwidth.segment() else {
                return Some(Poll::Ready(std::mem::take(&mut self.waiting)));
            };
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            let segment = self.waiting.split_to(size.min(self.waiting.len()));
            let (bandwidth, bytes) = (Arc::clone(&self.bandwidth), segment.len() as u64);
            let wait = Box::pin(async move { bandwidth.take(bytes).await });
            self.turn = Some((wait, segment));
        }
        let (wait, _) = self.turn.as_mut()?;
        if wait.as_mut().poll(context).is_pending() {
            return Some(Poll::Pending);
        }
        self.turn.take().map(|(_, segment)| Poll::Ready(segment))
    }
}

#[cfg(test)]
mod tests;
