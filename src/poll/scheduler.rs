//! Where workers wait until the poll of their asset is the one to make.
//!
//! The choice is made when a call can leave, not when an asset begins to wait: at most one chosen
//! poll stands before the status limiter (with an unlimited rate, a few). The polls themselves are
//! the workers' own.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;

use super::model::LatencyModel;
use super::policy::ConfirmPolicy;
use super::queue::{Micros, NextPoll, PollQueue, QueueKey, WaitingAsset};
use crate::api::{Fault, Service, StatusAnswer};
use crate::model::{Asset, UploadStatus};
use crate::rate_limit::RateLimited;

/// Unknown status words that are reported; past that, a service makes them up.
const MOST_WORDS: usize = 100;

/// Polls that follow each other faster than this are of one moment of the service, and one of them
/// is enough to learn from; weighing each would cost as much as hashing a small file.
const MOMENT: Micros = 20_000;

/// The longest sleep, where nothing is due in sight.
const LONG: Duration = Duration::from_secs(3600);

/// The run's one queue of assets to poll.
#[derive(Debug)]
pub(crate) struct PollScheduler {
    policy: ConfirmPolicy,
    /// The beginning of the run's clock.
    start: Instant,
    waiters: Mutex<Waiters>,
    changed: Notify,
    calls: Arc<Semaphore>,
}

#[derive(Debug)]
struct Waiters {
    queue: PollQueue<oneshot::Sender<PollPermit>>,
    model: LatencyModel,
    /// When the model learnt last.
    learnt_at: Option<Micros>,
    words: HashSet<String>,
}

/// One asset's polls so far.
#[derive(Debug)]
pub(crate) struct PollTicket {
    /// When the bytes were up, as the ledger has it: distinguishes this sending from another.
    sent_at: Option<Timestamp>,
    waiting: WaitingAsset,
}

/// The right to poll now. The next one is granted when it is dropped.
#[derive(Debug)]
#[must_use = "a permit that is dropped unused has cost its place"]
pub(crate) struct PollPermit(
    #[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit,
);

impl PollScheduler {
    /// Nothing waits yet. `most_calls` polls may be under way at once: more than one is of use only
    /// where their rate is not limited.
    pub(crate) fn new(policy: ConfirmPolicy, most_calls: usize) -> Self {
        let bounds = policy.bounds();
        Self {
            policy,
            start: Instant::now(),
            waiters: Mutex::new(Waiters {
                queue: PollQueue::new(bounds),
                model: LatencyModel::new(bounds.shortest),
                learnt_at: None,
                words: HashSet::new(),
            }),
            changed: Notify::new(),
            calls: Arc::new(Semaphore::new(most_calls)),
        }
    }

    /// Begins to watch an asset whose bytes are up, or goes on where an earlier run left off.
    pub(crate) fn ticket(&self, asset: &Asset) -> PollTicket {
        // A clock that went backwards counts as no time at all.
        let age = asset.sent_at.map_or(Duration::ZERO, |at| {
            Duration::try_from(Timestamp::now().duration_since(at)).unwrap_or_default()
        });
        PollTicket {
            sent_at: asset.sent_at,
            waiting: WaitingAsset {
                sent: self.now() - micros(age),
                polled: None,
                unsettled: None,
            },
        }
    }

    /// Waits until the poll of this asset is the one to make. Dropping the future leaves the queue.
    pub(crate) async fn permit(&self, ticket: &PollTicket) -> PollPermit {
        let (sender, receiver) = oneshot::channel();
        let queued = self.waiters().queue.join(ticket.waiting, sender);
        let _place = QueuePlace {
            scheduler: self,
            queued,
        };
        self.changed.notify_one();
        match receiver.await {
            Ok(permit) => permit,
            // The queue ends with the scheduler, which is borrowed here.
            Err(_) => std::future::pending().await,
        }
    }

    /// Whether a poll made now is made after the time-out.
    pub(crate) fn is_late(&self, ticket: &PollTicket) -> bool {
        let age = self.now() - ticket.waiting.sent;
        self.policy
            .timeout
            .is_none_or(|timeout| age >= micros(timeout))
    }

    /// Learns from the answer to a poll. Returns the status word, where it is an unknown one that is
    /// met for the first time.
    pub(crate) fn observe(
        &self,
        ticket: &mut PollTicket,
        answer: &Result<StatusAnswer, Fault>,
    ) -> Option<String> {
        let (since, now) = (ticket.waiting.since(), self.now());
        let age = ticket.waiting.age(now);
        // A poll without an answer says nothing about the service's speed, and an end that needs a
        // second answer is asked for soon.
        ticket.waiting.settled_nothing(now);
        let Ok(answer) = answer else { return None };
        let (done, word) = match answer {
            StatusAnswer::Absent => (false, None),
            StatusAnswer::Found { status, .. } => match status {
                UploadStatus::Success => (true, None),
                UploadStatus::Failed => return None,
                UploadStatus::Waiting | UploadStatus::Uploading => (false, None),
                UploadStatus::Unknown(word) => (false, Some(word)),
            },
        };
        if !done {
            ticket.waiting.not_done(now);
        }
        let mut waiters = self.waiters();
        if waiters.learnt_at.is_none_or(|at| now - at >= MOMENT) {
            waiters.learnt_at = Some(now);
            waiters.model.observe(since, age, done);
        }
        let word = word.filter(|_| waiters.words.len() < MOST_WORDS)?;
        waiters.words.insert(word.clone()).then(|| word.clone())
    }

    /// Grants permits, for as long as this future is polled.
    pub(crate) async fn grant_permits<S: Service>(&self, service: &RateLimited<S>) -> Infallible {
        loop {
            let Ok(call) = Arc::clone(&self.calls).acquire_owned().await else {
                return std::future::pending().await;
            };
            let chosen = self.choose(service).await;
            // A worker that left meanwhile drops the permit with its receiver.
            let _ = chosen.send(PollPermit(call));
        }
    }

    /// Waits until a call can leave and an asset is worth it.
    async fn choose<S: Service>(&self, service: &RateLimited<S>) -> oneshot::Sender<PollPermit> {
        loop {
            // Before the choice, which would be out of date by the time the call can leave.
            service.status_ready().await;
            let now = self.now();
            let next = {
                let Waiters { queue, model, .. } = &mut *self.waiters();
                queue.next(now, model)
            };
            let pause = match next {
                NextPoll::Now(chosen) => return chosen,
                NextPoll::At(due) => Duration::from_micros(due.saturating_sub(now).unsigned_abs()),
                NextPoll::Empty => LONG,
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep(pause.min(LONG)) => {}
            }
        }
    }

    fn now(&self) -> Micros {
        micros(self.start.elapsed())
    }

    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PollTicket {
    /// Whether it is of this sending of this asset.
    pub(crate) fn is_of(&self, asset: &Asset) -> bool {
        self.sent_at == asset.sent_at
    }
}

/// A place in the queue that is left with its future.
struct QueuePlace<'a> {
    scheduler: &'a PollScheduler,
    queued: QueueKey,
}

impl Drop for QueuePlace<'_> {
    fn drop(&mut self) {
        self.scheduler.waiters().queue.leave(self.queued);
    }
}

fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}
