//! The assets: what was asked for, what arrived, and the status of each at a given moment.
//!
//! An asset is one small record without a task or a timer; its status is computed when it is asked for. This file
//! knows neither HTTP nor the disk.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use crate::fate::{Fate, FateStatus};
use crate::signer::hex;
use crate::sink::ReceivedFile;

/// An asset as the sandbox holds it, for tests and for `GET /sandbox/assets`.
#[derive(Serialize, Clone, Debug)]
pub struct HeldAsset {
    /// `re_` and 18 digits.
    pub asset_id: String,
    /// The name as it was asked for at sign, or sent with a direct upload.
    pub original_filename: String,
    /// The name the accepted upload's part carried, decoded.
    pub sent_filename: Option<String>,
    /// `WAITING`, `UPLOADING` or `SUCCESS`; `FAILED` if a fault decided so.
    pub upload_status: String,
    /// The file's size, once it is there.
    pub bytes: Option<u64>,
    /// SHA-256 of the file in lower-case hex, once it is there.
    pub sha256: Option<String>,
    /// POSTs that reached storage for it: complete, broken and refused ones.
    pub posts: u32,
    /// POSTs whose body arrived whole and well-formed.
    pub complete_posts: u32,
    /// Status calls that were answered with its record.
    pub status_checks: u32,
    /// Bytes of all bodies sent for it, multipart framing and broken ones included.
    pub bytes_received: u64,
    /// It was deleted; the service no longer shows it.
    pub deleted: bool,
    /// It came by a direct upload and never had a signed URL.
    pub direct: bool,
    /// When its id was allotted, in milliseconds since 1970.
    pub create_time: u64,
}

/// One asset's record.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) original_filename: Box<str>,
    pub(crate) create_time: u64,
    /// When its URL ends; `None` for a direct upload, or when that is too far off to matter.
    pub(crate) url_ends: Option<Instant>,
    pub(crate) content: Option<Content>,
    pub(crate) posts: u32,
    pub(crate) complete_posts: u32,
    pub(crate) status_checks: u32,
    pub(crate) bytes_received: u64,
    pub(crate) deleted: bool,
    direct: bool,
    /// Boxed, because few assets have one.
    fate: Option<Box<Fate>>,
}

/// The bytes that arrived first, by their size and hash.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) sent_filename: Box<str>,
    pub(crate) bytes: u64,
    sha256: [u8; 32],
    /// When they arrived, in milliseconds since 1970.
    pub(crate) modify_time: u64,
    /// The same on the clock that processing runs on.
    arrived: Instant,
    /// When processing ends; `None` when that is too far off to happen.
    ready: Option<Instant>,
}

impl Asset {
    fn new(original_filename: &str, url_lifetime: Option<Duration>, fate: Option<Fate>) -> Self {
        let shortened = fate.and_then(|fate| fate.url_lifetime);
        let url_lifetime = url_lifetime.map(|lifetime| shortened.unwrap_or(lifetime));
        Self {
            original_filename: original_filename.into(),
            create_time: unix_millis(),
            url_ends: url_lifetime.and_then(|lifetime| Instant::now().checked_add(lifetime)),
            content: None,
            posts: 0,
            complete_posts: 0,
            status_checks: 0,
            bytes_received: 0,
            deleted: false,
            direct: url_lifetime.is_none(),
            fate: fate.map(Box::new),
        }
    }

    pub(crate) fn set_fate(&mut self, fate: Fate) {
        self.fate = Some(Box::new(fate));
    }

    pub(crate) fn fate(&self) -> Fate {
        self.fate.as_deref().copied().unwrap_or_default()
    }

    /// Whether its bytes are thrown away.
    pub(crate) fn loses_bytes(&self) -> bool {
        self.fate().status == Some(FateStatus::Waiting)
    }

    /// Whether its record is still missing after its bytes arrived.
    pub(crate) fn lags(&self) -> bool {
        let lag = self.fate().lag;
        let arrived = self.content.as_ref().map(|content| content.arrived);
        !lag.is_zero() && arrived.is_some_and(|arrived| arrived.elapsed() < lag)
    }

