//! One file, from its job to its end: does what the machine says, and reports to it what came of it.
//! Decides nothing; knows neither HTTP nor the ledger's tables.

mod blocking;
mod duplicates;
mod events;
mod local;

use std::sync::Arc;
use std::time::Duration;

use duplicates::DuplicateSearch;
use events::event_of;
use jiff::Timestamp;
use local::LocalAccess;
use tokio::time::Instant;

use super::concurrency::Slot;
use super::context::{RunContext, Via};
use super::machine::{End, SendReport, Step, UploadMachine};
use super::watchdog::watch_upload;
use crate::api::{Fault, SendFault, Service, StatusAnswer};
use crate::body::{BodyProgress, FileBody, FileBodyOptions, LocalFile, sent_name};
use crate::crash;
use crate::event::Event;
use crate::ledger::Written;
use crate::model::{AssetId, Fact, FileVersion, Job, Pass, StoredState};
use crate::poll::PollTicket;
use crate::recorder::RecorderStopped;
use crate::retry::Pause;

/// A pause longer than this gives the upload slot back.
const LONG_PAUSE: Duration = Duration::from_secs(10);

/// The pauses between polls of an asset whose upload ended in doubt: three polls over 15 s, at a
/// retry delay of one second.
const DOUBT_PAUSE: Duration = Duration::from_millis(7_500);

/// One file on its way, with what it holds.
pub(super) struct FileWorker<S> {
    context: Arc<RunContext<S>>,
    job: Job,
    /// The name to send.
    name: String,
    local: LocalAccess<S>,
    duplicates: Option<DuplicateSearch<S>>,
    ticket: Option<PollTicket>,
    /// The service has called a request of this file a duplicate.
    had_conflict: bool,
}

impl<S: Service> FileWorker<S> {
    pub(super) fn new(context: Arc<RunContext<S>>, job: Job, slot: Slot) -> Self {
        let path = job.path.clone();
        Self {
            name: sent_name(&job.path, job.name.as_deref()),
            local: LocalAccess::new(Arc::clone(&context), path, job.version, slot),
            duplicates: DuplicateSearch::new(&context, job.file),
            context,
            job,
            ticket: None,
            had_conflict: false,
        }
    }

    /// Goes the whole way. An upload slot is held while an asset is asked for and filled, never
    /// while the service processes it.
    ///
    /// The larger steps are boxed: thousands of workers wait for confirmation at once, and none of
    /// those should hold the memory that an upload takes.
    pub(super) async fn run(mut self) -> Result<(), RecorderStopped> {
        let mut machine = Box::pin(self.resume()).await?;
        loop {
            let stopping = self.context.shutdown.draining().is_cancelled();
            let uploads_next = matches!(machine.step(), Step::Sign | Step::Send(_));
            // Asked again before each upload: meanwhile another file may have sent the same bytes.
            if uploads_next && !stopping && !Box::pin(self.may_upload(&mut machine)).await? {
                continue;
            }
            match machine.step() {
                // Before anything else happens, and also when the run is stopping: what is known now
                // is known nowhere else.
                Step::Record(fact) => {
                    let fact = fact.clone();
                    Box::pin(self.record(&mut machine, fact)).await?;
                }
                Step::End(End::Stopped(cause)) => {
                    self.context.shutdown.fail(cause.clone());
                    self.suspend();
                    return Ok(());
                }
                Step::End(_) => return Ok(()),
                _ if stopping => {
                    self.suspend();
                    return Ok(());
                }
                Step::Sign if self.context.via == Via::Direct => {
                    Box::pin(self.send_directly(&mut machine)).await;
                }
                Step::Sign => Box::pin(self.sign(&mut machine)).await,
                Step::Send(_) => Box::pin(self.send(&mut machine)).await,
                Step::Pause(pause) => {
                    Box::pin(self.pause(pause)).await;
                    machine.paused();
                }
                Step::PollDoubtful { .. } => Box::pin(self.poll_doubtful(&mut machine)).await,
                Step::PollSent(_) => self.poll_sent(&mut machine).await,
                Step::Hash => Box::pin(self.hash(&mut machine)).await,
            }
        }
    }

