//! The messages that waited, as one batch for the ledger, and what is left to do once that is on
//! disk.

use super::admission::admissions;
use super::message::{Answer, ListingState, Message};
use crate::event::{Event, Listed};
use crate::ledger::{
    Admission, AdmittedRow, Durability, Ledger, LedgerError, Listing, Op, Reader, Reply, RunId,
};
use crate::model::{Fact, FileId};

/// What is to be committed, and who waits for it.
#[derive(Default)]
pub(super) struct Batch {
    ops: Vec<Op>,
    /// One for each of `ops`. The rows that an operation without one answers with have ended.
    answers: Vec<Option<Answer>>,
    done: GroupOutcome,
}

/// What a batch leaves to do once it is on disk.
#[derive(Default)]
pub(super) struct GroupOutcome {
    pub(super) replies: Vec<(Answer, Reply)>,
    pub(super) events: Vec<Event>,
    pub(super) ended_rows: Vec<u64>,
    pub(super) listed: Listed,
    pub(super) listing_ended: bool,
}

impl Batch {
    /// Makes a batch of messages. Input rows come first: what is decided on them holds for the ledger
    /// as it is.
    pub(super) fn new(
        ledger: &Reader,
        run: RunId,
        messages: Vec<Message>,
    ) -> Result<Self, LedgerError> {
        let (mut rows, mut admitted) = (Vec::new(), Vec::new());
        let mut batch = Self::default();
        for message in messages {
            match message {
                Message::Admit(more, answer) => {
                    rows.extend(more);
                    admitted.push((answer, Reply::Done));
                }
                Message::Op(op, answer) => batch.push(run, op, answer),
            }
        }
        batch.done.replies = admitted;
        if !rows.is_empty() {
            batch.admit(ledger, run, rows)?;
        }
        Ok(batch)
    }

    /// Commits it. Where all of it was only listed, a power loss may take it: the next run lists it
    /// anew. A fact about one of the rows syncs them with it.
    pub(super) fn commit(mut self, ledger: &mut Ledger) -> Result<GroupOutcome, LedgerError> {
        let is_lasting = |op: &Op| matches!(op, Op::Apply { .. } | Op::EndListing(_));
        let durability = if self.ops.iter().any(is_lasting) {
            Durability::Synced
        } else {
            Durability::Unsynced
        };
        let replies = ledger.commit(durability, &self.ops)?;
        for (answer, reply) in self.answers.into_iter().zip(replies) {
            match (answer, reply) {
                (Some(answer), reply) => self.done.replies.push((answer, reply)),
                (None, Reply::Rows(rows)) => self.done.ended_rows.extend(rows),
                (None, _) => {}
            }
        }
        Ok(self.done)
    }

    fn push(&mut self, run: RunId, op: Op, answer: Option<Answer>) {
        self.done.listing_ended |= matches!(op, Op::EndListing(_));
        let ended = match &op {
            Op::Apply { file, fact } => rows_ended_by(run, *file, fact),
            _ => None,
        };
        self.ops.push(op);
        self.answers.push(answer);
        if let Some(ended) = ended {
            self.ops.push(ended);
            self.answers.push(None);
        }
    }

    fn admit(
        &mut self,
        ledger: &Reader,
        run: RunId,
        rows: Vec<Listing>,
    ) -> Result<(), LedgerError> {
        let rows = admissions(ledger, run, rows)?;
        for row in &rows {
            self.done.count(row);
        }
        self.ops.insert(0, Op::Admit { run, rows });
        self.answers.insert(0, None);
        Ok(())
    }
}

impl GroupOutcome {
    /// Brings the listing's state up to this batch; whether that changed it. Those who wait for the
    /// listing ask for jobs when they are woken: if their own question woke them, they would ask
    /// without end.
    pub(super) fn moves(&self, listing: &mut ListingState) -> bool {
        let before = *listing;
        listing.rows += self.listed.rows;
        listing.ended |= self.listing_ended;
        *listing != before
    }

    fn count(&mut self, row: &AdmittedRow) {
        let path = || row.listing.candidate.path.clone();
        self.listed.rows += 1;
        match &row.admission {
            Admission::Todo { bytes } => {
                self.listed.todo += 1;
                self.listed.bytes += bytes;
            }
            Admission::DuplicateOf(_) => self.listed.duplicates += 1,
            Admission::Skipped {
                asset_id,
                confirmed_at,
            } => {
                self.listed.skipped += 1;
                self.events.push(Event::Skipped {
                    path: path(),
                    asset_id: asset_id.clone(),
                    confirmed_at: confirmed_at.clone(),
                });
            }
            Admission::Refused(failure) => {
                self.listed.refused += 1;
                self.events.push(Event::Failed {
                    path: path(),
                    failure: failure.clone(),
                });
            }
        }
    }
}

/// Asks for the rows that a fact about their file ends.
fn rows_ended_by(run: RunId, file: FileId, fact: &Fact) -> Option<Op> {
    let if_confirmed = match fact {
        Fact::Confirmed { .. }
        | Fact::Failed { .. }
        | Fact::Pending { .. }
        | Fact::Shared {
            confirmed: true, ..
        } => false,
        // A file whose asset was confirmed before ends when it turns out to be the same still.
        Fact::Version { .. } => true,
        _ => return None,
    };
    Some(Op::RowsOf {
        run,
        file,
        if_confirmed,
    })
}
