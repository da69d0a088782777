//! The writing end: takes what waits as one group, commits it, reports it, answers.

use tokio::sync::{mpsc, oneshot, watch};

use super::{ListingState, Message, Recorder};
use crate::crash;
use crate::event::{Event, Events, Listed};
use crate::ledger::{
    Admitted, Ledger, LedgerError, Listing, RunId, RunRecord, Status, Twins, Written,
};
use crate::pipeline::{Fact, Stop};
use crate::plan::{FileId, Job, Standing};
use crate::report::{ReportError, Tail};
use crate::retry::StopCause;

/// Messages that may wait for the writer, and the most it takes into one group.
const GROUP: usize = 512;

/// The receiving end, with what it writes to.
#[derive(Debug)]
pub struct Writer {
    messages: mpsc::Receiver<Message>,
    listing: watch::Sender<ListingState>,
    books: Books,
}

/// What is written to.
#[derive(Debug)]
struct Books {
    ledger: Ledger,
    run: RunRecord,
    /// `None` once it could not be written: the report is made whole at the end.
    tail: Option<Tail>,
    events: Events,
    /// Rows that the listing found work for.
    todo: u64,
    stop: Stop,
}

/// What a message gets back, held until its group is on disk.
enum Reply {
    Admitted(oneshot::Sender<()>),
    ListingEnded(oneshot::Sender<()>),
    Written(oneshot::Sender<Written>, Written),
    Jobs(oneshot::Sender<Vec<(u64, Job)>>, Vec<(u64, Job)>),
    Standing(oneshot::Sender<Standing>, Standing),
    Twins(oneshot::Sender<Twins>, Twins),
}

/// What a group leaves to do once it is on disk.
#[derive(Default)]
struct Done {
    replies: Vec<Reply>,
    events: Vec<Event>,
    ended_rows: Vec<u64>,
    listed: Listed,
    listing_ended: bool,
}

/// Makes the writer of a run, and the handle to it.
#[must_use]
pub fn recorder(
    ledger: Ledger,
    run: RunRecord,
    tail: Tail,
    events: Events,
    stop: Stop,
) -> (Recorder, Writer) {
    let (sender, messages) = mpsc::channel(GROUP);
    let (listing, listing_view) = watch::channel(ListingState::default());
    let recorder = Recorder {
        messages: sender,
        listing: listing_view,
    };
    let books = Books {
        ledger,
        run,
        tail: Some(tail),
        events,
        todo: 0,
        stop,
    };
    let writer = Writer {
        messages,
        listing,
        books,
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
        let stop = self.books.stop.clone();
        let written = self.keep().await;
        if written.is_err() {
            stop.at_once();
        }
        written
    }

    async fn keep(mut self) -> Result<Ledger, LedgerError> {
        let mut books = self.books;
        let mut group = Vec::new();
        while self.messages.recv_many(&mut group, GROUP).await > 0 {
            let taken = std::mem::take(&mut group);
            // The disk's time must not be the runtime's.
            let work = tokio::task::spawn_blocking(move || {
                let done = books.write(taken);
                (books, done)
            });
            let Ok((returned, done)) = work.await else {
                return Err(LedgerError::panicked());
            };
            books = returned;
            let done = done?;
            self.listing.send_if_modified(|state| done.moves(state));
            books.tell(done);
        }
        Ok(books.ledger)
    }
}

impl Books {
    fn write(&mut self, group: Vec<Message>) -> Result<Done, LedgerError> {
        let run = self.run.id;
        // Rows that were only listed may be listed anew after a power loss; a fact about one of them
        // syncs them with it.
        let synced = !group.iter().all(Message::is_of_the_listing);
        let done = self.ledger.group(synced, |ledger| {
            let mut done = Done::default();
            for message in group {
                done.take(ledger, run, message)?;
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
                self.stop.because(StopCause::Local(error.to_string()));
            }
            Ok(()) => {}
        }
        crash::point("group reported");
        Ok(done)
    }

    /// Appends the rows that ended to the report.
    fn report(&mut self, done: &Done) -> Result<(), ReportError> {
        let Some(tail) = &mut self.tail else {
            return Ok(());
        };
        let run = self.run.id;
        if tail.is_open() {
            let rows = done.ended_rows.iter().map(|no| self.ledger.row(run, *no));
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            tail.append(&rows)?;
        }
        // Where nothing is left to do, nothing is left to follow: the whole report comes next.
        if done.listing_ended && self.todo > 0 {
            tail.open(&self.run, &self.ledger)?;
        }
        Ok(())
    }

    fn tell(&self, done: Done) {
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
            // Who does not wait any more has no use for the answer; the ledger has the fact.
            let _ = match reply {
                Reply::Admitted(to) | Reply::ListingEnded(to) => to.send(()).is_ok(),
                Reply::Written(to, written) => to.send(written).is_ok(),
                Reply::Jobs(to, jobs) => to.send(jobs).is_ok(),
                Reply::Standing(to, standing) => to.send(standing).is_ok(),
                Reply::Twins(to, twins) => to.send(twins).is_ok(),
            };
        }
    }
}

