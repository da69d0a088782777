//! A server of a few lines for the tests of the wire: returns the answer it was made with, and
//! stores every byte it received. Knows no HTTP beyond the end of a request.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Address, HttpService, HttpSettings};
use crate::body::{FileBody, FileBodyOptions, LocalFile};
use crate::model::{ApiKey, AssetId, Sha256, SignedUrl};

pub(super) const KEY: &str = "sk-mavi-canary";

/// A server that answers every request alike and stores what it received.
pub(super) struct Wire {
    pub(super) at: SocketAddr,
    received: Arc<Mutex<Vec<String>>>,
}

impl Wire {
    /// Receives whole requests, then answers and closes.
    pub(super) async fn patient(answer: impl Into<Vec<u8>>) -> Self {
        Self::start(answer.into(), true).await
    }

    /// Answers as soon as the head is there, and goes on reading.
    pub(super) async fn hasty(answer: impl Into<Vec<u8>>) -> Self {
        Self::start(answer.into(), false).await
    }

    async fn start(answer: Vec<u8>, patient: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self {
            at: listener.local_addr().unwrap(),
            received: Arc::default(),
        };
        let received = Arc::clone(&wire.received);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let at = received.lock().unwrap().len();
                received.lock().unwrap().push(String::new());
                tokio::spawn(serve(
                    socket,
                    answer.clone(),
                    patient,
                    Arc::clone(&received),
                    at,
                ));
            }
        });
        wire
    }

    pub(super) fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }

    pub(super) fn service(&self) -> HttpService {
        service_at(&format!("http://{}/v2", self.at))
    }

    pub(super) fn signed(&self) -> SignedUrl {
        SignedUrl::parse(&format!(
            "http://{}/bucket/object?signature=canary",
            self.at
        ))
        .unwrap()
    }
}

async fn serve(
    mut socket: TcpStream,
    answer: Vec<u8>,
    patient: bool,
    received: Arc<Mutex<Vec<String>>>,
    at: usize,
) {
    let mut buffer = vec![0; 65_536];
    let mut answered = false;
    loop {
        let so_far = received.lock().unwrap()[at].clone();
        let whole = so_far
            .split_once("\r\n\r\n")
            .map(|(head, body)| body.len() >= length_in(head));
        if !answered && (whole == Some(true) || (!patient && whole.is_some())) {
            answered = true;
            socket.write_all(&answer).await.ok();
            if patient {
                return;
            }
        }
        let Ok(read @ 1..) = socket.read(&mut buffer).await else {
            return;
        };
        if answered {
            // Slow enough that an early answer is early.
            tokio::time::sleep(Duration::from_millis(1)).await;
        } else {
            let words = String::from_utf8_lossy(&buffer[..read]);
            received.lock().unwrap()[at].push_str(&words);
        }
    }
}

fn length_in(head: &str) -> usize {
    header(head, "content-length").map_or(0, |value| value.parse().unwrap())
}

pub(super) fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let head = request.split("\r\n\r\n").next()?;
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v)
}

pub(super) fn settings(base: &str) -> HttpSettings {
    HttpSettings {
        address: Address::parse(base, &[]).unwrap(),
        api_key: ApiKey::parse(KEY).unwrap(),
        connect_timeout: Duration::from_secs(5),
        call_timeout: Duration::from_secs(5),
        download_stall: Duration::from_secs(5),
        ca_pem: None,
        no_proxy: true,
        resolve: Vec::new(),
        user_agent: "mavi/test".to_owned(),
    }
}

pub(super) fn service_at(base: &str) -> HttpService {
    HttpService::new(settings(base)).unwrap()
}

pub(super) fn http(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// The body of a file with these bytes. The file goes with the returned guard.
pub(super) fn body_of(bytes: &[u8], expected: Option<Sha256>) -> (NamedTempFile, FileBody) {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let options = FileBodyOptions {
        expected,
        ..FileBodyOptions::default()
    };
    let body = FileBody::start(LocalFile::open(file.path()).unwrap(), "video.mp4", options);
    (file, body)
}

pub(super) fn id() -> AssetId {
    AssetId::parse("re_1").unwrap()
}

/// Returns `shown` when there is no canary in its `Debug`.
pub(super) fn without_canary<T: std::fmt::Debug>(shown: T) -> T {
    assert!(!format!("{shown:?}").contains("canary"), "{shown:?}");
    shown
}