    /// The machine, from where the ledger left the file.
    async fn resume(&mut self) -> Result<UploadMachine, RecorderStopped> {
        let mut stored_state = std::mem::replace(&mut self.job.stored_state, StoredState::New);
        if let Some(duplicates) = &mut self.duplicates {
            stored_state = duplicates
                .claim_stored(&mut self.local, stored_state)
                .await?;
        }
        let (version, expected) = (self.local.version(), self.job.expected_sha256);
        let machine = UploadMachine::resume(stored_state, version, expected, self.context.retry);
        Ok(match self.job.pass {
            Pass::First => machine,
            Pass::Second => machine.in_second_pass(self.job.attempts, self.job.assets),
        })
    }

    /// Whether no other file uploads, or has uploaded, the same bytes.
    async fn may_upload(&mut self, machine: &mut UploadMachine) -> Result<bool, RecorderStopped> {
        match &mut self.duplicates {
            Some(duplicates) => duplicates.may_upload(&mut self.local, machine).await,
            None => Ok(true),
        }
    }

    /// Writes a fact down, and reports it to listeners once it is on disk.
    async fn record(
        &mut self,
        machine: &mut UploadMachine,
        fact: Fact,
    ) -> Result<(), RecorderStopped> {
        // The slot goes first: the next upload need not wait for this commit.
        if let Fact::Sent { .. } | Fact::Shared { .. } = fact {
            self.local.release_slot();
        }
        let recorder = &self.context.recorder;
        let written = recorder.write(self.job.file, fact.clone()).await;
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
        if let (Fact::Sent { sha256, .. }, Some(duplicates)) = (&fact, &mut self.duplicates) {
            duplicates.set_digest(*sha256);
        }
        pass_recorded(&fact);
        let confirms = machine.step() == Step::End(&End::Confirmed);
        let (path, size) = (self.job.path.clone(), self.local.size());
        if let Some(event) = event_of(fact, path, size, confirms) {
            self.context.events.send(event);
        }
        Ok(())
    }

    async fn pause(&mut self, pause: Pause) {
        self.local.close();
        // A file that has to be left alone for long does not keep others from their upload.
        if pause.at_least > LONG_PAUSE {
            self.local.release_slot();
        }
        let length = self.context.retry.length(pause);
        self.context.events.send(Event::Retrying {
            path: self.job.path.clone(),
            attempt: pause.attempt,
            pause: length,
        });
        let affordable = async {
            self.context.budget.spend().await;
            tokio::time::sleep(length).await;
        };
        tokio::select! {
            () = affordable => {}
            () = self.context.shutdown.draining().cancelled() => {}
        }
    }

    async fn hash(&mut self, machine: &mut UploadMachine) {
        let hashed = match self.local.hash().await {
            Ok(Some((stamp, sha256))) => Ok((FileVersion::from(&stamp), sha256)),
            // Broken off: the run is stopping.
            Ok(None) => return,
            Err(failure) => Err(failure),
        };
        machine.hashed(hashed, Timestamp::now());
    }

    fn suspend(&self) {
        self.context.events.send(Event::Suspended {
            path: self.job.path.clone(),
        });
    }

    /// Opens the file. `None`: that failed, and the machine knows, or the run is stopping.
    async fn open(&mut self, machine: &mut UploadMachine) -> Option<LocalFile> {
        self.local.open().await.unwrap_or_else(|failure| {
            machine.unreadable(failure);
            None
        })
    }