    /// Records its bytes, which are usable after `processing`.
    pub(crate) fn set_content(&mut self, file: &ReceivedFile, processing: Duration) {
        self.content = Some(Content {
            sent_filename: file.filename.as_str().into(),
            bytes: file.bytes,
            sha256: file.sha256,
            modify_time: unix_millis(),
            arrived: Instant::now(),
            ready: Instant::now().checked_add(processing),
        });
    }

    /// The status at this moment, in the service's words.
    pub(crate) fn upload_status(&self) -> &'static str {
        let Some(content) = &self.content else {
            return "WAITING";
        };
        let (fate, now) = (self.fate(), Instant::now());
        match (fate.status, content.ready) {
            (Some(FateStatus::Failed), Some(ready)) if ready + fate.after <= now => "FAILED",
            (Some(FateStatus::Failed), Some(ready)) if ready <= now && !fate.after.is_zero() => {
                "SUCCESS"
            }
            (None, Some(ready)) if ready <= now => "SUCCESS",
            _ => "UPLOADING",
        }
    }

    /// Whether its signed URL no longer takes bytes.
    pub(crate) fn url_expired(&self) -> bool {
        self.url_ends.is_some_and(|end| end <= Instant::now())
    }
}

/// All assets of one instance, in allotment order.
#[derive(Debug)]
pub(crate) struct Assets {
    first: u64,
    assets: Vec<Asset>,
}

impl Assets {
    /// No assets yet, with ids that no earlier instance used.
    ///
    /// An id counts up from the start's time shifted by 18 bits, as snowflake ids do: it has 18 digits until the
    /// year 2090, and a restarted sandbox knows none of its predecessor's ids.
    pub(crate) fn new() -> Self {
        Self {
            first: unix_millis() << 18,
            assets: Vec::new(),
        }
    }

    /// Adds an asset and returns its index. Without a URL lifetime it is a direct upload.
    pub(crate) fn allot(
        &mut self,
        filename: &str,
        url_lifetime: Option<Duration>,
        fate: Option<Fate>,
    ) -> usize {
        self.assets.push(Asset::new(filename, url_lifetime, fate));
        self.assets.len() - 1
    }

    pub(crate) fn id(&self, index: usize) -> String {
        format!("re_{}", self.first + index as u64)
    }

    /// The index of an id that was allotted here, deleted or not.
    pub(crate) fn index(&self, asset_id: &str) -> Option<usize> {
        let digits = asset_id.strip_prefix("re_")?;
        let index = usize::try_from(digits.parse::<u64>().ok()?.checked_sub(self.first)?).ok()?;
        // `re_+1` and `re_01` parse as numbers too; only the id as it was handed out is one.
        (index < self.assets.len() && self.id(index) == asset_id).then_some(index)
    }

    pub(crate) fn at(&mut self, index: usize) -> Option<&mut Asset> {
        self.assets.get_mut(index)
    }

    pub(crate) fn find(&mut self, asset_id: &str) -> Option<&mut Asset> {
        self.index(asset_id).and_then(|index| self.at(index))
    }

    /// All assets, for people and tests.
    pub(crate) fn view(&self) -> Vec<HeldAsset> {
        (0..)
            .zip(&self.assets)
            .map(|(i, a)| self.held(i, a))
            .collect()
    }

    fn held(&self, index: usize, asset: &Asset) -> HeldAsset {
        let content = asset.content.as_ref();
        HeldAsset {
            asset_id: self.id(index),
            original_filename: asset.original_filename.to_string(),
            sent_filename: content.map(|content| content.sent_filename.to_string()),
            upload_status: asset.upload_status().to_owned(),
            bytes: content.map(|content| content.bytes),
            sha256: content.map(|content| hex(&content.sha256)),
            posts: asset.posts,
            complete_posts: asset.complete_posts,
            status_checks: asset.status_checks,
            bytes_received: asset.bytes_received,
            deleted: asset.deleted,
            direct: asset.direct,
            create_time: asset.create_time,
        }
    }
}

pub(crate) fn unix_millis() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
