//! A file that goes up without an asset asked for first: its id comes with the answer, or never.

use jiff::Timestamp;

use super::{Adoption, Fact, SendReport, State, UploadMachine};
use crate::api::{Fault, SendFault};
use crate::model::{Asset, AssetId, ErrorCode, FileVersion, RowFailure};

impl UploadMachine {
    /// The end of a direct upload, in place of the answer to [`super::Step::Sign`].
    pub fn sent_directly(
        &mut self,
        report: SendReport<AssetId>,
        version: FileVersion,
        now: Timestamp,
    ) {
        self.posted(&report);
        match (report.result, report.digest) {
            (Ok(asset_id), Some(sha256)) => {
                self.assets += 1;
                let asset = Asset {
                    asset_id,
                    url: None,
                    url_expires_at: now,
                    version,
                    sha256: None,
                    sent_at: None,
                    shared: false,
                };
                let next = match report.body_fault {
                    Some(fault) => self.overtaken(asset.clone(), Some(fault)),
                    None => self.adopted(asset.clone(), Adoption::Sent, sha256, now),
                };
                self.state = State::recording(Fact::Allotted(asset), next);
            }
            (Err(SendFault::Aborted), _) => self.broken_off(report.body_fault, State::Queued),
            // The whole file had left and no answer says what became of it. Another upload might be
            // paid for twice: that is for a person to decide.
            (Err(SendFault::Refused(fault)), Some(_)) if leaves_open(&fault) => self.fail(
                RowFailure::new(
                    ErrorCode::OutcomeUnknown,
                    "the answer to a direct upload was lost: the service may hold the file under an \
                     id that nobody knows; run again to upload it anew, perhaps for the second time",
                ),
                false,
            ),
            (Err(SendFault::Refused(fault @ Fault::Throttled { .. })), _) => {
                self.slowed_down(&fault, State::Queued);
            }
            (Err(SendFault::Refused(Fault::Probe(_))), _) if !report.begun => {
                self.state = State::Queued;
            }
            (Err(SendFault::Refused(fault)), _) => self.trouble(&fault, State::Queued),
            (Err(SendFault::Denied { text, .. } | SendFault::Exists(text)), _) => {
                self.fail(RowFailure::new(ErrorCode::BadRequest, text), false);
            }
            (Ok(_) | Err(SendFault::Early), _) => {
                let text = "the service answered before it had been given the whole file";
                self.trouble(&Fault::Protocol(text.to_owned()), State::Queued);
            }
        }
    }
}

fn leaves_open(fault: &Fault) -> bool {
    fault.may_be_done()
        || matches!(
            fault,
            Fault::Server(..) | Fault::Protocol(_) | Fault::NotJson(_)
        )
}
