//! The writing end: takes what waits as one group, commits it, reports it, answers.

use tokio::sync::{mpsc, watch};

use super::group::GroupOutcome;
use super::{ListingState, Message, Recorder};
use crate::crash;
use crate::event::{Event, Events, Listed};
use crate::ledger::{Ledger, LedgerError, RunRecord};
use crate::report::{ReportError, Tail};
use crate::shutdown::{Shutdown, StopCause};

/// Messages that may wait for the writer, and the most it takes into one group.
const GROUP: usize = 512;

/// How many times whoever is ready to run goes first, before a group is taken: most of them have
/// something to write as well. For small files that is a third of the commits that the disk alone
/// would leave, in the same time; where nobody is ready it takes none (docs/performance.md).
const TURNS: usize = 6;

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
    let (sender, messages) = mpsc::channel(GROUP);
    let (listing, listing_view) = watch::channel(ListingState::default());
    let recorder = Recorder {
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
    /// Writes until every [`Recorder`] is gone; gives the ledger back. A ledger that fails ends the
    /// run at once, since nothing more could be remembered; a report that fails, in order.
    ///
    /// # Errors
    /// When the ledger cannot be written. Nothing of the failed group was confirmed to its senders.
    pub async fn run(self) -> Result<Ledger, LedgerError> {
        let shutdown = self.sinks.shutdown.clone();
        let written = self.keep().await;
        if written.is_err() {
            shutdown.abort_now();
        }
        written
    }

    async fn keep(mut self) -> Result<Ledger, LedgerError> {
        let mut sinks = self.sinks;
        while let Some(group) = next_group(&mut self.messages).await {
            // The disk's time must not be the runtime's.
            let work = tokio::task::spawn_blocking(move || {
                let done = sinks.write(group);
                (sinks, done)
            });
            let Ok((returned, done)) = work.await else {
                return Err(LedgerError::panicked());
            };
            sinks = returned;
            let done = done?;
            self.listing.send_if_modified(|state| done.moves(state));
            sinks.tell(done);
        }
        Ok(sinks.ledger)
    }
}

/// What waits to be written, once something does; `None` when nobody is left to send.
async fn next_group(messages: &mut mpsc::Receiver<Message>) -> Option<Vec<Message>> {
    let mut group = vec![messages.recv().await?];
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
    while group.len() < GROUP
        && let Ok(message) = messages.try_recv()
    {
        group.push(message);
    }
    Some(group)
}

impl Sinks {
    fn write(&mut self, group: Vec<Message>) -> Result<GroupOutcome, LedgerError> {
        let run = self.run.id;
        // Rows that were only listed may be listed anew after a power loss; a fact about one of them
        // syncs them with it.
        let synced = !group.iter().all(Message::is_of_the_listing);
        let is_followed = self.tail.as_ref().is_some_and(Tail::is_open);
        let done = self.ledger.group(synced, |ledger| {
            let mut done = GroupOutcome::default();
            for message in group {
                done.take(ledger, run, message)?;
            }
            if is_followed {
                let rows = done.ended_rows.iter().map(|no| ledger.row(run, *no));
                done.report_rows = rows.collect::<Result<_, _>>()?;
            }
            crash::point("group committing");
            Ok(done)
        })?;
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

    /// Appends the rows that ended to the report.
    fn report(&mut self, done: &GroupOutcome) -> Result<(), ReportError> {
        let Some(tail) = &mut self.tail else {
            return Ok(());
        };
        tail.append(&done.report_rows)?;
        // Where nothing is left to do, nothing is left to follow: the whole report comes next.
        if done.listing_ended && self.todo > 0 {
            tail.open(&self.run, &self.ledger)?;
        }
        Ok(())
    }

    fn tell(&self, done: GroupOutcome) {
        for event in done.events {
            self.events.send(event);
        }
        if done.listed != Listed::default() {
            self.events.send(Event::Listed(done.listed));
        }
        if done.listing_ended {
            self.events.send(Event::ListingEnded);
        }
        for reply in done.replies {
            reply.send();
        }
    }
}

#[cfg(test)]
mod tests;
