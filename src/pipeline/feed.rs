//! Jobs out of the ledger, in input order, while the input is still being listed. Starts nothing.

use std::collections::VecDeque;

use tokio::sync::watch;

use crate::model::{Job, Pass};
use crate::recorder::{ListingState, Recorder, RecorderStopped};

/// Jobs fetched at a time: enough to make the query's cost vanish, few enough to weigh nothing.
const BATCH: u32 = 64;

/// The queue's reading end.
#[derive(Debug)]
pub(super) struct Feed {
    recorder: Recorder,
    listing: watch::Receiver<ListingState>,
    pass: Pass,
    after: Option<u64>,
    jobs: VecDeque<Job>,
}

impl Feed {
    pub(super) fn new(recorder: Recorder, pass: Pass) -> Self {
        let listing = recorder.listing();
        Self {
            recorder,
            listing,
            pass,
            after: None,
            jobs: VecDeque::new(),
        }
    }

    /// The next job; waits for the listing to find one. `None` when it has ended.
    pub(super) async fn next(&mut self) -> Result<Option<Job>, RecorderStopped> {
        loop {
            if let Some(job) = self.jobs.pop_front() {
                return Ok(Some(job));
            }
            let ended = self.listing.borrow_and_update().ended;
            for (no, job) in self.recorder.jobs(self.pass, self.after, BATCH).await? {
                self.after = Some(no);
                self.jobs.push_back(job);
            }
            if self.jobs.is_empty() {
                if ended {
                    return Ok(None);
                }
                self.listing.changed().await.map_err(|_| RecorderStopped)?;
            }
        }
    }
}
