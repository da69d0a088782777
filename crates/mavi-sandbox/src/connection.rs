//! One connection as its calls see it: a call may order its end, at once or after the answer.
//!
//! hyper can neither break an answer off at a byte nor reset a connection. The socket is therefore wrapped, and the
//! task that serves it waits for the order beside hyper. This file does not know why a connection is to end.

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

/// How long a closed connection is still read, so that the client sees a FIN and no reset.
const DRAIN: Duration = Duration::from_secs(5);

/// How a connection is ended.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    /// By FIN.
    Close,
    /// By RST.
    Reset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) end: End,
    /// The time from the answer to the end.
    pub(crate) after: Duration,
}

/// The order to end a connection, shared by its socket, its calls and the task that serves it.
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
    /// The answer has been handed to the network.
    flushed: bool,
}

impl Connection {
    /// Ends the connection now.
    pub(crate) fn end(&self, end: End) {
        let after = Duration::ZERO;
        self.order(Ending { end, after }, true);
        self.shared.due.notify_one();
    }

    /// Ends the connection after the answer that is being written.
    pub(crate) fn end_when_flushed(&self, ending: Ending) {
        self.order(ending, false);
    }

    /// Stores an unread body until the connection ends. If the body were dropped earlier, hyper would close the
    /// connection in order after the answer.
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

/// Ends a connection that is no longer served.
pub(crate) async fn hang_up(mut stream: TcpStream, end: End) {
    match end {
        // If this fails, the connection is closed in order, which is an end too.
        End::Reset => drop(stream.set_zero_linger()),
        End::Close => {
            // An error means that the client is gone already.
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
