//! What lies between the program and the sandbox and goes wrong below HTTP: a TCP proxy that cuts,
//! stalls and is away, and an address where nobody answers.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mavi_sandbox::{Sandbox, SandboxConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Small, so that what the kernel holds back from the other side is little.
const BUFFER: u32 = 16 * 1024;

/// How a connection ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// By RST.
    Reset,
    /// By FIN.
    Close,
}

/// What befalls, once, the first connection that comes so far.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mishap {
    /// It ends once so many of the client's bytes were passed on.
    Cut(u64, End),
    /// It ends once so many bytes of answers were passed on.
    CutAnswer(u64, End),
    /// No more than so many of the client's bytes are ever read.
    Stall(u64),
}

/// A proxy. Dropped, it and its connections end.
pub(crate) struct Proxy {
    at: SocketAddr,
    shared: Arc<Shared>,
    serving: Option<AbortHandle>,
    listener: Option<TcpListener>,
}

struct Shared {
    mishaps: Mutex<VecDeque<Mishap>>,
    away: watch::Sender<bool>,
    knocks: Mutex<Vec<Instant>>,
    asked: AtomicU64,
    answered: AtomicU64,
}

impl Proxy {
    /// Has an address, and leads nowhere yet.
    pub(crate) fn bind() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(BUFFER).unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(1024).unwrap();
        let shared = Shared {
            mishaps: Mutex::default(),
            away: watch::Sender::new(false),
            knocks: Mutex::default(),
            asked: AtomicU64::new(0),
            answered: AtomicU64::new(0),
        };
        Self {
            at: listener.local_addr().unwrap(),
            shared: Arc::new(shared),
            serving: None,
            listener: Some(listener),
        }
    }

    /// Passes on to `upstream` from now on.
    pub(crate) fn lead_to(&mut self, upstream: SocketAddr) {
        let listener = self.listener.take().unwrap();
        let shared = Arc::clone(&self.shared);
        let serving = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                shared.knocks.lock().unwrap().push(Instant::now());
                connections.spawn(Arc::clone(&shared).connection(client, upstream));
            }
        });
        self.serving = Some(serving.abort_handle());
    }

    /// Where it listens, as the origin of URLs.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.at)
    }

    /// The base URL of the sandbox behind it.
    pub(crate) fn base_url(&self) -> String {
        format!("{}/serve/api/v2", self.origin())
    }

    /// Has something in store, after what is in store already.
    pub(crate) fn expect(&self, mishap: Mishap) {
        self.shared.mishaps.lock().unwrap().push_back(mishap);
    }

    /// Away, it resets all connections, those that come too.
    pub(crate) fn set_away(&self, away: bool) {
        self.shared.away.send_replace(away);
    }

    /// When connections came.
    pub(crate) fn knocks(&self) -> Vec<Instant> {
        self.shared.knocks.lock().unwrap().clone()
    }

    /// Bytes passed on, of clients and of answers.
    pub(crate) fn passed(&self) -> (u64, u64) {
        let bytes = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (bytes(&self.shared.asked), bytes(&self.shared.answered))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

impl Shared {
    async fn connection(self: Arc<Self>, mut client: TcpStream, upstream: SocketAddr) {
        let mut away = self.away.subscribe();
        let end = tokio::select! {
            biased;
            _ = away.wait_for(|away| *away) => End::Reset,
            end = self.pass(&mut client, upstream) => end,
        };
        match end {
            End::Reset => client.set_zero_linger().unwrap(),
            // The client may have gone first.
            End::Close => drop(client.shutdown().await),
        }
    }

    /// Passes on in both directions until one of them ends.
    async fn pass(&self, client: &mut TcpStream, upstream: SocketAddr) -> End {
        let Ok(mut upstream) = TcpStream::connect(upstream).await else {
            return End::Reset;
        };
        let (from_client, to_client) = client.split();
        let (from_service, to_service) = upstream.split();
        tokio::select! {
            end = self.requests(from_client, to_service) => end,
            end = self.answers(from_service, to_client) => end,
        }
    }

    async fn requests(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> End {
        let mut taken = 0;
        loop {
            match self.due(|mishap| match mishap {
                Mishap::Cut(after, _) | Mishap::Stall(after) => after.checked_sub(taken),
                Mishap::CutAnswer(..) => None,
            }) {
                Due::Now(Mishap::Cut(_, end)) => return end,
                Due::Now(_) => return std::future::pending().await,
                Due::Within(room) => {
                    let Some(passed) = pass(&mut from, &mut to, room).await else {
                        return End::Close;
                    };
                    taken += passed;
                    self.asked.fetch_add(passed, Ordering::Relaxed);
                }
            }
        }
    }

    async fn answers(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> End {
        let mut taken = 0;
        // None of an answer's bytes is passed on only where there is an answer.
        if from.peek(&mut [0]).await.is_err() {
            return End::Close;
        }
        loop {
            match self.due(|mishap| match mishap {
                Mishap::CutAnswer(after, _) => after.checked_sub(taken),
                _ => None,
            }) {
                Due::Now(Mishap::CutAnswer(_, end)) => return end,
                Due::Now(_) => return End::Close,
                Due::Within(room) => {
                    let Some(passed) = pass(&mut from, &mut to, room).await else {
                        return End::Close;
                    };
                    taken += passed;
                    self.answered.fetch_add(passed, Ordering::Relaxed);
                }
            }
        }
    }

    /// The next mishap, where it has come to that; `left` tells after how many bytes it will have.
    fn due(&self, left: impl Fn(Mishap) -> Option<u64>) -> Due {
        let mut mishaps = self.mishaps.lock().unwrap();
        match mishaps.front().copied().and_then(left) {
            Some(0) => Due::Now(mishaps.pop_front().unwrap()),
            Some(bytes) => Due::Within(bytes),
            None => Due::Within(u64::MAX),
        }
    }
}

/// Passes on what comes, at most so many bytes; `None` when one of the two sides has ended.
async fn pass(from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>, room: u64) -> Option<u64> {
    let mut buffer = vec![0; usize::try_from(room.min(u64::from(BUFFER))).unwrap()];
    let read @ 1.. = from.read(&mut buffer).await.ok()? else {
        return None;
    };
    to.write_all(&buffer[..read]).await.ok()?;
    Some(read as u64)
}

enum Due {
    Now(Mishap),
    Within(u64),
}

/// A sandbox whose uploads come through a proxy, and the proxy.
pub(crate) async fn storage_proxy(mut config: SandboxConfig) -> (Proxy, Sandbox) {
    let mut proxy = Proxy::bind();
    config.storage_origin = Some(proxy.origin());
    let sandbox = Sandbox::start(config).await.unwrap();
    proxy.lead_to(address(&sandbox));
    (proxy, sandbox)
}

/// Where a sandbox listens.
pub(crate) fn address(sandbox: &Sandbox) -> SocketAddr {
    let url = reqwest::Url::parse(sandbox.base_url()).unwrap();
    url.socket_addrs(|| None).unwrap()[0]
}

/// An address that nobody listens at.
pub(crate) async fn closed_port() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    listener.local_addr().unwrap()
}

/// An address where connections never come about: the queue of those to be accepted is full.
pub(crate) struct BlackHole {
    pub(crate) at: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl BlackHole {
    pub(crate) async fn open(at: SocketAddr) -> Self {
        let socket = if at.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        };
        let socket = socket.unwrap();
        socket.bind(at).unwrap();
        let listener = socket.listen(0).unwrap();
        let at = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        // How many fit differs from system to system.
        let patience = Duration::from_millis(200);
        while let Ok(stream) = tokio::time::timeout(patience, TcpStream::connect(at)).await {
            queued.push(stream.unwrap());
        }
        Self {
            at,
            _listener: listener,
            _queued: queued,
        }
    }
}
