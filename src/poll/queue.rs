//! The assets that wait for a poll, and which of them is next.
//!
//! Pure: times are microseconds on the run's own clock (negative: an earlier run), passed in by the
//! caller. Assets that were last polled at about the same age are kept in one row, the oldest first:
//! within a row it is the likeliest to be done, so a choice compares a few dozen heads, however
//! many assets wait. Polls that settled nothing leave an asset's age as it was; those assets have rows
//! of their own, the one that was asked about first ahead.

use std::collections::BTreeMap;

use super::model::LatencyModel;

/// The least chance of being done that is worth a call.
const WORTH: f64 = 0.3;

/// While polls are scarce, one in so many goes to the asset that is longest beyond its bound, the
/// others where success is likely: none starves, and a service that is slow today does not turn
/// the polls into a round robin.
const OVERDUE_EACH: u64 = 8;

/// Rows for each factor of e in the age at the last poll.
const ROWS_PER_E: f64 = 8.0;

/// What an asset's chance counts for after each poll in a row that settled nothing: one that only
/// meets errors does not keep others from their polls.
const WEIGHT_AFTER_ERROR: f64 = 0.5;

/// Polls in a row that settled nothing, as far as they are told apart.
const MOST_ERRORS: u8 = 8;

/// Microseconds on the run's clock.
pub(super) type Micros = i64;

/// The bounds of the time between two polls of one asset, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct PollBounds {
    /// No sooner than this after the last poll.
    pub(super) shortest: f64,
    /// Worth a call, whatever the chance, when the last poll (or the sending) is so long ago.
    pub(super) longest: f64,
}

/// An asset that waits for a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WaitingAsset {
    /// When its bytes were up.
    pub(super) sent: Micros,
    /// When a poll in this run last said that it was not done.
    pub(super) polled: Option<Micros>,
    /// When the last poll came back that settled nothing, and how many did in a row.
    pub(super) unsettled: Option<(Micros, u8)>,
}

/// Where an asset stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QueueKey {
    row: Row,
    key: Key,
    overdue: Key,
}

/// Assets of about the same age at their last poll, and as many polls since that settled nothing.
type Row = (i32, u8);

/// A time, and a number that distinguishes those of the same time.
type Key = (Micros, u64);

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextPoll<T> {
    /// Poll this one; it has left the queue.
    Now(T),
    /// Nothing is worth a call until then.
    At(Micros),
    /// Nothing waits.
    Empty,
}

/// Assets that wait for a poll.
#[derive(Debug)]
pub(super) struct PollQueue<T> {
    bounds: PollBounds,
    /// By the age at the last poll; within a row by the sending, or by the poll that settled nothing.
    rows: BTreeMap<Row, BTreeMap<Key, (WaitingAsset, T)>>,
    /// By when they are overdue.
    idle: BTreeMap<Key, QueueKey>,
    joined: u64,
    chosen: u64,
}

impl<T> PollQueue<T> {
    /// Nothing waits yet.
    pub(super) fn new(bounds: PollBounds) -> Self {
        Self {
            bounds,
            rows: BTreeMap::new(),
            idle: BTreeMap::new(),
            joined: 0,
            chosen: 0,
        }
    }

    /// An asset begins to wait.
    pub(super) fn join(&mut self, waiting: WaitingAsset, item: T) -> QueueKey {
        self.joined += 1;
        let queued = waiting.key(self.joined, &self.bounds);
        let row = self.rows.entry(queued.row).or_default();
        row.insert(queued.key, (waiting, item));
        self.idle.insert(queued.overdue, queued);
        queued
    }

    /// An asset waits no longer; `None` when it was chosen already.
    pub(super) fn leave(&mut self, queued: QueueKey) -> Option<T> {
        self.idle.remove(&queued.overdue)?;
        let row = self.rows.get_mut(&queued.row)?;
        let (_, item) = row.remove(&queued.key)?;
        if row.is_empty() {
            self.rows.remove(&queued.row);
        }
        Some(item)
    }

