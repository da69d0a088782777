//! The service of the model: it loses answers, breaks connections, lags, fails and lets URLs expire.

use std::time::Duration;

use super::{World, digest};
use crate::api::{Fault, SendFault, SignedUpload, StatusAnswer};
use crate::model::{Asset, AssetId, SignedUrl, UploadStatus};
use crate::pipeline::machine::SendReport;

/// An asset as the service holds it.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) id: AssetId,
    pub(super) status: UploadStatus,
    /// The version of the file that arrived, and how much of it.
    pub(super) bytes: Option<(u8, u64)>,
    pub(super) expires: i64,
    pub(super) lag: u32,
    /// It counts against the file: not called FAILED, of the right size, of this version.
    pub(super) excused: bool,
}

impl World {
    pub(super) fn held(&mut self, id: &AssetId) -> &mut Held {
        self.assets.iter_mut().find(|held| held.id == *id).unwrap()
    }

    pub(super) fn sign(&mut self) -> Result<SignedUpload, Fault> {
        if self.chance(10) {
            return Err(Fault::Server(503, String::new()));
        }
        let id = AssetId::parse(&format!("re_{}", self.assets.len())).unwrap();
        let lifetime = if self.chance(15) { 3 } else { 100_000 };
        self.assets.push(Held {
            id: id.clone(),
            status: UploadStatus::Waiting,
            bytes: None,
            expires: self.clock + lifetime,
            lag: 0,
            excused: false,
        });
        if self.chance(10) {
            return Err(Fault::Broken("answer lost".to_owned()));
        }
        Ok(SignedUpload {
            asset_id: id,
            url: SignedUrl::parse("https://storage.example/x").unwrap(),
            expires_in: Duration::from_secs(u64::try_from(lifetime).unwrap()),
        })
    }

    /// The bytes of the file arrive whole, unless something happens on the way.
    pub(super) fn post(&mut self, asset: &Asset) -> Result<SendReport, String> {
        let report = |result, digest| SendReport {
            result,
            begun: true,
            digest,
            body_fault: None,
        };
        if !self.knows(&asset.asset_id) {
            return Err(format!(
                "bytes left for {} before it was written down",
                asset.asset_id
            ));
        }
        if self.held(&asset.asset_id).bytes.is_some() {
            return Err(format!(
                "{} was sent to again although it holds bytes",
                asset.asset_id
            ));
        }
        if self.clock > self.held(&asset.asset_id).expires {
            let denied = SendFault::Denied {
                expired: true,
                text: "expired".to_owned(),
            };
            return Ok(report(Err(denied), None));
        }
        if self.chance(15) {
            return Ok(report(
                Err(SendFault::Refused(Fault::Broken(String::new()))),
                None,
            ));
        }
        let (version, size, cut) = (self.version, self.version().size, self.chance(5));
        let (fails, lag) = (self.chance(10), self.random.u32(..4));
        let held = self.held(&asset.asset_id);
        held.bytes = Some((version, if cut { size - 1 } else { size }));
        held.status = if fails {
            UploadStatus::Failed
        } else {
            UploadStatus::Uploading
        };
        held.lag = lag;
        held.excused = fails || cut;
        let lost = [
            Fault::Broken(String::new()),
            Fault::Server(500, String::new()),
        ];
        if self.chance(20) {
            let fault = lost[self.random.usize(..2)].clone();
            return Ok(report(
                Err(SendFault::Refused(fault)),
                Some(digest(version)),
            ));
        }
        Ok(report(Ok(()), Some(digest(version))))
    }

    pub(super) fn poll(&mut self, id: &AssetId) -> Result<StatusAnswer, Fault> {
        if self.chance(10) {
            return Err(Fault::Timeout(String::new()));
        }
        if self.chance(10) {
            return Ok(StatusAnswer::Absent);
        }
        let held = self.held(id);
        if held.lag > 0 && held.bytes.is_some() {
            held.lag -= 1;
        } else if held.status == UploadStatus::Uploading {
            held.status = UploadStatus::Success;
        }
        let status = held.status.clone();
        Ok(StatusAnswer::Found {
            status,
            file_size: held.bytes.map(|(_, size)| size),
        })
    }
}
