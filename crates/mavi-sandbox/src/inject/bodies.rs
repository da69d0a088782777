//! Bodies that are read or sent slowly, stop halfway, or never end. It does not know which body does so, or why.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use http_body::{Frame, SizeHint};
use tokio::time::sleep;

use crate::connection::{Connection, Ending};
use crate::faults::units::{ByteRate, Stall};

pub(crate) async fn wait(stall: Option<Stall>) {
    match stall {
        Some(Stall::For(time)) => sleep(time).await,
        Some(Stall::Forever) => std::future::pending().await,
        None => {}
    }
}

/// The same body, slowly, and with a pause after a number of bytes.
pub(crate) fn slowed(body: Body, slow: Option<ByteRate>, pause: Option<(u64, Stall)>) -> Body {
    let start = (body.into_data_stream(), Bytes::new(), 0_u64, pause);
    Body::from_stream(stream::unfold(
        start,
        move |(mut chunks, mut rest, read, mut pause)| async move {
            wait(pause.take_if(|(at, _)| *at <= read).map(|(_, stall)| stall)).await;
            if rest.is_empty() {
                rest = match next_full(&mut chunks).await {
                    Some(Ok(chunk)) => chunk,
                    Some(Err(error)) => return Some((Err(error), (chunks, rest, read, pause))),
                    None => {
                        // A pause after the last byte comes before the end.
                        wait(pause.map(|(_, stall)| stall)).await;
                        return None;
                    }
                };
            }
            let until_pause = pause.map_or(u64::MAX, |(at, _)| at - read);
            let segment = take_segment(&mut rest, slow, until_pause);
            if let Some(rate) = slow {
                sleep(rate.time_for(segment.len())).await;
            }
            let read = read + segment.len() as u64;
            Some((Ok(segment), (chunks, rest, read, pause)))
        },
    ))
}

/// The next chunk that is not empty.
async fn next_full(chunks: &mut BodyDataStream) -> Option<Result<Bytes, axum::Error>> {
    loop {
        match chunks.next().await {
            Some(Ok(chunk)) if chunk.is_empty() => {}
            other => return other,
        }
    }
}

fn take_segment(rest: &mut Bytes, slow: Option<ByteRate>, most: u64) -> Bytes {
    let at_once = slow.map_or(u64::MAX, ByteRate::segment);
    let size = at_once.min(most).min(rest.len() as u64);
    rest.split_to(usize::try_from(size).unwrap_or(rest.len()))
}

/// A text, repeated for ever.
pub(crate) fn endless(text: &str) -> Body {
    // In large segments, so that a client without a bound notices soon.
    let segment = Bytes::from(text.repeat((64 * 1024 / text.len().max(1)).max(1)));
    Body::from_stream(stream::repeat(Ok::<_, Infallible>(segment)))
}

/// An answer's body that ends its connection, after its last byte or in the middle.
pub(crate) struct LastBody {
    pub(crate) inner: Body,
    pub(crate) length: Option<u64>,
    /// Bytes still to be sent; `None` for all.
    pub(crate) left: Option<u64>,
    pub(crate) connection: Connection,
    pub(crate) ending: Ending,
}

impl http_body::Body for LastBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.left == Some(0) {
            self.connection.end_when_flushed(self.ending);
            // Nothing wakes this body again; the connection ends without it.
            return Poll::Pending;
        }
        let frame = Pin::new(&mut self.inner).poll_frame(cx);
        let Poll::Ready(Some(Ok(frame))) = frame else {
            return frame;
        };
        let Ok(mut chunk) = frame.into_data() else {
            return Poll::Ready(None);
        };
        if let Some(left) = &mut self.left {
            chunk.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= chunk.len() as u64;
        }
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

impl Drop for LastBody {
    /// hyper drops a body after its last byte, or if it needs none, and then flushes.
    fn drop(&mut self) {
        self.connection.end_when_flushed(self.ending);
    }
}
