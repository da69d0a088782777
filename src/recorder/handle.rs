//! The sending end of the recorder, for whatever works. Holds no ledger.

use tokio::sync::{mpsc, oneshot, watch};

use super::message::{ListingState, Message};
use crate::ledger::{DuplicateCandidates, Listing, Op, Reply, RunId, TimelineChange, Written};
use crate::model::{ErrorCode, Fact, FileId, Job, Pass, RowFailure, Sha256, StoredState};

/// The writer stopped: the disk, the ledger or the report failed. The reason is the writer's own
/// result; a sender only has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecorderStopped;

/// The sending end; cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder {
    pub(super) run: RunId,
    pub(super) messages: mpsc::Sender<Message>,
    pub(super) listing: watch::Receiver<ListingState>,
}

/// A sending end that the writer does not wait for: for a holder that may hang for ever.
#[derive(Debug)]
pub struct WeakRecorder {
    run: RunId,
    messages: mpsc::WeakSender<Message>,
    listing: watch::Receiver<ListingState>,
}

impl WeakRecorder {
    /// Has the writer store how the run goes, with no disk sync of its own: a power loss may take what
    /// no fact followed. `false` when the writer is too busy, or gone.
    pub(crate) fn record_timeline(&self, change: impl FnOnce() -> Option<TimelineChange>) -> bool {
        let Some(messages) = self.messages.upgrade() else {
            return false;
        };
        let Ok(place) = messages.try_reserve() else {
            return false;
        };
        if let Some(change) = change() {
            let run = self.run;
            place.send(Message::Op(Op::Timeline { run, change }, None));
        }
        true
    }

    /// The recorder, while another one is there.
    ///
    /// # Errors
    /// When the run is over.
    pub fn upgrade(&self) -> Result<Recorder, RecorderStopped> {
        Ok(Recorder {
            run: self.run,
            messages: self.messages.upgrade().ok_or(RecorderStopped)?,
            listing: self.listing.clone(),
        })
    }
}

impl Recorder {
    /// Writes a fact about a file; returns when it is on disk.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub async fn write(&self, file: FileId, fact: Fact) -> Result<Written, RecorderStopped> {
        match self.ask(Op::Apply { file, fact }).await? {
            Reply::Written(written) => Ok(written),
            _ => Err(RecorderStopped),
        }
    }

    /// The next jobs of a pass behind input row `after`.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub async fn jobs(
        &self,
        pass: Pass,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Job)>, RecorderStopped> {
        let run = self.run;
        let jobs = Op::Jobs {
            run,
            pass,
            after,
            limit,
        };
        match self.ask(jobs).await? {
            Reply::Jobs(jobs) => Ok(jobs),
            _ => Err(RecorderStopped),
        }
    }

    /// Where a file stands now.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub async fn stored_state(&self, file: FileId) -> Result<StoredState, RecorderStopped> {
        match self.ask(Op::StoredState(file)).await? {
            Reply::StoredState(stored_state) => Ok(stored_state),
            _ => Err(RecorderStopped),
        }
    }

    /// The assets of other files than this one that may hold the same bytes: of this size, and of
    /// this digest where one is given.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub async fn duplicate_candidates(
        &self,
        file: FileId,
        size: u64,
        digest: Option<Sha256>,
    ) -> Result<DuplicateCandidates, RecorderStopped> {
        let candidates = Op::DuplicateCandidates { file, size, digest };
        match self.ask(candidates).await? {
            Reply::DuplicateCandidates(candidates) => Ok(candidates),
            _ => Err(RecorderStopped),
        }
    }

    /// Hands input rows over; blocking. They are written once `PendingRows::wait` returns; the
    /// next ones can be prepared meanwhile.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn admit_blocking(&self, rows: Vec<Listing>) -> Result<PendingRows, RecorderStopped> {
        let (reply, answer) = oneshot::channel();
        self.send_blocking(Message::Admit(rows, reply))?;
        Ok(PendingRows(answer))
    }

    /// Writes down that the input was read to its end; blocking.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn end_listing_blocking(&self) -> Result<(), RecorderStopped> {
        let (reply, answer) = oneshot::channel();
        self.send_blocking(Message::Op(Op::EndListing(self.run), Some(reply)))?;
        answer
            .blocking_recv()
            .map(drop)
            .map_err(|_| RecorderStopped)
    }

    /// A handle whose end the writer does not wait for.
    #[must_use]
    pub fn downgrade(&self) -> WeakRecorder {
        WeakRecorder {
            run: self.run,
            messages: self.messages.downgrade(),
            listing: self.listing.clone(),
        }
    }

    /// How far the listing is.
    #[must_use]
    pub fn listing(&self) -> watch::Receiver<ListingState> {
        self.listing.clone()
    }

    fn send_blocking(&self, message: Message) -> Result<(), RecorderStopped> {
        let sent = self.messages.blocking_send(message);
        sent.map_err(|_| RecorderStopped)
    }

    async fn ask(&self, op: Op) -> Result<Reply, RecorderStopped> {
        let (reply, answer) = oneshot::channel();
        // Sent once there is room: a file that waits for that holds the operation once, not twice.
        let place = self.messages.reserve().await;
        let place = place.map_err(|_| RecorderStopped)?;
        place.send(Message::Op(op, Some(reply)));
        answer.await.map_err(|_| RecorderStopped)
    }
}

/// Input rows on their way into the ledger.
#[derive(Debug)]
#[must_use = "rows handed over without waiting for earlier ones pile up in memory"]
pub struct PendingRows(oneshot::Receiver<Reply>);

impl PendingRows {
    /// Waits until the rows are written; blocking.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn wait(self) -> Result<(), RecorderStopped> {
        self.0
            .blocking_recv()
            .map(drop)
            .map_err(|_| RecorderStopped)
    }
}

/// The refusal of a row whose task panicked.
pub(crate) fn internal_error() -> RowFailure {
    let text = "a defect of mavi ended this file's task: please report it; run again to go on";
    RowFailure::new(ErrorCode::Internal, text)
}
