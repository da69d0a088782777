//! A proxy that the environment names, and that does not let the program through.
#![cfg(unix)]

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::binary::{KEY, outcome, upload};
use super::tls::{Authority, Front};
use crate::common::{Bench, scripted_sandbox};
use crate::proxy::{address, closed_port};

/// An HTTP proxy that gives everybody this answer; counts who came.
async fn refusing(status: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
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
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            let _ = client.write_all(answer.as_bytes()).await;
        }
    });
    (at, met)
}

fn through(bench: &Bench, proxy: SocketAddr) -> Command {
    let mut command = upload(bench, "https://mavi.invalid/serve/api/v2");
    command.env("HTTPS_PROXY", format!("http://user:canary@{proxy}"));
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn case_054_a_proxy_that_refuses_is_named_without_its_password() {
    let bench = Bench::new();
    bench.file("a.mp4", 1000);
    let (guarded, met) = refusing("407 Proxy Authentication Required").await;
    let (strict, _) = refusing("403 Forbidden").await;
    let dead = closed_port().await;
    let table = [
        (guarded, "proxy authorization required"),
        (strict, "no connection to mavi.invalid"),
        (dead, ""),
    ];
    // However few the retries: the way to the service is no row's trouble.
    for ((proxy, why), retries) in table.iter().flat_map(|row| [(row, "7"), (row, "0")]) {
        let mut command = through(&bench, *proxy);
        command.args(["--retries", retries]);
        let (code, words) = outcome(command).await;
        assert_eq!(code, Some(4), "{words}");
        assert_eq!(bench.rows()[0]["status"], "not_started");
        let cause = format!("stopped: cannot connect to proxy {proxy}: {why}");
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

/// An HTTP proxy that connects to this one host, which lives at `at`, and to nobody else.
async fn leading_to(host: &'static str, at: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 1024];
                let length = client.read(&mut request).await?;
                if !request[..length].starts_with(format!("CONNECT {host}:").as_bytes()) {
                    return client.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").await;
                }
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                let mut service = TcpStream::connect(at).await?;
                tokio::io::copy_bidirectional(&mut client, &mut service).await?;
                Ok(())
            });
        }
    });
    proxy
}

#[tokio::test(flavor = "multi_thread")]
async fn case_054_a_storage_host_that_a_proxy_refuses_is_its_rows_trouble() {
    let script = r#"
        [[rule]]
        call = "sign"
        then = { set = { "data.signed_url" = "https://storage.invalid/b/o?signature=canary" } }
    "#;
    let sandbox = scripted_sandbox(KEY, script).await;
    let (ours, front) = (Authority::new(), Front::bind().await);
    let proxy = leading_to("mavi.invalid", front.at()).await;
    front.lead_to(address(&sandbox), ours.server("mavi.invalid", 2100));
    let bench = Bench::new();
    bench.file("a.mp4", 1000);
    std::fs::write(bench.folder.path().join("ca.pem"), ours.pem()).unwrap();
    let mut command = through(&bench, proxy);
    command.args(["--ca-cert", "ca.pem", "--retries", "1"]);
    let (code, words) = outcome(command).await;
    assert_eq!(code, Some(1), "{words}");
    let row = &bench.rows()[0];
    let why = format!("proxy {proxy}: no connection to storage.invalid");
    assert_eq!((&*row["error_code"], &row["error"]), ("network", &why));
}