    /// Asks for an asset.
    async fn sign(&mut self, machine: &mut UploadMachine) {
        // The file is opened before an asset is asked for: an id costs, an open file does not.
        let Some(file) = self.open(machine).await else {
            return;
        };
        let (version, opened_at) = (FileVersion::from(file.stamp()), Instant::now());
        self.context.events.send(Event::Signing {
            path: self.job.path.clone(),
        });
        crash::point("sign asking");
        let answer = tokio::select! {
            answer = self.context.service.sign(&self.name) => answer,
            () = self.context.shutdown.abort_calls().cancelled() => Err(Fault::Cancelled),
        };
        crash::point("sign answered");
        match &answer {
            Err(Fault::Cancelled) => return,
            Err(Fault::Descriptors(_)) => {
                self.local.wait_for_descriptors().await;
                return;
            }
            Err(fault) if fault.may_be_done() => self.report_lost_answer(fault),
            Err(_) => {}
            Ok(_) => {
                self.local.leave_open(file, opened_at);
                self.context.budget.earn();
            }
        }
        machine.signed(answer, version, Timestamp::now());
    }

    /// Sends the file to its asset, which is in the ledger: the id is known before a byte leaves.
    async fn send(&mut self, machine: &mut UploadMachine) {
        let Some(file) = self.open(machine).await else {
            return;
        };
        let awaits_refusal = machine.awaits_early_refusal();
        let Some(fillable) = machine.opened(FileVersion::from(file.stamp())) else {
            return;
        };
        let (context, asset_id) = (Arc::clone(&self.context), fillable.asset.asset_id.clone());
        let call = |body| context.service.send(&fillable.url, body);
        let upload = self.upload(file, Some(asset_id), awaits_refusal, call);
        if let Some(report) = upload.await {
            machine.sent(report, Timestamp::now());
        }
    }

    /// Sends the file without asking for an asset first.
    async fn send_directly(&mut self, machine: &mut UploadMachine) {
        let Some(file) = self.open(machine).await else {
            return;
        };
        let version = FileVersion::from(file.stamp());
        let awaits_refusal = machine.awaits_early_refusal();
        let context = Arc::clone(&self.context);
        let call = |body| context.service.direct(body);
        let Some(report) = self.upload(file, None, awaits_refusal, call).await else {
            return;
        };
        if let (Err(SendFault::Refused(fault)), Some(_)) = (&report.result, report.digest)
            && fault.may_be_done()
        {
            self.report_lost_answer(fault);
        }
        machine.sent_directly(report, version, Timestamp::now());
    }

    /// Sends an opened file through `call`. `None`: the run's end broke it off, or no connection came
    /// about for want of an open file; the step is still due.
    async fn upload<T, F>(
        &mut self,
        file: LocalFile,
        asset_id: Option<AssetId>,
        awaits_refusal: bool,
        call: impl FnOnce(FileBody) -> F,
    ) -> Option<SendReport<T>>
    where
        F: Future<Output = Result<T, SendFault>>,
    {
        let stamp = *file.stamp();
        let options = FileBodyOptions {
            expected: self.job.expected_sha256,
            again: awaits_refusal,
            bandwidth: self.context.bandwidth.clone(),
        };
        let body = FileBody::start(file, &self.name, options);
        let progress = body.progress().clone();
        self.context.events.send(Event::Sending {
            path: self.job.path.clone(),
            size: stamp.size,
            asset_id,
            progress: progress.clone(),
        });
        crash::point("send starting");
        let mut report = self.watched(progress, call(body)).await?;
        if let Err(SendFault::Refused(Fault::Descriptors(_))) = report.result {
            self.local.wait_for_descriptors().await;
            return None;
        }
        // Storage took its time to answer, and what it holds may have been overtaken.
        if report.digest.is_some()
            && !matches!(report.result, Err(SendFault::Aborted))
            && let Some(changed) = self.local.changed_since(&stamp).await
        {
            report.body_fault = Some(changed);
        }
        crash::point("send read");
        Some(report)
    }

    /// Sees an upload to its end; `None` when the run's end broke it off.
    async fn watched<T>(
        &self,
        progress: BodyProgress,
        upload: impl Future<Output = Result<T, SendFault>>,
    ) -> Option<SendReport<T>> {
        let _under_way = self.context.concurrency.watch(&progress);
        let upload = watch_upload(progress, upload, |rate| self.report_slow(rate));
        let report = tokio::select! {
            report = upload => report,
            () = self.context.shutdown.abort_uploads().cancelled() => return None,
        };
        if report.result.is_ok() {
            self.context.budget.earn();
        }
        let cancelled = matches!(report.result, Err(SendFault::Refused(Fault::Cancelled)));
        (!cancelled).then_some(report)
    }

