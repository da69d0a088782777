//! One file's life, from its job to its end: does what the protocol says, and tells it what it saw.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;

use super::protocol::{End, Fact, Protocol, Rest, SendReport, Step};
use super::transfer::transfer;
use super::{Crew, Via};
use crate::api::{Fault, Look, SendFault, Service};
use crate::asset::{AssetId, Sha256};
use crate::body::{LocalFile, Parcel, ParcelOptions, hash_file, sent_name};
use crate::crash;
use crate::error::{ErrorCode, Refusal};
use crate::event::Event;
use crate::ledger::Written;
use crate::looks::Watch;
use crate::plan::{Job, Pass, Seen};
use crate::record::Halted;

/// The pauses between looks at an asset whose upload ended in doubt: three looks over 15 s, at a
/// retry delay of one second.
const DOUBT_PAUSE: Duration = Duration::from_millis(7_500);

/// A pause longer than this gives the upload slot back.
const LONG_REST: Duration = Duration::from_secs(10);

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The file is done, one way or the other.
    Done,
    /// The run is stopping; the ledger knows where the file stands.
    Parked,
}

/// One file on its way, with what it holds.
pub(super) struct Life<S> {
    crew: Arc<Crew<S>>,
    job: Job,
    name: String,
    slot: Option<OwnedSemaphorePermit>,
    seen: Option<Seen>,
    watch: Option<Watch>,
}

impl<S: Service> Life<S> {
    pub(super) fn new(crew: Arc<Crew<S>>, job: Job, slot: OwnedSemaphorePermit) -> Self {
        let name = sent_name(&job.path, job.name.as_deref());
        let seen = job.seen;
        Self {
            crew,
            job,
            name,
            slot: Some(slot),
            seen,
            watch: None,
        }
    }

    /// Goes the whole way. An upload slot is held while an asset is asked for and filled, never
    /// while the service processes it.
    pub(super) async fn run(mut self) -> Result<Ended, Halted> {
        let standing = self.job.standing.clone();
        let (expected, policy) = (self.job.expected_sha256, self.crew.retry);
        let mut way = Protocol::resume(standing, self.seen, expected, policy);
        if self.job.pass == Pass::Second {
            way = way.again(self.job.attempts);
        }
        loop {
            let stopping = self.crew.stop.nothing_new().is_cancelled();
            match way.step() {
                Step::Record(fact) => {
                    let fact = fact.clone();
                    self.record(&mut way, fact).await?;
                }
                Step::End(End::Stopped(cause)) => {
                    self.crew.stop.because(cause.clone());
                    return Ok(self.park());
                }
                Step::End(_) => return Ok(Ended::Done),
                _ if stopping => return Ok(self.park()),
                Step::Sign if self.crew.via == Via::Direct => {
                    if !self.send_directly(&mut way).await {
                        return Ok(self.park());
                    }
                }
                Step::Sign => self.sign(&mut way).await,
                Step::Send(_) => {
                    if !self.send(&mut way).await {
                        return Ok(self.park());
                    }
                }
                Step::Rest(rest) => {
                    self.rest(rest).await;
                    way.rested();
                }
                Step::Resolve(..) => self.resolve(&mut way).await,
                Step::Confirm(_) => self.confirm(&mut way).await,
                Step::Hash => self.hash(&mut way).await,
            }
        }
    }

    /// Writes a fact down, and tells of it once it is on disk.
    async fn record(&mut self, way: &mut Protocol, fact: Fact) -> Result<(), Halted> {
        if matches!(fact, Fact::Sent { .. }) {
            self.slot = None;
        }
        match self
            .crew
            .recorder
            .write(self.job.file, fact.clone())
            .await?
        {
            Written::Done => way.recorded(),
            Written::AssetIdTaken => way.asset_id_taken(),
        }
        crash::recorded(&fact);
        self.tell(fact);
        Ok(())
    }

    async fn sign(&mut self, way: &mut Protocol) {
        // The file is looked at before an asset is asked for: an id costs, a look does not.
        let seen = match self.open(way).await {
            Some(file) => Seen::from(file.stamp()),
            None => return,
        };
        self.crew.events.send(Event::Signing {
            path: self.job.path.clone(),
        });
        crash::point("sign asking");
        let answer = tokio::select! {
            answer = self.crew.service.sign(&self.name) => answer,
            () = self.crew.stop.calls().cancelled() => Err(Fault::Cancelled),
        };
        crash::point("sign answered");
        match &answer {
            Err(Fault::Cancelled) => return,
            Err(fault) if fault.may_be_done() => {
                let path = self.job.path.clone();
                self.crew.events.send(Event::AnswerLost { path });
            }
            Err(_) => {}
            Ok(_) => self.crew.budget.earn(),
        }
        way.signed(answer, seen, Timestamp::now());
    }

