//! How fast bodies may leave, all uploads taken together, by the time of day.
//!
//! governor counts the bytes, in cells of 1 KiB; a fair mutex in front of it lets uploads go on in
//! turn, a slice each, so that all of them move. Knows neither files nor the service.

use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use bytesize::ByteSize;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use jiff::civil::Time;
use tokio::sync::Mutex;

use crate::clock::TokioClock;

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>;

/// governor's counts drift when a cell is a byte.
const CELL: u64 = 1024;

/// Slices leave this often, so that a slow line flows instead of gushing.
const SLICES_PER_SECOND: u64 = 20;

/// What may leave at which time of day.
///
/// Written as `20M` (bytes a second), `off` (no limit), or as times with rates: `08:00,5M 19:00,off`.
/// A rate holds until the next time; the last one holds over midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable(Vec<(Time, Rate)>);

/// Bytes a second; `None` for no limit.
type Rate = Option<u64>;

/// Why a text is no [`Timetable`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no bandwidth: write 20M, off, or times with rates such as \"08:00,5M 19:00,off\""
)]
pub struct ParseTimetableError(String);

impl FromStr for Timetable {
    type Err = ParseTimetableError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |part: &str| ParseTimetableError(part.to_owned());
        if let Some(rate) = parse_rate(text.trim()) {
            return Ok(Self(vec![(Time::midnight(), rate)]));
        }
        let mut entries = Vec::new();
        for part in text.split_whitespace() {
            let (time, rate) = part.split_once(',').ok_or_else(|| wrong(part))?;
            let time = Time::strptime("%H:%M", time).map_err(|_| wrong(part))?;
            entries.push((time, parse_rate(rate).ok_or_else(|| wrong(part))?));
        }
        entries.sort_by_key(|(time, _)| *time);
        if entries.is_empty() || entries.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(wrong(text));
        }
        Ok(Self(entries))
    }
}

/// `None` for what is neither a rate nor `off`. A rate below 1 KiB a second would be a stop.
fn parse_rate(text: &str) -> Option<Rate> {
    if text == "off" {
        return Some(None);
    }
    let rate = text.parse::<ByteSize>().ok()?.as_u64();
    (rate >= CELL).then_some(Some(rate))
}

impl fmt::Display for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = |rate: Rate| rate.map_or_else(|| "off".to_owned(), |rate| format!("{rate}B"));
        if let [(_, only)] = self.0.as_slice() {
            return f.write_str(&rate(*only));
        }
        for (i, (time, entry)) in self.0.iter().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            let time = time.strftime("%H:%M");
            write!(f, "{gap}{time},{}", rate(*entry))?;
        }
        Ok(())
    }
}

impl Default for Timetable {
    /// No limit at any time.
    fn default() -> Self {
        Self(vec![(Time::midnight(), None)])
    }
}

impl Timetable {
    /// What may leave at a time of day.
    fn rate_at(&self, now: Time) -> Rate {
        let begun = self.0.iter().rev().find(|(time, _)| *time <= now);
        begun.or(self.0.last()).and_then(|(_, rate)| *rate)
    }

    fn rate(&self) -> Rate {
        match self.0.as_slice() {
            [(_, only)] => *only,
            _ => self.rate_at(jiff::ZonedDateTime::now().time()),
        }
    }
}

/// The line that all uploads share.
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
    /// A line with this timetable; `None` where it never has a limit.
    #[must_use]
    pub fn new(timetable: Timetable) -> Option<Self> {
        let has_limit = timetable.0.iter().any(|(_, rate)| rate.is_some());
        has_limit.then(|| Self {
            timetable,
            meter: Mutex::default(),
        })
    }

    /// How many bytes should be taken at a time at present; `None` where there is no limit.
    fn slice(&self) -> Option<u64> {
        self.timetable.rate().map(slice)
    }

    /// Waits until `bytes` may leave; in turn with all other uploads.
    ///
    /// # Cancellation
    /// Dropping the future gives the turn up.
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
        // A slice of a moment ago, when the rate was higher, may be more than the limiter ever lets
        // through at once; then it passes.
        while let Ok(Err(early)) = limiter.check_n(cells) {
            tokio::time::sleep(early.wait_time_from(limiter.clock().now())).await;
        }
    }
}

