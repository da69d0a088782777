//! One connection as its calls see it: they may have it ended, at once or once their answer is out.
//!
//! hyper has no way to break an answer off at a byte or to reset a connection, so the socket is wrapped, and
//! whoever serves it waits for the order beside hyper.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// How long a connection that was closed in order is read on, so that the client sees an end and no reset.
const DRAIN: Duration = Duration::from_secs(5);

/// How a connection is ended.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    /// In order: FIN.
    Close,
    /// At once: RST.
    Reset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) end: End,
    /// So long after the answer.
    pub(crate) after: Duration,
}

/// The order to end a connection; shared by its socket, its calls and whoever serves it.
#[derive(Clone, Default)]
pub(crate) struct Connection {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<ConnectionState>,
    due: Notify,
}

#[derive(Default)]
struct ConnectionState {
    order: Option<Order>,
    unread: Option<Box<dyn Send>>,
}

#[derive(Clone, Copy, Debug)]
struct Order {
    ending: Ending,
    /// What was written is on its way.
    flushed: bool,
}

impl Connection {
    /// Ends the connection now.
    pub(crate) fn end(&self, end: End) {
        let after = Duration::ZERO;
        self.order(Ending { end, after }, true);
        self.shared.due.notify_one();
    }

    /// Ends the connection when everything that is being written has left.
    pub(crate) fn end_when_flushed(&self, ending: Ending) {
        self.order(ending, false);
    }

    /// Keeps a body unread until the connection ends. Dropped earlier, it would have hyper close the connection in
    /// order once the answer is out.
    pub(crate) fn store_unread(&self, body: impl Send + 'static) {
        self.state().unread = Some(Box::new(body));
    }

    /// Waits until the connection is to be ended.
    pub(crate) async fn ended(&self) -> End {
        loop {
            let due = self.shared.due.notified();
            let order = self.state().order;
            if let Some(Order {
                ending,
                flushed: true,
            }) = order
            {
                sleep(ending.after).await;
                return ending.end;
            }
            due.await;
        }
    }

    /// The first order stands.
    fn order(&self, ending: Ending, flushed: bool) {
        self.state().order.get_or_insert(Order { ending, flushed });
    }

    fn flushed(&self) {
        if let Some(order) = self.state().order.as_mut().filter(|order| !order.flushed) {
            order.flushed = true;
            self.shared.due.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, ConnectionState> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a connection that nobody serves any more.
pub(crate) async fn hang_up(mut stream: TcpStream, end: End) {
    match end {
        // Where it cannot be set the connection is closed in order, which is still an end.
        End::Reset => drop(stream.set_zero_linger()),
        End::Close => {
            // The client may be gone already, which is an end too.
            let _ = stream.shutdown().await;
            let mut rest = vec![0; 16 * 1024];
            let drain = async { while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {} };
            let _ = timeout(DRAIN, drain).await;
        }
    }
}

/// A socket that reports to its connection when it was flushed.
pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    pub(crate) connection: Connection,
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if let Poll::Ready(Ok(())) = flushed {
            self.connection.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