impl Done {
    /// Brings the listing's state up to this group; whether that changed it. Whoever waits for the
    /// listing asks for jobs when it is woken: if its own question woke it, it would ask without end.
    fn moves(&self, listing: &mut ListingState) -> bool {
        let before = *listing;
        listing.rows += self.listed.rows;
        listing.ended |= self.listing_ended;
        *listing != before
    }

    fn take(
        &mut self,
        ledger: &mut Ledger,
        run: RunId,
        message: Message,
    ) -> Result<(), LedgerError> {
        let reply = match message {
            Message::Admit(rows, reply) => {
                for row in rows {
                    self.admit(ledger, run, &row)?;
                }
                Reply::Admitted(reply)
            }
            Message::EndListing(reply) => {
                ledger.end_listing(run)?;
                self.listing_ended = true;
                Reply::ListingEnded(reply)
            }
            Message::Fact(file, fact, reply) => {
                let written = ledger.apply(file, &fact)?;
                if ends_the_row(&fact) || is_done_already(ledger, file, &fact)? {
                    self.ended_rows.extend(ledger.rows_of(run, file)?);
                }
                Reply::Written(reply, written)
            }
            Message::Jobs(pass, after, limit, reply) => {
                Reply::Jobs(reply, ledger.jobs(run, pass, after, limit)?)
            }
            Message::Standing(file, reply) => Reply::Standing(reply, ledger.standing(file)?),
            Message::Twins(file, size, digest, reply) => {
                Reply::Twins(reply, ledger.twins(file, size, digest)?)
            }
            Message::Course(change) => return ledger.keep_course(run, &change),
        };
        self.replies.push(reply);
        Ok(())
    }

    fn admit(&mut self, ledger: &mut Ledger, run: RunId, row: &Listing) -> Result<(), LedgerError> {
        self.listed.rows += 1;
        match ledger.admit(run, row)? {
            Admitted::Todo { bytes } => {
                self.listed.todo += 1;
                self.listed.bytes += bytes;
                return Ok(());
            }
            Admitted::Duplicate => {
                self.listed.duplicates += 1;
                // Its row ends with the first one's; where that one is done, so is this.
                let status = ledger.row(run, row.no)?.status;
                if !matches!(status, Status::Success | Status::Failed) {
                    return Ok(());
                }
            }
            Admitted::Skipped {
                path,
                asset_id,
                confirmed_at,
            } => {
                self.listed.skipped += 1;
                self.events.push(Event::Skipped {
                    path,
                    asset_id,
                    confirmed_at,
                });
            }
            Admitted::Refused { path, refusal } => {
                self.listed.refused += 1;
                self.events.push(Event::Failed { path, refusal });
            }
        }
        self.ended_rows.push(row.no);
        Ok(())
    }
}

fn ends_the_row(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Confirmed { .. }
            | Fact::Failed { .. }
            | Fact::Pending { .. }
            | Fact::Shared {
                confirmed: true,
                ..
            }
    )
}

/// A file whose asset was confirmed before ends when it turns out to be the same still.
fn is_done_already(ledger: &Ledger, file: FileId, fact: &Fact) -> Result<bool, LedgerError> {
    let seen = matches!(fact, Fact::Seen { .. });
    Ok(seen && matches!(ledger.standing(file)?, Standing::Confirmed(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Pass;
    use crate::source::Cells;

    #[tokio::test]
    async fn a_question_does_not_pass_for_news_of_the_listing() {
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report.csv");
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let run = ledger
            .begin_run(&report, Cells::encode([b"path".as_slice()]))
            .unwrap();
        let tail = Tail::begin(&run, None, &ledger).unwrap();
        let (events, _listener) = Events::channel();
        let (recorder, writer) = recorder(ledger, run, tail, events, Stop::new());
        let writing = tokio::spawn(writer.run());
        let listing = recorder.listing();
        assert!(
            recorder
                .jobs(Pass::First, None, 1)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(!listing.has_changed().unwrap());
        drop(recorder);
        writing.await.unwrap().unwrap();
    }
}
