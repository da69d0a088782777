//! Files on their way: a bounded set of lives that share slots, pacers and one recorder.
//!
//! Each file is one task that reads top to bottom in `life`; what may follow what is decided in
//! `protocol`. Knows neither HTTP nor `SQLite` nor the terminal.

mod concurrency;
mod dedupe;
mod feed;
mod machine;
mod watchdog;
mod worker;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::{Id, JoinError, JoinSet};

pub use concurrency::{Concurrency, ConcurrencyController};
pub use dedupe::ContentClaims;
use feed::Feed;
pub use machine::{End, Rest, SendReport, Step, UploadMachine};
use worker::{FileWorker, WorkerEnd};

use crate::api::Service;
use crate::body::Bandwidth;
use crate::event::{Event, Events};
use crate::model::{Fact, FileId, Pass};
pub use crate::poll::ConfirmPolicy;
use crate::poll::PollScheduler;
use crate::rate_limit::RateLimited;
use crate::recorder::{Recorder, RecorderStopped, internal_error};
use crate::retry::{Budget, RetryPolicy};
use crate::shutdown::Shutdown;

/// Files that may wait for confirmation at once. Waiting holds no slot, only 3 KiB or so of memory.
/// At the account's one upload a second no more than these wait within an hour, the default time-out.
const MOST_LIVES: usize = 4096;

/// How files go up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Via {
    /// An asset is asked for, then filled through its signed URL: its id is known before a byte
    /// leaves.
    #[default]
    SignedUrl,
    /// In one call, for files under [`crate::decision::DIRECT_SIZE`]: the id comes with the answer, so
    /// that a lost answer leaves an asset that nobody knows.
    Direct,
}

/// What all lives of a run share.
#[derive(Debug)]
pub struct RunContext<S> {
    /// The service, no faster than its limits.
    pub service: RateLimited<S>,
    /// The one writer.
    pub recorder: Recorder,
    /// Where things that happen are told.
    pub events: Events,
    /// How files go up.
    pub via: Via,
    /// The line that all uploads share, where it has a limit.
    pub bandwidth: Option<Arc<Bandwidth>>,
    /// Upload slots.
    pub concurrency: ConcurrencyController,
    /// How often and how soon to try again.
    pub retry: RetryPolicy,
    /// How many retries the run can afford.
    pub budget: Budget,
    /// How long to look for SUCCESS.
    pub confirm: ConfirmPolicy,
    /// Who is looked at next.
    pub polls: PollScheduler,
    /// Which bytes are on their way, when files with the same bytes share an upload.
    pub claims: Option<Arc<ContentClaims>>,
    /// The request to stop.
    pub shutdown: Shutdown,
}

/// Lives under way, with whose they are: a task that panicked cannot tell.
#[derive(Default)]
struct Workers {
    tasks: JoinSet<Result<WorkerEnd, RecorderStopped>>,
    files: HashMap<Id, (FileId, PathBuf)>,
}

type Settled = Result<(Id, Result<WorkerEnd, RecorderStopped>), JoinError>;

/// Takes jobs until there are none left or the run stops, and sees every file's life to its end;
/// then once more those that failed for reasons that may have passed.
///
/// # Errors
/// When the recorder has stopped; what is known by then is on disk.
///
/// # Cancellation
/// Dropping the future drops all lives; the ledger then knows where each file stood.
pub async fn run<S: Service>(context: Arc<RunContext<S>>) -> Result<(), RecorderStopped> {
    tokio::select! {
        ended = both_passes(&context) => ended,
        never = context.polls.serve(&context.service) => match never {},
        never = context.concurrency.tune(&context.events, || context.service.uploads_held_back()) => match never {},
    }
}

async fn both_passes<S: Service>(context: &Arc<RunContext<S>>) -> Result<(), RecorderStopped> {
    for pass in [Pass::First, Pass::Second] {
        let mut feed = Feed::new(context.recorder.clone(), pass);
        let mut lives = Workers::default();
        let mut ended = take_jobs(context, &mut feed, &mut lives).await;
        // Those left are not dropped: what they hold that cannot be written down is told.
        loop {
            if ended.is_err() {
                context.shutdown.abort_now();
            }
            match lives.settle_one(context).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(RecorderStopped) => ended = Err(RecorderStopped),
            }
        }
        ended?;
    }
    Ok(())
}

async fn take_jobs<S: Service>(
    context: &Arc<RunContext<S>>,
    feed: &mut Feed,
    lives: &mut Workers,
) -> Result<(), RecorderStopped> {
    loop {
        while lives.tasks.len() >= MOST_LIVES {
            lives.settle_one(context).await?;
        }
        let slot = tokio::select! {
            biased;
            () = context.shutdown.draining().cancelled() => return Ok(()),
            Some(ended) = lives.tasks.join_next_with_id() => {
                lives.settle(context, ended).await?;
                continue;
            }
            Some(slot) = context.concurrency.take() => slot,
        };
        let job = tokio::select! {
            () = context.shutdown.draining().cancelled() => return Ok(()),
            job = feed.next() => job?,
        };
        let Some(job) = job else { return Ok(()) };
        let whose = (job.file, job.path.clone());
        let task = lives
            .tasks
            .spawn(FileWorker::new(Arc::clone(context), job, slot).run());
        lives.files.insert(task.id(), whose);
    }
}

impl Workers {
    /// Waits for one life to end; `false` when there is none.
    async fn settle_one<S: Service>(
        &mut self,
        context: &RunContext<S>,
    ) -> Result<bool, RecorderStopped> {
        let Some(ended) = self.tasks.join_next_with_id().await else {
            return Ok(false);
        };
        self.settle(context, ended).await?;
        Ok(true)
    }

    async fn settle<S: Service>(
        &mut self,
        context: &RunContext<S>,
        ended: Settled,
    ) -> Result<(), RecorderStopped> {
        match ended {
            Ok((id, ended)) => {
                self.files.remove(&id);
                ended.map(drop)
            }
            Err(error) => self.bury(context, &error).await,
        }
    }

    /// A life that panicked costs its own row and nothing else.
    async fn bury<S: Service>(
        &mut self,
        context: &RunContext<S>,
        error: &JoinError,
    ) -> Result<(), RecorderStopped> {
        let Some((file, path)) = self.files.remove(&error.id()) else {
            return Ok(());
        };
        let refusal = internal_error();
        let fact = Fact::Failed {
            refusal: refusal.clone(),
            posts: 0,
        };
        context.recorder.write(file, fact).await?;
        context.events.send(Event::Failed { path, refusal });
        Ok(())
    }
}