fn slice(rate: u64) -> u64 {
    (rate / SLICES_PER_SECOND).clamp(CELL, super::CHUNK as u64)
}

fn limiter(rate: u64) -> Limiter {
    let cells = |bytes: u64| {
        let cells = u32::try_from(bytes / CELL).unwrap_or(u32::MAX);
        NonZeroU32::new(cells).unwrap_or(NonZeroU32::MIN)
    };
    let quota = Quota::per_second(cells(rate)).allow_burst(cells(slice(rate) + CELL));
    Limiter::direct_with_clock(quota, TokioClock::new())
}

type Wait = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// A parcel's place on a line with a limit.
pub(super) struct Line {
    bandwidth: Arc<Bandwidth>,
    /// What was read and has not left yet.
    waiting: Bytes,
    /// The wait for the next slice, and the slice.
    turn: Option<(Wait, Bytes)>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}

impl Line {
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

    /// The next slice of what waits; `None` when nothing does.
    pub(super) fn poll_slice(&mut self, context: &mut Context<'_>) -> Option<Poll<Bytes>> {
        if self.turn.is_none() {
            if self.waiting.is_empty() {
                return None;
            }
            let Some(size) = self.bandwidth.slice() else {
                return Some(Poll::Ready(std::mem::take(&mut self.waiting)));
            };
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            let slice = self.waiting.split_to(size.min(self.waiting.len()));
            let (bandwidth, bytes) = (Arc::clone(&self.bandwidth), slice.len() as u64);
            let wait = Box::pin(async move { bandwidth.take(bytes).await });
            self.turn = Some((wait, slice));
        }
        let (wait, _) = self.turn.as_mut()?;
        if wait.as_mut().poll(context).is_pending() {
            return Some(Poll::Pending);
        }
        self.turn.take().map(|(_, slice)| Poll::Ready(slice))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    fn parsed(text: &str) -> Timetable {
        text.parse().unwrap()
    }

    #[test]
    fn a_timetable_holds_from_time_to_time_and_over_midnight() {
        let table = parsed("19:00,off 08:00,5M");
        let at = |hour, minute| table.rate_at(Time::constant(hour, minute, 0, 0));
        assert_eq!(at(7, 59), None);
        assert_eq!(at(8, 0), Some(5_000_000));
        assert_eq!(at(18, 59), Some(5_000_000));
        assert_eq!(at(19, 0), None);
        assert_eq!(parsed("20M").rate(), Some(20_000_000));
        assert_eq!(parsed("off").rate(), None);
        assert_eq!(parsed(&table.to_string()), table);
    }

    #[test]
    fn what_is_no_bandwidth_is_named() {
        for (text, part) in [
            ("", "\"\""),
            ("fast", "\"fast\""),
            ("08:00,5M 25:00,off", "\"25:00,off\""),
            ("08:00,5M noon", "\"noon\""),
            ("08:00,5M 08:00,off", "\"08:00,5M 08:00,off\""),
            ("100", "\"100\""),
        ] {
            let error = text.parse::<Timetable>().unwrap_err().to_string();
            assert!(error.starts_with(part), "{text}: {error}");
        }
    }

    /// 4 uploads share 1 MB/s for 20 s: within 5 % in all, and evenly.
    #[tokio::test(start_paused = true)]
    async fn uploads_share_a_line_evenly_and_keep_its_rate() {
        let line = Arc::new(Bandwidth::new(parsed("1M")).unwrap());
        let start = Instant::now();
        let mut uploads = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let line = Arc::clone(&line);
            uploads.spawn(async move {
                let mut sent = 0_u64;
                while start.elapsed() < Duration::from_secs(20) {
                    let slice = line.slice().unwrap() - 7;
                    line.take(slice).await;
                    sent += slice;
                }
                sent
            });
        }
        let sent = uploads.join_all().await;
        let all: u64 = sent.iter().sum();
        assert!((19_000_000..21_000_000).contains(&all), "{sent:?}");
        assert!(
            sent.iter().all(|one| (4_700_000..5_300_000).contains(one)),
            "{sent:?}"
        );
    }
}
