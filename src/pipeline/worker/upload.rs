//! The steps of a life that move its file: asking for an asset, and sending the bytes.

use jiff::Timestamp;
use tokio::time::Instant;

use super::super::machine::{SendReport, Step, UploadMachine};
use super::super::watchdog::transfer;
use super::FileWorker;
use crate::api::{Fault, SendFault, Service};
use crate::body::{BodyProgress, FileBody, FileBodyOptions, LocalFile};
use crate::crash;
use crate::event::Event;
use crate::model::{FileVersion, Pass};

impl<S: Service> FileWorker<S> {
    pub(super) async fn sign(&mut self, machine: &mut UploadMachine) {
        // The file is looked at before an asset is asked for: an id costs, a look does not.
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
                self.wait_for_descriptors().await;
                return;
            }
            Err(fault) if fault.may_be_done() => self.tell_lost(fault),
            Err(_) => {}
            Ok(_) => {
                self.opened = Some((file, opened_at));
                self.context.budget.earn();
            }
        }
        machine.signed(answer, version, Timestamp::now());
    }

    /// Sends the file to its asset. `false` when the run's end broke the upload off.
    pub(super) async fn send(&mut self, machine: &mut UploadMachine) -> bool {
        let Some(file) = self.open(machine).await else {
            return true;
        };
        if !machine.opened(FileVersion::from(file.stamp())) {
            return true;
        }
        let Step::Send(asset) = machine.step() else {
            return true;
        };
        let Some(url) = asset.url.clone() else {
            return true;
        };
        let (path, asset_id) = (self.job.path.clone(), asset.asset_id.clone());
        let stamp = *file.stamp();
        let size = stamp.size;
        let parcel = self.parcel(file, machine);
        let progress = parcel.progress().clone();
        self.context.events.send(Event::Sending {
            path,
            size,
            asset_id: Some(asset_id),
            progress: progress.clone(),
        });
        crash::point("send starting");
        let upload = self.context.service.send(&url, parcel);
        let Some(mut report) = self.watched(progress, upload).await else {
            return false;
        };
        if is_short(&report) {
            self.wait_for_descriptors().await;
            return true;
        }
        self.compare(&mut report, &stamp).await;
        crash::point("send read");
        machine.sent(report, Timestamp::now());
        true
    }

    /// Sends the file without asking for an asset first. `false` when the run's end broke it off.
    pub(super) async fn send_directly(&mut self, machine: &mut UploadMachine) -> bool {
        let Some(file) = self.open(machine).await else {
            return true;
        };
        let stamp = *file.stamp();
        let version = FileVersion::from(&stamp);
        let parcel = self.parcel(file, machine);
        let progress = parcel.progress().clone();
        self.context.events.send(Event::Sending {
            path: self.job.path.clone(),
            size: version.size,
            asset_id: None,
            progress: progress.clone(),
        });
        let upload = self.context.service.direct(parcel);
        let Some(mut report) = self.watched(progress, upload).await else {
            return false;
        };
        if is_short(&report) {
            self.wait_for_descriptors().await;
            return true;
        }
        self.compare(&mut report, &stamp).await;
        if let (Err(SendFault::Refused(fault)), Some(_)) = (&report.result, report.digest)
            && fault.may_be_done()
        {
            self.tell_lost(fault);
        }
        machine.sent_directly(report, version, Timestamp::now());
        true
    }

    fn parcel(&self, file: LocalFile, machine: &UploadMachine) -> FileBody {
        let options = FileBodyOptions {
            expected: self.job.expected_sha256,
            again: machine.doubted(),
            bandwidth: self.context.bandwidth.clone(),
        };
        FileBody::start(file, &self.name, options)
    }

    /// Sees an upload to its end; `None` when the run's end broke it off.
    async fn watched<T>(
        &self,
        progress: BodyProgress,
        upload: impl Future<Output = Result<T, SendFault>>,
    ) -> Option<SendReport<T>> {
        let _in_flight = self.context.concurrency.ticket(&progress);
        let upload = transfer(progress, upload, |rate| self.tell_slow(rate));
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
    fn tell_lost(&mut self, fault: &Fault) {
        if matches!(fault, Fault::Conflict(_)) {
            let known = self.job.pass == Pass::Second || self.duplicate;
            self.duplicate = true;
            if known {
                return;
            }
        }
        let path = self.job.path.clone();
        self.context.events.send(Event::AnswerLost { path });
    }

    fn tell_slow(&self, bytes_a_second: u64) {
        let name = self.job.path.display();
        let text = format!("{name}: uploading at {bytes_a_second} bytes a second; it goes on");
        self.context.events.send(Event::Warning(text));
    }
}

/// No connection came about, for want of an open file on this machine.
fn is_short<T>(report: &SendReport<T>) -> bool {
    matches!(
        report.result,
        Err(SendFault::Refused(Fault::Descriptors(_)))
    )
}