    /// Chooses for a call that can leave `now`.
    pub(super) fn next(&mut self, now: Micros, model: &LatencyModel) -> NextPoll<T> {
        let Some((&(overdue_at, _), &longest_idle)) = self.idle.first_key_value() else {
            return NextPoll::Empty;
        };
        let overdue = (overdue_at <= now).then_some(longest_idle);
        let best = self.best(now, model);
        let overdue_first = self.chosen.is_multiple_of(OVERDUE_EACH);
        let choice = if overdue_first {
            overdue.or(best)
        } else {
            best.or(overdue)
        };
        match choice.and_then(|queued| self.leave(queued)) {
            Some(item) => {
                self.chosen += 1;
                NextPoll::Now(item)
            }
            None => NextPoll::At(self.due(now, model).min(overdue_at)),
        }
    }

    /// The likeliest to be done of those that are worth a call.
    fn best(&self, now: Micros, model: &LatencyModel) -> Option<QueueKey> {
        let heads = self.rows.values().filter_map(|members| {
            let ((_, joined), (waiting, _)) = members.first_key_value()?;
            let (since, age) = (waiting.since(), waiting.age(now));
            let ripe = waiting.earliest(&self.bounds).is_none_or(|at| now >= at)
                && model.is_worth(since, age, WORTH, self.bounds.shortest);
            let weight = WEIGHT_AFTER_ERROR.powi(waiting.errors().into());
            ripe.then(|| {
                let chance = weight * model.chance(since, age);
                (chance, waiting.key(*joined, &self.bounds))
            })
        });
        heads
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, queued)| queued)
    }

    /// When the first of the rows' heads is worth a call.
    fn due(&self, now: Micros, model: &LatencyModel) -> Micros {
        let heads = self.rows.values().filter_map(BTreeMap::first_key_value);
        let due = heads.map(|(_, (waiting, _))| {
            let earliest = waiting.earliest(&self.bounds).unwrap_or(now).max(now);
            let age = model.worth_at(
                waiting.since(),
                waiting.age(earliest),
                WORTH,
                self.bounds.shortest,
            );
            age.map_or(Micros::MAX, |age| {
                waiting.sent.saturating_add(micros(age)).max(earliest)
            })
        });
        due.min().unwrap_or(Micros::MAX)
    }
}

impl WaitingAsset {
    /// Seconds from the sending to `now`.
    pub(super) fn age(&self, now: Micros) -> f64 {
        seconds(now - self.sent)
    }

    /// The age at the last poll; 0 where there was none.
    pub(super) fn since(&self) -> f64 {
        self.polled.map_or(0.0, |at| self.age(at))
    }

    /// A poll at `now` said that it is not done.
    pub(super) fn not_done(&mut self, now: Micros) {
        (self.polled, self.unsettled) = (Some(now), None);
    }

    /// A poll at `now` settled nothing: another one is due after the shortest time.
    pub(super) fn settled_nothing(&mut self, now: Micros) {
        self.unsettled = Some((now, (self.errors() + 1).min(MOST_ERRORS)));
    }

    /// Polls in a row that settled nothing.
    fn errors(&self) -> u8 {
        self.unsettled.map_or(0, |(_, errors)| errors)
    }

    /// The earliest next poll; `None` where there was none.
    fn earliest(&self, bounds: &PollBounds) -> Option<Micros> {
        let last = self.unsettled.map(|(at, _)| at).max(self.polled);
        last.map(|at| at + micros(bounds.shortest))
    }

    /// Its place among others; `joined` distinguishes those of the same time.
    fn key(&self, joined: u64, bounds: &PollBounds) -> QueueKey {
        let since = self.polled.unwrap_or(self.sent);
        let overdue = since + micros(bounds.longest);
        QueueKey {
            row: (row(self.since()), self.errors()),
            key: (self.unsettled.map_or(self.sent, |(at, _)| at), joined),
            overdue: (
                overdue.max(self.earliest(bounds).unwrap_or(overdue)),
                joined,
            ),
        }
    }
}

/// The row of assets last polled at about this age.
fn row(since: f64) -> i32 {
    if since <= 0.0 {
        return i32::MIN;
    }
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let row = (since.ln() * ROWS_PER_E).floor() as i32;
    row
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn micros(seconds: f64) -> Micros {
    (seconds * 1e6).ceil() as Micros
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a run lasts less than 2^53 microseconds"
)]
fn seconds(micros: Micros) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests;