    /// Sends the file to its asset. `false` when the run's end broke the upload off.
    async fn send(&mut self, way: &mut Protocol) -> bool {
        let Some(file) = self.open(way).await else {
            return true;
        };
        if !way.opened(Seen::from(file.stamp())) {
            return true;
        }
        let Step::Send(asset) = way.step() else {
            return true;
        };
        let Some(url) = asset.url.clone() else {
            return true;
        };
        let (path, asset_id) = (self.job.path.clone(), asset.asset_id.clone());
        let size = file.stamp().size;
        self.crew.events.send(Event::Sending {
            path,
            size,
            asset_id: Some(asset_id),
        });
        let parcel = self.parcel(file, way);
        let transit = parcel.transit().clone();
        crash::point("send starting");
        let upload = self.crew.service.send(&url, parcel);
        let upload = transfer(transit, upload, |rate| self.tell_slow(rate));
        let Some(report) = self.watched(upload).await else {
            return false;
        };
        crash::point("send read");
        way.sent(report, Timestamp::now());
        true
    }

    /// Sends the file without asking for an asset first. `false` when the run's end broke it off.
    async fn send_directly(&mut self, way: &mut Protocol) -> bool {
        let Some(file) = self.open(way).await else {
            return true;
        };
        let seen = Seen::from(file.stamp());
        self.crew.events.send(Event::Sending {
            path: self.job.path.clone(),
            size: seen.size,
            asset_id: None,
        });
        let parcel = self.parcel(file, way);
        let transit = parcel.transit().clone();
        let upload = self.crew.service.direct(parcel);
        let upload = transfer(transit, upload, |rate| self.tell_slow(rate));
        let Some(report) = self.watched(upload).await else {
            return false;
        };
        if let (Err(SendFault::Refused(fault)), Some(_)) = (&report.result, report.digest)
            && fault.may_be_done()
        {
            let path = self.job.path.clone();
            self.crew.events.send(Event::AnswerLost { path });
        }
        way.sent_directly(report, seen, Timestamp::now());
        true
    }

    fn parcel(&self, file: LocalFile, way: &Protocol) -> Parcel {
        let options = ParcelOptions {
            expected: self.job.expected_sha256,
            again: way.posts() > 0,
            bandwidth: self.crew.bandwidth.clone(),
        };
        Parcel::start(file, &self.name, options)
    }

    /// Sees an upload to its end; `None` when the run's end broke it off.
    async fn watched<T>(
        &self,
        upload: impl Future<Output = SendReport<T>>,
    ) -> Option<SendReport<T>> {
        let report = tokio::select! {
            report = upload => report,
            () = self.crew.stop.uploads().cancelled() => return None,
        };
        if report.result.is_ok() {
            self.crew.budget.earn();
        }
        let cancelled = matches!(report.result, Err(SendFault::Refused(Fault::Cancelled)));
        (!cancelled).then_some(report)
    }

    /// Looks at an asset whose upload ended in doubt: ahead of the line, since its slot waits.
    async fn resolve(&mut self, way: &mut Protocol) {
        let Step::Resolve(asset_id, looks) = way.step() else {
            return;
        };
        let asset_id = asset_id.clone();
        let pause = if looks == 0 {
            Duration::ZERO
        } else {
            self.crew.retry.scaled(DOUBT_PAUSE)
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.crew.stop.nothing_new().cancelled() => return,
        }
        if let Some(answer) = self.look(asset_id).await {
            way.looked(answer, self.seen, false, Timestamp::now());
        }
    }

    /// Waits in line for the look that may confirm the asset. Holds no upload slot.
    async fn confirm(&mut self, way: &mut Protocol) {
        let Step::Confirm(asset) = way.step() else {
            return;
        };
        self.slot = None;
        if self.crew.confirm.timeout.is_none() {
            return way.leave_pending();
        }
        let crew = Arc::clone(&self.crew);
        let kept = self.watch.take().filter(|watch| watch.is_of(asset));
        let mut watch = kept.unwrap_or_else(|| crew.looks.watch(asset));
        let asset_id = asset.asset_id.clone();
        let turn = tokio::select! {
            turn = crew.looks.turn(&watch) => turn,
            () = crew.stop.nothing_new().cancelled() => return,
        };
        let late = crew.looks.is_late(&watch);
        let Some(answer) = self.look(asset_id).await else {
            return;
        };
        if let Some(word) = crew.looks.learn(&mut watch, &answer) {
            crew.events.send(Event::Warning(format!(
                "the service calls an upload {word:?}, a status this program does not know: it is \
                 taken for one that is not over"
            )));
        }
        drop(turn);
        self.watch = Some(watch);
        way.looked(answer, self.seen, late, Timestamp::now());
    }

