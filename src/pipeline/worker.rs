//! One file's life, from its job to its end: does what the protocol says, and tells it what it saw.

mod duplicates;
mod local;
mod poll;
mod upload;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::concurrency::Slot;
use super::dedupe::ContentClaim;
use super::machine::{End, Rest, Step, UploadMachine};
use super::{RunContext, Via};
use crate::api::Service;
use crate::body::{LocalFile, hash_file, sent_name};
use crate::crash;
use crate::event::Event;
use crate::ledger::Written;
use crate::model::{
    ErrorCode, Fact, FileStamp, FileVersion, Job, Pass, RowFailure, Sha256, StoredState,
};
use crate::poll::PollTicket;
use crate::recorder::RecorderStopped;

/// A pause longer than this gives the upload slot back.
const LONG_REST: Duration = Duration::from_secs(10);

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WorkerEnd {
    /// The file is done, one way or the other.
    Done,
    /// The run is stopping; the ledger knows where the file stands.
    Suspended,
}

/// One file on its way, with what it holds.
pub(super) struct FileWorker<S> {
    context: Arc<RunContext<S>>,
    job: Job,
    name: String,
    slot: Option<Slot>,
    version: Option<FileVersion>,
    /// The file as it was opened last, with when: for a step that follows at once.
    opened: Option<(LocalFile, Instant)>,
    ticket: Option<PollTicket>,
    claim: Option<ContentClaim>,
    /// The service has called a request of this file a duplicate.
    duplicate: bool,
}

impl<S: Service> FileWorker<S> {
    pub(super) fn new(context: Arc<RunContext<S>>, job: Job, slot: Slot) -> Self {
        let name = sent_name(&job.path, job.name.as_deref());
        let version = job.version;
        Self {
            context,
            job,
            name,
            slot: Some(slot),
            version,
            opened: None,
            ticket: None,
            claim: None,
            duplicate: false,
        }
    }

    /// Goes the whole way. An upload slot is held while an asset is asked for and filled, never
    /// while the service processes it.
    ///
    /// The larger steps are boxed: thousands of lives wait for confirmation at once, and none of
    /// those should keep the room that an upload takes.
    pub(super) async fn run(mut self) -> Result<WorkerEnd, RecorderStopped> {
        Box::pin(self.claim_sent()).await?;
        let stored_state = std::mem::replace(&mut self.job.stored_state, StoredState::New);
        let begun =
            matches!(stored_state, StoredState::Allotted(_)) && self.context.claims.is_some();
        let mut machine = self.machine(stored_state);
        if begun {
            // A file of the same bytes may have gone on with the asset meanwhile.
            let claimed = Box::pin(self.claim_bytes(&mut machine)).await?;
            self.claim = claimed.map(|(_, claim)| claim);
            machine = self.machine(self.context.recorder.stored_state(self.job.file).await?);
        }
        loop {
            let stopping = self.context.shutdown.draining().is_cancelled();
            let uploads_next = matches!(machine.step(), Step::Sign | Step::Send(_));
            if uploads_next && !stopping && !Box::pin(self.is_alone(&mut machine)).await? {
                continue;
            }
            match machine.step() {
                Step::Record(fact) => {
                    let fact = fact.clone();
                    Box::pin(self.record(&mut machine, fact)).await?;
                }
                Step::End(End::Stopped(cause)) => {
                    self.context.shutdown.fail(cause.clone());
                    return Ok(self.suspend());
                }
                Step::End(_) => return Ok(WorkerEnd::Done),
                _ if stopping => return Ok(self.suspend()),
                Step::Sign if self.context.via == Via::Direct => {
                    if !Box::pin(self.send_directly(&mut machine)).await {
                        return Ok(self.suspend());
                    }
                }
                Step::Sign => Box::pin(self.sign(&mut machine)).await,
                Step::Send(_) => {
                    if !Box::pin(self.send(&mut machine)).await {
                        return Ok(self.suspend());
                    }
                }
                Step::Rest(rest) => {
                    Box::pin(self.rest(rest)).await;
                    machine.rested();
                }
                Step::Resolve(..) => Box::pin(self.resolve(&mut machine)).await,
                Step::Confirm(_) => self.confirm(&mut machine).await,
                Step::Hash => Box::pin(self.hash(&mut machine)).await,
            }
        }
    }

    fn machine(&self, stored_state: StoredState) -> UploadMachine {
        let (expected, policy) = (self.job.expected_sha256, self.context.retry);
        let machine = UploadMachine::resume(stored_state, self.version, expected, policy);
        match self.job.pass {
            Pass::First => machine,
            Pass::Second => machine.again(self.job.attempts, self.job.assets),
        }
    }

