//! The workers of a run: takes jobs while slots are free, starts a worker for each, and sees all of
//! them to their end. Does not know what a worker does.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::{Id, JoinError, JoinSet};

use super::concurrency::Slot;
use super::context::RunContext;
use super::feed::Feed;
use super::worker::FileWorker;
use crate::api::Service;
use crate::event::Event;
use crate::model::{Fact, FileId, Job, Pass};
use crate::recorder::{RecorderStopped, internal_error};

/// Files that may wait for confirmation at once. Waiting holds no slot, only 3 KiB or so of memory.
/// At the account's one upload a second no more than these wait within an hour, the default time-out.
const MOST_WORKERS: usize = 4096;

/// Takes jobs until there are none left or the run stops, and sees every file to its end; then once
/// more those that failed for reasons that may have passed.
///
/// # Cancellation
/// Dropping the future drops all workers; the ledger then knows where each file stood.
pub(crate) async fn run<S: Service>(context: Arc<RunContext<S>>) -> Result<(), RecorderStopped> {
    let held_back = || context.service.uploads_held_back();
    tokio::select! {
        ended = both_passes(&context) => ended,
        never = context.polls.grant_permits(&context.service) => match never {},
        never = context.concurrency.adjust(&context.events, held_back) => match never {},
    }
}

async fn both_passes<S: Service>(context: &Arc<RunContext<S>>) -> Result<(), RecorderStopped> {
    for pass in [Pass::First, Pass::Second] {
        let mut feed = Feed::new(context.recorder.clone(), pass);
        let mut workers = Workers::new(context);
        let taken = workers.take_jobs(&mut feed).await;
        workers.join_all(taken).await?;
    }
    Ok(())
}

/// Workers under way, with their files: a task that panicked cannot say whose it was.
struct Workers<'a, S> {
    context: &'a Arc<RunContext<S>>,
    tasks: JoinSet<Result<(), RecorderStopped>>,
    files: HashMap<Id, (FileId, PathBuf)>,
}

type Joined = Result<(Id, Result<(), RecorderStopped>), JoinError>;

impl<'a, S: Service> Workers<'a, S> {
    fn new(context: &'a Arc<RunContext<S>>) -> Self {
        Self {
            context,
            tasks: JoinSet::new(),
            files: HashMap::new(),
        }
    }

    /// Starts a worker for each job, until there are none left or the run is stopping.
    async fn take_jobs(&mut self, feed: &mut Feed) -> Result<(), RecorderStopped> {
        loop {
            while self.tasks.len() >= MOST_WORKERS {
                self.join_one().await?;
            }
            // The slot comes before the job: a job is taken when it can begin.
            let slot = tokio::select! {
                biased;
                () = self.context.shutdown.draining().cancelled() => return Ok(()),
                Some(joined) = self.tasks.join_next_with_id() => {
                    self.joined(joined).await?;
                    continue;
                }
                Some(slot) = self.context.concurrency.acquire() => slot,
            };
            let job = tokio::select! {
                () = self.context.shutdown.draining().cancelled() => return Ok(()),
                job = feed.next() => job?,
            };
            let Some(job) = job else { return Ok(()) };
            self.start(job, slot);
        }
    }

    fn start(&mut self, job: Job, slot: Slot) {
        let file = (job.file, job.path.clone());
        let worker = FileWorker::new(Arc::clone(self.context), job, slot);
        let task = self.tasks.spawn(worker.run());
        self.files.insert(task.id(), file);
    }

    /// Waits for all workers. Once the recorder has stopped they are asked to end and not dropped:
    /// what they hold that cannot be written down is reported.
    async fn join_all(
        mut self,
        mut result: Result<(), RecorderStopped>,
    ) -> Result<(), RecorderStopped> {
        loop {
            if result.is_err() {
                self.context.shutdown.abort_now();
            }
            match self.join_one().await {
                Ok(true) => {}
                Ok(false) => return result,
                Err(RecorderStopped) => result = Err(RecorderStopped),
            }
        }
    }

    /// Waits for one worker to end; `false` when there is none.
    async fn join_one(&mut self) -> Result<bool, RecorderStopped> {
        let Some(joined) = self.tasks.join_next_with_id().await else {
            return Ok(false);
        };
        self.joined(joined).await?;
        Ok(true)
    }

    async fn joined(&mut self, joined: Joined) -> Result<(), RecorderStopped> {
        match joined {
            Ok((id, ended)) => {
                self.files.remove(&id);
                ended
            }
            Err(error) => self.record_panic(&error).await,
        }
    }

    /// A worker that panicked costs its own row and nothing else.
    async fn record_panic(&mut self, error: &JoinError) -> Result<(), RecorderStopped> {
        let Some((file, path)) = self.files.remove(&error.id()) else {
            return Ok(());
        };
        let failure = internal_error();
        let fact = Fact::Failed {
            failure: failure.clone(),
            posts: 0,
        };
        self.context.recorder.write(file, fact).await?;
        self.context.events.send(Event::Failed { path, failure });
        Ok(())
    }
}
