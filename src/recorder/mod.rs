//! The one writer: everything that is to be remembered goes through here, and is on disk when its
//! sender hears back.
//!
//! Whatever waits is written as one group with one commit, so that nobody waits for another's disk
//! sync twice. Input rows are written with no sync of their own: a power loss may take those that no
//! fact followed, and the next run lists them anew. Rows that ended are appended to the report after
//! their commit. Knows the ledger and the report; neither the service nor the terminal.

mod group;
mod writer;

use tokio::sync::{mpsc, oneshot, watch};
pub use writer::{Writer, recorder};

use crate::ledger::{DuplicateCandidates, Listing, TimelineChange, Written};
use crate::model::{ErrorCode, Fact, FileId, Job, Pass, RowFailure, Sha256, StoredState};
use crate::report::ReportError;

/// The writer stopped: the disk, the ledger or the report failed. The reason is the writer's own
/// result; whoever sees this only has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecorderStopped;

/// Why the books could not be kept or closed: the ledger's error, or the report's at the run's end.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct RecordError(#[from] pub ReportError);

#[derive(Debug)]
enum Message {
    Admit(Vec<Listing>, oneshot::Sender<()>),
    EndListing(oneshot::Sender<()>),
    Fact(FileId, Fact, oneshot::Sender<Written>),
    Jobs(Pass, Option<u64>, u32, oneshot::Sender<Vec<(u64, Job)>>),
    StoredState(FileId, oneshot::Sender<StoredState>),
    DuplicateCandidates(
        FileId,
        u64,
        Option<Sha256>,
        oneshot::Sender<DuplicateCandidates>,
    ),
    Course(TimelineChange),
}

impl Message {
    /// Whether it leaves nothing that a power loss may not take.
    fn is_of_the_listing(&self) -> bool {
        !matches!(self, Self::Fact(..) | Self::EndListing(_))
    }
}

/// The sending end; cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder {
    messages: mpsc::Sender<Message>,
    listing: watch::Receiver<ListingState>,
}

/// A sending end that the writer does not wait for: for whoever may hang for ever.
#[derive(Debug)]
pub struct WeakRecorder {
    messages: mpsc::WeakSender<Message>,
    listing: watch::Receiver<ListingState>,
}

impl WeakRecorder {
    /// Has it written down how the run goes, with no disk sync of its own: a power loss may take
    /// what no fact followed. `false` when the writer is too busy, or gone.
    pub(crate) fn record_timeline(&self, change: impl FnOnce() -> Option<TimelineChange>) -> bool {
        let Some(messages) = self.messages.upgrade() else {
            return false;
        };
        let Ok(place) = messages.try_reserve() else {
            return false;
        };
        if let Some(change) = change() {
            place.send(Message::Course(change));
        }
        true
    }

    /// The recorder, while anybody else has one too.
    ///
    /// # Errors
    /// When the run is over.
    pub fn upgrade(&self) -> Result<Recorder, RecorderStopped> {
        Ok(Recorder {
            messages: self.messages.upgrade().ok_or(RecorderStopped)?,
            listing: self.listing.clone(),
        })
    }
}

/// How far the listing is: changes with every batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListingState {
    /// Rows admitted so far.
    pub rows: u64,
    /// The input was read to its end.
    pub ended: bool,
}

impl Recorder {
    /// Writes a fact about a file; back when it is on disk.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub async fn write(&self, file: FileId, fact: Fact) -> Result<Written, RecorderStopped> {
        self.ask(|reply| Message::Fact(file, fact, reply)).await
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
        self.ask(|reply| Message::Jobs(pass, after, limit, reply))
            .await
    }

    /// Where a file stands now.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub async fn stored_state(&self, file: FileId) -> Result<StoredState, RecorderStopped> {
        self.ask(|reply| Message::StoredState(file, reply)).await
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
        self.ask(|reply| Message::DuplicateCandidates(file, size, digest, reply))
            .await
    }

    /// Hands input rows over; blocking. They are taken in once [`Admission::wait`] is back, so that
    /// the next ones can be looked at meanwhile.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn admit_blocking(&self, rows: Vec<Listing>) -> Result<Admission, RecorderStopped> {
        let (reply, answer) = oneshot::channel();
        self.messages
            .blocking_send(Message::Admit(rows, reply))
            .map_err(|_| RecorderStopped)?;
        Ok(Admission(answer))
    }

    /// Writes down that the input was read to its end; blocking.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn end_listing_blocking(&self) -> Result<(), RecorderStopped> {
        let (reply, answer) = oneshot::channel();
        self.messages
            .blocking_send(Message::EndListing(reply))
            .map_err(|_| RecorderStopped)?;
        answer.blocking_recv().map_err(|_| RecorderStopped)
    }

    /// A handle that keeps nobody waiting for its end.
    #[must_use]
    pub fn downgrade(&self) -> WeakRecorder {
        WeakRecorder {
            messages: self.messages.downgrade(),
            listing: self.listing.clone(),
        }
    }

    /// How far the listing is.
    #[must_use]
    pub fn listing(&self) -> watch::Receiver<ListingState> {
        self.listing.clone()
    }

    async fn ask<T>(
        &self,
        message: impl FnOnce(oneshot::Sender<T>) -> Message,
    ) -> Result<T, RecorderStopped> {
        let (reply, answer) = oneshot::channel();
        self.messages
            .send(message(reply))
            .await
            .map_err(|_| RecorderStopped)?;
        answer.await.map_err(|_| RecorderStopped)
    }
}

/// Input rows on their way into the ledger.
#[derive(Debug)]
#[must_use = "rows handed over without waiting for earlier ones pile up in memory"]
pub struct Admission(oneshot::Receiver<()>);

impl Admission {
    /// Waits until the rows are taken in; blocking.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn wait(self) -> Result<(), RecorderStopped> {
        self.0.blocking_recv().map_err(|_| RecorderStopped)
    }
}

/// The refusal of a row whose task panicked.
#[must_use]
pub fn internal_error() -> RowFailure {
    let text = "a defect of mavi ended this file's task: please report it; run again to go on";
    RowFailure::new(ErrorCode::Internal, text)
}
