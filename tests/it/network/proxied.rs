//! A proxy that the environment names, and that does not let the program through.
#![cfg(unix)]

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::binary::{outcome, upload};
use crate::common::Bench;
use crate::proxy::closed_port;

/// An HTTP proxy that asks everybody for a password; counts who came.
async fn guarded() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (at, met) = (
        listener.local_addr().unwrap(),
        Arc::new(AtomicUsize::new(0)),
    );
    let counter = Arc::clone(&met);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            let mut request = [0; 1024];
            let _ = client.read(&mut request).await;
            let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
            let _ = client.write_all(answer).await;
        }
    });
    (at, met)
}

fn through(bench: &Bench, proxy: SocketAddr) -> Command {
    let mut command = upload(bench, "https://mavi.invalid/v2");
    command.env("HTTPS_PROXY", format!("http://user:canary@{proxy}"));
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn case_054_a_proxy_that_refuses_is_named_without_its_password() {
    let bench = Bench::new();
    bench.file("a.mp4", 1000);
    let (guarded, met) = guarded().await;
    // However few the retries: the way to the service is no row's trouble.
    let dead = closed_port().await;
    for (proxy, retries) in [(guarded, "7"), (dead, "7"), (guarded, "0"), (dead, "0")] {
        let mut command = through(&bench, proxy);
        command.args(["--retries", retries]);
        let (code, words) = outcome(command).await;
        assert_eq!(code, Some(4), "{words}");
        assert_eq!(bench.rows()[0]["status"], "not_started");
        let cause = format!("stopped: cannot connect to proxy {proxy}: ");
        assert!(words.contains(&cause), "{words}");
    }
    let met_by_then = met.load(Ordering::Relaxed);
    assert!((3..50).contains(&met_by_then), "{met_by_then}");

    let mut command = through(&bench, guarded);
    command.arg("--no-proxy");
    let (code, words) = outcome(command).await;
    assert_eq!(code, Some(4), "{words}");
    assert!(
        words.contains("cannot connect to mavi.invalid: "),
        "{words}"
    );
    assert_eq!(met.load(Ordering::Relaxed), met_by_then);
}
