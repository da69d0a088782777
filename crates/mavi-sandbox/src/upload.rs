//! Reads the body of one upload, in constant memory.
//!
//! Every byte is counted as it arrives, so that the counts include broken uploads. This file decides nothing about
//! assets; `sink` stores the bytes.

use std::io;
use std::sync::Arc;

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, HeaderName, header};
use bytes::Bytes;
use futures::StreamExt as _;
use tokio::time::sleep;

use crate::fate::Fate;
use crate::faults::units::ByteRate;
use crate::multipart::{Malformed, OnePart};
use crate::service::Service;
use crate::sink::{FileSink, ReceivedFile};

/// How many bytes a refused upload may still send before its connection is dropped.
///
/// If a server answers early and closes at once, most clients lose the answer. It therefore reads on for a while;
/// nginx calls this a lingering close.
const LINGER_LIMIT: u64 = 64 * 1024 * 1024;

/// Room for the multipart framing around a file of the largest size.
const FRAMING: u64 = 64 * 1024;

/// Why a body did not become a file.
#[derive(Debug)]
pub(crate) enum UploadError {
    NoLength,
    TooLarge,
    Malformed(Malformed),
    /// The connection ended first.
    Broken,
    Disk(io::Error),
}

impl From<Malformed> for UploadError {
    fn from(what: Malformed) -> Self {
        Self::Malformed(what)
    }
}

impl From<io::Error> for UploadError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// A body that is being read, and counted in the service's state.
pub(crate) struct Upload {
    service: Arc<Service>,
    index: Option<usize>,
    chunks: BodyDataStream,
    /// Counted among the open uploads. If it is dropped while open, it broke off.
    open: bool,
}

impl Upload {
    /// The body of a call, which may be about an asset.
    pub(crate) fn new(service: &Arc<Service>, asset_id: Option<&str>, body: Body) -> Self {
        let index = asset_id.and_then(|id| service.state().assets.index(id));
        Self {
            service: Arc::clone(service),
            index,
            chunks: body.into_data_stream(),
            open: false,
        }
    }

    /// Reads the whole body as one file of at most `limit` bytes.
    ///
    /// What is left of a refused body is discarded in the background.
    pub(crate) async fn receive(
        mut self,
        headers: &HeaderMap,
        limit: u64,
        fate: Fate,
    ) -> Result<ReceivedFile, UploadError> {
        self.begin();
        let received = self.read(headers, limit, fate).await;
        if !matches!(received, Err(UploadError::Broken)) {
            self.end();
        }
        if received.is_err() {
            self.linger();
        }
        received
    }

    async fn read(
        &mut self,
        headers: &HeaderMap,
        limit: u64,
        fate: Fate,
    ) -> Result<ReceivedFile, UploadError> {
        if content_length(headers).ok_or(UploadError::NoLength)? > limit.saturating_add(FRAMING) {
            return Err(UploadError::TooLarge);
        }
        let content_type = text(headers, &header::CONTENT_TYPE).unwrap_or_default();
        let mut part = OnePart::new(content_type)?;
        let mut sink = FileSink::open(self.service.keep.as_deref(), fate)?;
        while let Some(chunk) = self.next().await {
            let content = part.push(chunk.map_err(|_| UploadError::Broken)?)?;
            sink.take(&content).await?;
            if sink.bytes() > limit {
                return Err(UploadError::TooLarge);
            }
        }
        Ok(sink.close(part.finish()?).await?)
    }

    /// Reads up to `limit` bytes and discards them.
    pub(crate) async fn discard(&mut self, limit: Option<u64>, slow: Option<ByteRate>) {
        let mut read = 0;
        while limit.is_none_or(|limit| read < limit) {
            let Some(Ok(chunk)) = self.next().await else {
                return;
            };
            read += chunk.len() as u64;
            if let Some(rate) = slow {
                sleep(rate.time_for(chunk.len())).await;
            }
        }
    }

    /// Discards what still arrives while the answer is on its way, see [`LINGER_LIMIT`].
    pub(crate) fn linger(mut self) {
        tokio::spawn(async move {
            let mut left = LINGER_LIMIT;
            while let Some(Ok(chunk)) = self.next().await {
                left = left.saturating_sub(chunk.len() as u64);
                if left == 0 {
                    return;
                }
            }
        });
    }

    async fn next(&mut self) -> Option<Result<Bytes, axum::Error>> {
        let chunk = self.chunks.next().await?;
        if let Ok(bytes) = &chunk {
            let mut state = self.service.state();
            let count = bytes.len() as u64;
            state.stats.bytes_received += count;
            if let Some(asset) = self.index.and_then(|index| state.assets.at(index)) {
                asset.bytes_received += count;
            }
        }
        Some(chunk)
    }

    fn begin(&mut self) {
        self.open = true;
        let stats = &mut self.service.state().stats;
        stats.open_uploads += 1;
        stats.most_open_uploads = stats.most_open_uploads.max(stats.open_uploads);
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            self.service.state().stats.open_uploads -= 1;
        }
    }
}

impl Drop for Upload {
    /// A connection that goes away drops its call at any await, so a broken upload is noticed only here.
    fn drop(&mut self) {
        if self.open {
            self.end();
            self.service.state().stats.broken_uploads += 1;
        }
    }
}

pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    text(headers, &header::CONTENT_LENGTH)?.parse().ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
