//! One group of messages: written into the ledger together, and what that leaves to do once it is on
//! disk.

use tokio::sync::oneshot;

use super::{ListingState, Message};
use crate::event::{Event, Listed};
use crate::ledger::{
    Admitted, DuplicateCandidates, Ledger, LedgerError, Listing, ReportRow, RunId, Status, Written,
};
use crate::model::{Fact, FileId, Job, StoredState};

/// What a message gets back, held until its group is on disk.
pub(super) enum Reply {
    Admitted(oneshot::Sender<()>),
    ListingEnded(oneshot::Sender<()>),
    Written(oneshot::Sender<Written>, Written),
    Jobs(oneshot::Sender<Vec<(u64, Job)>>, Vec<(u64, Job)>),
    StoredState(oneshot::Sender<StoredState>, StoredState),
    DuplicateCandidates(oneshot::Sender<DuplicateCandidates>, DuplicateCandidates),
}

impl Reply {
    pub(super) fn send(self) {
        // Who does not wait any more has no use for the answer; the ledger has the fact.
        let _ = match self {
            Self::Admitted(to) | Self::ListingEnded(to) => to.send(()).is_ok(),
            Self::Written(to, written) => to.send(written).is_ok(),
            Self::Jobs(to, jobs) => to.send(jobs).is_ok(),
            Self::StoredState(to, stored_state) => to.send(stored_state).is_ok(),
            Self::DuplicateCandidates(to, duplicate_candidates) => {
                to.send(duplicate_candidates).is_ok()
            }
        };
    }
}

/// What a group leaves to do once it is on disk.
#[derive(Default)]
pub(super) struct GroupOutcome {
    pub(super) replies: Vec<Reply>,
    pub(super) events: Vec<Event>,
    pub(super) ended_rows: Vec<u64>,
    /// Those rows, where the report takes them.
    pub(super) report_rows: Vec<ReportRow>,
    pub(super) listed: Listed,
    pub(super) listing_ended: bool,
}

impl GroupOutcome {
    /// Brings the listing's state up to this group; whether that changed it. Whoever waits for the
    /// listing asks for jobs when it is woken: if its own question woke it, it would ask without end.
    pub(super) fn moves(&self, listing: &mut ListingState) -> bool {
        let before = *listing;
        listing.rows += self.listed.rows;
        listing.ended |= self.listing_ended;
        *listing != before
    }

    pub(super) fn take(
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
            Message::StoredState(file, reply) => {
                Reply::StoredState(reply, ledger.stored_state(file)?)
            }
            Message::DuplicateCandidates(file, size, digest, reply) => {
                Reply::DuplicateCandidates(reply, ledger.duplicate_candidates(file, size, digest)?)
            }
            Message::Course(change) => return ledger.record_timeline(run, &change),
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
    let version = matches!(fact, Fact::Version { .. });
    Ok(version && matches!(ledger.stored_state(file)?, StoredState::Confirmed(_)))
}