    /// One look; `None` when the run's end came first.
    async fn look(&self, asset_id: AssetId) -> Option<Result<Look, Fault>> {
        crash::point("look asking");
        let answer = tokio::select! {
            answer = self.crew.service.status(&asset_id) => answer,
            () = self.crew.stop.calls().cancelled() => return None,
        };
        if answer == Err(Fault::Cancelled) {
            return None;
        }
        crash::point("look answered");
        if answer.is_ok() {
            self.crew.budget.earn();
        }
        self.crew.events.send(Event::Looked { asset_id });
        Some(answer)
    }

    async fn rest(&mut self, rest: Rest) {
        let pause = self.crew.retry.pause(rest.attempt);
        let pause = pause.max(self.crew.retry.scaled(rest.at_least));
        // A file that has to be left alone for long does not keep others from their upload.
        if rest.at_least > LONG_REST {
            self.slot = None;
        }
        let path = self.job.path.clone();
        self.crew.events.send(Event::Retrying {
            path,
            attempt: rest.attempt,
            pause,
        });
        let affordable = async {
            self.crew.budget.spend().await;
            tokio::time::sleep(pause).await;
        };
        tokio::select! {
            () = affordable => {}
            () = self.crew.stop.nothing_new().cancelled() => {}
        }
    }

    async fn hash(&mut self, way: &mut Protocol) {
        match self.read_through().await {
            Ok(Some(hashed)) => way.hashed(Ok(hashed), Timestamp::now()),
            Err(refusal) => way.hashed(Err(refusal), Timestamp::now()),
            // Broken off: the run is stopping.
            Ok(None) => {}
        }
    }

    async fn read_through(&self) -> Result<Option<(Seen, Sha256)>, Refusal> {
        let (path, stop) = (self.job.path.clone(), self.crew.stop.clone());
        let keep_on = move || !stop.uploads().is_cancelled();
        let hashed = tokio::task::spawn_blocking(move || hash_file(&path, &keep_on)).await;
        let hashed = hashed.unwrap_or_else(|_| Err(crate::record::internal_error()))?;
        Ok(hashed.map(|(stamp, digest)| (Seen::from(&stamp), digest)))
    }

    /// Opens the file and takes an upload slot, where none is held. `None`: it could not be opened,
    /// and the protocol knows.
    async fn open(&mut self, way: &mut Protocol) -> Option<LocalFile> {
        if self.slot.is_none() {
            self.slot = Arc::clone(&self.crew.slots).acquire_owned().await.ok();
        }
        let path = self.job.path.clone();
        let opened = tokio::task::spawn_blocking(move || LocalFile::open(&path)).await;
        match opened.unwrap_or_else(|_| Err(crate::record::internal_error())) {
            Ok(file) if file.stamp().size == 0 => {
                way.unreadable(Refusal::new(ErrorCode::Empty, "the file has become empty"));
                None
            }
            Ok(file) => {
                self.seen = Some(Seen::from(file.stamp()));
                Some(file)
            }
            Err(refusal) => {
                way.unreadable(refusal);
                None
            }
        }
    }

    fn tell_slow(&self, bytes_a_second: u64) {
        let name = self.job.path.display();
        let text = format!("{name}: uploading at {bytes_a_second} bytes a second; it goes on");
        self.crew.events.send(Event::Warning(text));
    }

    fn park(&self) -> Ended {
        self.crew.events.send(Event::Parked {
            path: self.job.path.clone(),
        });
        Ended::Parked
    }

    fn tell(&self, fact: Fact) {
        let path = self.job.path.clone();
        let size = self.seen.map_or(0, |seen| seen.size);
        let event = match fact {
            Fact::Sent {
                asset_id, sha256, ..
            } => Event::Sent {
                path,
                size,
                asset_id,
                sha256,
            },
            Fact::Confirmed { asset_id, .. } => Event::Confirmed {
                path,
                size,
                asset_id,
            },
            Fact::Abandoned { asset_id, reason } => Event::Abandoned {
                path,
                asset_id,
                reason: reason.to_string(),
            },
            Fact::Failed { refusal, .. } => Event::Failed { path, refusal },
            Fact::Deferred { refusal, .. } => Event::Deferred { path, refusal },
            Fact::Pending { asset_id } => Event::Pending { path, asset_id },
            Fact::Allotted(_) | Fact::Seen { .. } => return,
        };
        self.crew.events.send(event);
    }
}
