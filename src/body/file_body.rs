//! The request body: what the reader hands over, in segments, as fast as the connection takes them.
//!
//! Knows neither the disk nor the clock; `read` and `bandwidth` do.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use super::bandwidth::{Bandwidth, Throttle};
use super::fault::BodyFault;
use super::open::LocalFile;
use super::progress::BodyProgress;
use super::{form, read};
use crate::crash;
use crate::model::Sha256;

/// How much the connection is handed at a time. What it takes is what is known of an upload's
/// progress: at 1 KB a second it has to be seen moving well within a minute. Segments of a chunk
/// cost no copy, and the connection gathers several of them into one write.
const SEGMENT: usize = 16 * 1024;

/// Chunks that wait between the reading thread and the socket.
const CHUNKS_WAITING: usize = 2;

/// How long the file's first byte is held back when an upload is tried again: storage that refuses
/// before it has read the body often closes at once, and its answer is lost in the reset unless it
/// finds the connection quiet.
const HOLD_BACK: Duration = Duration::from_millis(250);

/// How a body is made.
#[derive(Debug, Clone, Default)]
pub struct FileBodyOptions {
    /// What the bytes must hash to for the last chunk to leave.
    pub expected: Option<Sha256>,
    /// The upload before may have been refused unseen: an early refusal is waited for.
    pub again: bool,
    /// The limit that it shares with other uploads.
    pub bandwidth: Option<Arc<Bandwidth>>,
}

/// A multipart body on its way: one part `file`, exact length, streamed.
#[derive(Debug)]
pub struct FileBody {
    boundary: String,
    length: u64,
    left: u64,
    chunks: mpsc::Receiver<Result<Bytes, BodyFault>>,
    /// What is left of the chunk that is being sent.
    chunk: Bytes,
    throttle: Option<Throttle>,
    progress: BodyProgress,
}

impl FileBody {
    /// Starts reading `file`, as the part named `name`, on a blocking thread.
    ///
    /// Must be called within a tokio runtime. The reading ends when the body is dropped.
    #[must_use]
    pub fn start(file: LocalFile, name: &str, options: FileBodyOptions) -> Self {
        let boundary = form::boundary();
        let head = form::head(&boundary, name);
        let tail = form::tail(&boundary);
        let length = head.len() as u64 + file.stamp().size + tail.len() as u64;
        let progress = BodyProgress::new(length, file.stamp().size);
        let (sender, chunks) = mpsc::channel(CHUNKS_WAITING);
        let reading = read::Reading {
            file,
            expected: options.expected,
            head,
            tail,
            hold_back: options.again.then_some(HOLD_BACK),
            progress: progress.clone(),
        };
        tokio::task::spawn_blocking(move || reading.run(&sender));
        Self {
            boundary,
            length,
            left: length,
            chunks,
            chunk: Bytes::new(),
            throttle: options.bandwidth.map(Throttle::new),
            progress,
        }
    }

    /// The next segment for the connection.
    fn poll_segment(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BodyFault>>> {
        if self.chunk.is_empty() {
            match ready!(self.poll_chunk(context)) {
                Some(Ok(chunk)) => self.chunk = chunk,
                end => return Poll::Ready(end),
            }
        }
        let segment = self.chunk.split_to(SEGMENT.min(self.chunk.len()));
        Poll::Ready(Some(Ok(segment)))
    }

    /// The next chunk that was read, or as much of it as the throttle lets through.
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyFault>>> {
        loop {
            if let Some(throttle) = &mut self.throttle
                && let Some(segment) = throttle.poll_segment(context)
            {
                self.progress.wait_for_throttle(segment.is_pending());
                return segment.map(|segment| Some(Ok(segment)));
            }
            let chunk = self.chunks.poll_recv(context);
            self.progress.wait_for_disk(chunk.is_pending());
            match (ready!(chunk), &mut self.throttle) {
                (Some(Ok(chunk)), Some(throttle)) => throttle.put(chunk),
                (other, _) => return Poll::Ready(other),
            }
        }
    }

    /// The value of the request's `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// The value of the request's `Content-Length`, in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What is known of the body while it is under way and after it ended.
    #[must_use]
    pub fn progress(&self) -> &BodyProgress {
        &self.progress
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let body = self.get_mut();
        body.progress.begin();
        body.poll_segment(context).map(|segment| {
            segment.map(|segment| {
                let segment = segment?;
                body.left = body.left.saturating_sub(segment.len() as u64);
                body.progress.took(segment.len() as u64);
                if body.chunk.is_empty() {
                    crash::point("chunk taken");
                }
                Ok(Frame::data(segment))
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