    /// An answer may have held an id. What is called a duplicate again and again is the same earlier
    /// request each time.
    fn report_lost_answer(&mut self, fault: &Fault) {
        if matches!(fault, Fault::Conflict(_)) {
            let is_known = self.job.pass == Pass::Second || self.had_conflict;
            self.had_conflict = true;
            if is_known {
                return;
            }
        }
        let path = self.job.path.clone();
        self.context.events.send(Event::AnswerLost { path });
    }

    fn report_slow(&self, bytes_a_second: u64) {
        let name = self.job.path.display();
        let text = format!("{name}: uploading at {bytes_a_second} bytes a second; it goes on");
        self.context.events.send(Event::Warning(text));
    }

    /// Polls an asset whose upload ended in doubt: ahead of the queue, since its slot waits.
    async fn poll_doubtful(&mut self, machine: &mut UploadMachine) {
        let Step::PollDoubtful {
            asset_id,
            polls,
            hold,
        } = machine.step()
        else {
            return;
        };
        let asset_id = asset_id.clone();
        let pause = match (polls, hold) {
            (0, None) => Duration::ZERO,
            (0, Some(hold)) => hold.max(self.context.retry.scaled(DOUBT_PAUSE)),
            _ => self.context.retry.scaled(DOUBT_PAUSE),
        };
        if pause > LONG_PAUSE {
            self.local.close();
            self.local.release_slot();
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.context.shutdown.draining().cancelled() => return,
        }
        if let Some(answer) = self.poll(asset_id).await {
            machine.polled(answer, self.local.version(), false, Timestamp::now());
        }
    }

    /// Waits in the queue for the poll that may confirm the asset. Holds no upload slot.
    async fn poll_sent(&mut self, machine: &mut UploadMachine) {
        let Step::PollSent(asset) = machine.step() else {
            return;
        };
        self.local.release_slot();
        if self.context.confirm.timeout.is_none() {
            return machine.leave_pending();
        }
        let context = Arc::clone(&self.context);
        let kept = self.ticket.take().filter(|ticket| ticket.is_of(asset));
        let mut ticket = kept.unwrap_or_else(|| context.polls.ticket(asset));
        let asset_id = asset.asset_id.clone();
        let permit = tokio::select! {
            permit = context.polls.permit(&ticket) => permit,
            () = context.shutdown.draining().cancelled() => return,
        };
        // Before the poll: an answer that took long does not make it late.
        let late = context.polls.is_late(&ticket);
        let Some(answer) = Box::pin(self.poll(asset_id)).await else {
            return;
        };
        if let Some(word) = context.polls.observe(&mut ticket, &answer) {
            context.events.send(Event::Warning(format!(
                "the service calls an upload {word:?}, a status this program does not know: it is \
                 taken for one that is not over"
            )));
        }
        // After the answer was learnt from: the next choice is made with it.
        drop(permit);
        self.ticket = Some(ticket);
        machine.polled(answer, self.local.version(), late, Timestamp::now());
    }

    /// One poll; `None` when the run's end came first.
    async fn poll(&mut self, asset_id: AssetId) -> Option<Result<StatusAnswer, Fault>> {
        let mut broken = false;
        let answer = loop {
            crash::point("poll asking");
            let answer = tokio::select! {
                answer = self.context.service.status(&asset_id) => answer,
                () = self.context.shutdown.abort_calls().cancelled() => return None,
            };
            match answer {
                Err(Fault::Cancelled) => return None,
                // Most likely a kept connection that the other side was just closing; asking is free.
                Err(Fault::Broken(_)) if !broken => broken = true,
                Err(Fault::Descriptors(_)) if self.local.wait_for_descriptors().await => {}
                answer => break answer,
            }
        };
        crash::point("poll answered");
        if answer.is_ok() {
            self.context.budget.earn();
        }
        self.context.events.send(Event::Polled { asset_id });
        Some(answer)
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