    /// Writes a fact down, and tells of it once it is on disk.
    async fn record(
        &mut self,
        machine: &mut UploadMachine,
        fact: Fact,
    ) -> Result<(), RecorderStopped> {
        if let Fact::Sent { .. } | Fact::Shared { .. } = fact {
            self.slot = None;
        }
        let written = self
            .context
            .recorder
            .write(self.job.file, fact.clone())
            .await;
        if let (Err(RecorderStopped), Fact::Allotted(asset)) = (&written, &fact) {
            self.context.events.send(Event::Unwritten {
                path: self.job.path.clone(),
                asset_id: asset.asset_id.clone(),
            });
        }
        match written? {
            Written::Done => machine.recorded(),
            Written::AssetIdTaken => machine.asset_id_taken(),
            Written::DuplicateGone => {
                machine.duplicate_gone();
                return Ok(());
            }
        }
        if let (Fact::Sent { sha256, .. }, Some(claim)) = (&fact, &mut self.claim) {
            claim.read(*sha256);
        }
        pass_recorded(&fact);
        self.tell(fact, machine);
        Ok(())
    }

    async fn rest(&mut self, rest: Rest) {
        self.opened = None;
        let pause = self.context.retry.pause(rest.attempt);
        let pause = pause.max(self.context.retry.scaled(rest.at_least));
        // A file that has to be left alone for long does not keep others from their upload.
        if rest.at_least > LONG_REST {
            self.slot = None;
        }
        let path = self.job.path.clone();
        self.context.events.send(Event::Retrying {
            path,
            attempt: rest.attempt,
            pause,
        });
        let affordable = async {
            self.context.budget.spend().await;
            tokio::time::sleep(pause).await;
        };
        tokio::select! {
            () = affordable => {}
            () = self.context.shutdown.draining().cancelled() => {}
        }
    }

    async fn hash(&mut self, machine: &mut UploadMachine) {
        match self.read_through().await {
            Ok(Some((stamp, sha256))) => {
                machine.hashed(Ok((FileVersion::from(&stamp), sha256)), Timestamp::now());
            }
            Err(refusal) => machine.hashed(Err(refusal), Timestamp::now()),
            // Broken off: the run is stopping.
            Ok(None) => {}
        }
    }

    /// Reads and hashes the file; `Ok(None)` when the run's end broke that off.
    async fn read_through(&mut self) -> Result<Option<(FileStamp, Sha256)>, RowFailure> {
        loop {
            let (path, shutdown) = (self.job.path.clone(), self.context.shutdown.clone());
            let read = local::watched(&self.context.shutdown, move |beat| {
                let keep_on = || {
                    beat.strike();
                    !shutdown.abort_uploads().is_cancelled()
                };
                hash_file(&path, &keep_on)
            });
            match read.await {
                None => return Ok(None),
                Some(Err(refusal)) if refusal.code == ErrorCode::NoDescriptors => {
                    if !self.wait_for_descriptors().await {
                        return Ok(None);
                    }
                }
                Some(read) => return read,
            }
        }
    }

    fn suspend(&self) -> WorkerEnd {
        self.context.events.send(Event::Suspended {
            path: self.job.path.clone(),
        });
        WorkerEnd::Suspended
    }

    fn tell(&self, fact: Fact, machine: &UploadMachine) {
        let path = self.job.path.clone();
        let size = self.version.map_or(0, |version| version.size);
        let event = match fact {
            Fact::Sent {
                asset_id, sha256, ..
            } => Event::Sent {
                path,
                size,
                asset_id,
                sha256,
            },
            Fact::Shared {
                asset_id,
                confirmed,
                ..
            } => Event::Shared {
                path,
                size,
                asset_id,
                confirmed,
            },
            Fact::Confirmed { asset_id, .. } => Event::Confirmed {
                path,
                size,
                asset_id,
            },
            Fact::Version { asset_id, .. } if machine.step() == Step::End(&End::Confirmed) => {
                Event::Confirmed {
                    path,
                    size,
                    asset_id,
                }
            }
            Fact::Abandoned { asset_id, reason } => Event::Abandoned {
                path,
                asset_id,
                reason: reason.to_string(),
            },
            Fact::Failed { refusal, .. } => Event::Failed { path, refusal },
            Fact::Deferred { refusal, .. } => Event::Deferred { path, refusal },
            Fact::Pending { asset_id } => Event::Pending { path, asset_id },
            Fact::Allotted(_) | Fact::TakenOver { .. } | Fact::Version { .. } => return,
        };
        self.context.events.send(event);
    }
}

/// The kill point behind a fact's commit, and behind its report row where it has one.
fn pass_recorded(fact: &Fact) {
    match fact {
        Fact::Allotted(_) => crash::point("allotted recorded"),
        Fact::Sent { .. } => crash::point("sent recorded"),
        Fact::Confirmed { .. } => crash::point("confirmed recorded"),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
