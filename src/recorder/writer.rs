//! The writing end: takes the messages that wait, commits them as one batch, appends to the report,
//! answers. What a message means is the batch's.

use tokio::sync::{mpsc, watch};

use super::batch::{Batch, GroupOutcome};
use super::handle::Recorder;
use super::message::{ListingState, Message};
use crate::crash;
use crate::event::{Event, Events, Listed};
use crate::ledger::{Ledger, LedgerError, RunRecord};
use crate::report::{ReportError, Tail};
use crate::shutdown::{Shutdown, StopCause};

/// Messages that may wait for the writer, and the most it takes into one batch.
const MOST_MESSAGES: usize = 512;

/// How many times the tasks that are ready to run go first, before a batch is taken: most of them
/// have something to write as well. For small files that is a third of the commits that the disk
/// alone would leave, in the same time; where no task is ready it takes none (docs/performance.md).
const TURNS: usize = 6;

/// Why nothing could be written down any more: the ledger's error, or the report's at the run's end.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct RecordError(#[from] pub ReportError);

/// The receiving end, with what it writes to.
#[derive(Debug)]
pub struct Writer {
    messages: mpsc::Receiver<Message>,
    listing: watch::Sender<ListingState>,
    sinks: Sinks,
}

/// What is written to.
#[derive(Debug)]
struct Sinks {
    ledger: Ledger,
    run: RunRecord,
    /// `None` once it could not be written: the report is made whole at the end.
    tail: Option<Tail>,
    events: Events,
    /// Rows that the listing found work for.
    todo: u64,
    shutdown: Shutdown,
}

/// Makes the writer of a run, and the handle to it.
#[must_use]
pub fn recorder(
    ledger: Ledger,
    run: RunRecord,
    tail: Tail,
    events: Events,
    shutdown: Shutdown,
) -> (Recorder, Writer) {
    let (sender, messages) = mpsc::channel(MOST_MESSAGES);
    let (listing, listing_view) = watch::channel(ListingState::default());
    let recorder = Recorder {
        run: run.id,
        messages: sender,
        listing: listing_view,
    };
    let sinks = Sinks {
        ledger,
        run,
        tail: Some(tail),
        events,
        todo: 0,
        shutdown,
    };
    let writer = Writer {
        messages,
        listing,
        sinks,
    };
    (recorder, writer)
}

impl Writer {
    /// Writes until every [`Recorder`] is gone; returns the ledger. A ledger that fails ends the run
    /// at once, since nothing more could be remembered; a report that fails, in order.
    ///
    /// # Errors
    /// When the ledger cannot be written. No sender of the failed batch received an answer.
    pub async fn run(self) -> Result<Ledger, LedgerError> {
        let shutdown = self.sinks.shutdown.clone();
        let written = self.write_all().await;
        if written.is_err() {
            shutdown.abort_now();
        }
        written
    }

    async fn write_all(mut self) -> Result<Ledger, LedgerError> {
        let mut sinks = self.sinks;
        while let Some(messages) = next_messages(&mut self.messages).await {
            // The disk's time must not be the runtime's.
            let work = tokio::task::spawn_blocking(move || {
                let done = sinks.write(messages);
                (sinks, done)
            });
            let Ok((returned, done)) = work.await else {
                return Err(LedgerError::panicked());
            };
            sinks = returned;
            let done = done?;
            self.listing.send_if_modified(|state| done.moves(state));
            sinks.publish(done);
        }
        Ok(sinks.ledger)
    }
}

/// The messages that wait, once one does; `None` when no sender is left.
async fn next_messages(messages: &mut mpsc::Receiver<Message>) -> Option<Vec<Message>> {
    let mut waiting = vec![messages.recv().await?];
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
    while waiting.len() < MOST_MESSAGES
        && let Ok(message) = messages.try_recv()
    {
        waiting.push(message);
    }
    Some(waiting)
}

impl Sinks {
    fn write(&mut self, messages: Vec<Message>) -> Result<GroupOutcome, LedgerError> {
        let batch = Batch::new(&self.ledger, self.run.id, messages)?;
        let done = batch.commit(&mut self.ledger)?;
        crash::point("group committed");
        self.todo += done.listed.todo;
        match self.report(&done) {
            Err(ReportError::Ledger(error)) => return Err(error),
            // The ledger knows all of it: what is under way may end, and be remembered.
            Err(error) => {
                self.tail = None;
                self.shutdown.fail(StopCause::Local(error.to_string()));
            }
            Ok(()) => {}
        }
        crash::point("group reported");
        Ok(done)
    }

    /// Appends the rows that ended to the report, where it is followed.
    fn report(&mut self, done: &GroupOutcome) -> Result<(), ReportError> {
        let Some(tail) = &mut self.tail else {
            return Ok(());
        };
        if tail.is_open() && !done.ended_rows.is_empty() {
            tail.append(&self.ledger.report_rows(self.run.id, &done.ended_rows)?)?;
        }
        // Where nothing is left to do, nothing is left to follow: the whole report comes next.
        if done.listing_ended && self.todo > 0 {
            tail.open(&self.run, &self.ledger)?;
        }
        Ok(())
    }

    fn publish(&self, done: GroupOutcome) {
        for event in done.events {
            self.events.send(event);
        }
        if done.listed != Listed::default() {
            self.events.send(Event::Listed(done.listed));
        }
        if done.listing_ended {
            self.events.send(Event::ListingEnded);
        }
        for (answer, reply) in done.replies {
            // A sender that does not wait any more needs no answer; the ledger has the fact.
            let _ = answer.send(reply);
        }
    }
}

#[cfg(test)]
mod tests;
