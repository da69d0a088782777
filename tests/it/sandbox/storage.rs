//! What storage takes, refuses and survives.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Body;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Bench, FORM, form, sha256};

#[tokio::test]
async fn storage_refuses_headers_that_leak() {
    let bench = Bench::free().await;
    let (_, url) = bench.sign("a.mp4").await;
    for name in ["Authorization", "Cookie", "Referer"] {
        let request = bench.post(&url, "a.mp4", b"x").header(name, "secret");
        assert_eq!(request.send().await.unwrap().status(), 400);
    }
    assert_eq!(bench.sandbox.stats().leaked_headers, 3);
    assert_eq!(bench.send(&url, "a.mp4", b"x").await.0, 200);
}

#[tokio::test]
async fn a_body_must_be_one_file_of_known_length() {
    let bench = Bench::free().await;
    let (id, url) = bench.sign("a.mp4").await;
    let form_post = || bench.client.post(&url).header("Content-Type", FORM);
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>(form("a.mp4", b"x"))]);
    let chunked = form_post().body(Body::wrap_stream(chunks));
    assert_eq!(chunked.send().await.unwrap().status(), 411);
    let two = [&form("a.mp4", b"x")[..], &form("b.mp4", b"y")].concat();
    assert_eq!(form_post().body(two).send().await.unwrap().status(), 400);
    assert_eq!(
        form_post().body("--mavi").send().await.unwrap().status(),
        400
    );
    let plain = bench.client.post(&url).body("x").send().await.unwrap();
    assert_eq!(plain.status(), 400);
    assert_eq!(bench.upload_status(&id).await, "WAITING");
    let held = bench.only();
    assert_eq!((held.posts, held.complete_posts), (4, 0));
    assert_eq!(bench.send(&url, "a.mp4", b"").await.0, 200);
    assert_eq!(bench.only().bytes, Some(0));
}

#[tokio::test]
async fn the_first_bytes_stay() {
    let bench = Bench::free().await;
    let (_, url) = bench.sign("a.mp4").await;
    assert_eq!(bench.send(&url, "a.mp4", b"first").await.0, 200);
    let (code, text) = bench.send(&url, "a.mp4", b"second").await;
    assert_eq!(code, 409);
    assert!(text.contains("already exists"));
    let held = bench.only();
    assert_eq!(held.sha256.unwrap(), sha256(b"first"));
    assert_eq!((held.posts, held.complete_posts), (2, 1));
}

#[tokio::test]
async fn two_uploads_at_once_leave_one_winner() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(|config| config.keep = Some(folder.path().to_owned())).await;
    let (id, url) = bench.sign("a.mp4").await;
    let contents = [vec![1; 3_000_000], vec![2; 3_000_000]];
    let sends = contents
        .iter()
        .map(|content| bench.send(&url, "a.mp4", content));
    let mut codes: Vec<_> = futures::future::join_all(sends).await;
    codes.sort();
    assert_eq!((codes[0].0, codes[1].0), (200, 409));
    let kept = std::fs::read(folder.path().join(format!("{id}.mp4"))).unwrap();
    assert_eq!(bench.only().sha256.unwrap(), sha256(&kept));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_broken_upload_leaves_the_asset_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(|config| config.keep = Some(folder.path().to_owned())).await;
    let (id, url) = bench.sign("a.mp4").await;
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let body = form("a.mp4", &vec![7; 100_000]);
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST /{path} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..body.len() - 1]).await.unwrap();
    while bench.only().bytes_received < 100_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(bench.sandbox.stats().open_uploads, 1);
    drop(stream);
    while bench.sandbox.stats().open_uploads > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(bench.upload_status(&id).await, "WAITING");
    let asset = bench.only();
    assert_eq!((asset.posts, asset.complete_posts), (1, 0));
    assert_eq!(asset.bytes_received, body.len() as u64 - 1);
    assert_eq!(bench.sandbox.stats().broken_uploads, 1);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(bench.send(&url, "a.mp4", b"again").await.0, 200);
}

#[tokio::test]
async fn an_early_refusal_is_seen_even_with_a_large_body() {
    let bench = Bench::free().await;
    let (_, url) = bench.sign("a.mp4").await;
    assert_eq!(bench.send(&url, "a.mp4", b"x").await.0, 200);
    let large = vec![0; 48 << 20];
    for _ in 0..5 {
        assert_eq!(bench.send(&url, "a.mp4", &large).await.0, 409);
    }
}

#[tokio::test]
async fn stopping_ends_stalled_uploads_and_frees_the_port() {
    let bench = Bench::free().await;
    let (_, url) = bench.sign("a.mp4").await;
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!("POST /{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let stopping = tokio::time::timeout(Duration::from_secs(3), bench.sandbox.stop());
    stopping.await.unwrap();
    assert!(TcpStream::connect(host).await.is_err());
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
}

/// Run with `--ignored --nocapture`: the cost of a body of 5 GiB, client included.
#[tokio::test]
#[ignore = "takes half a minute"]
async fn five_gib_in_constant_memory() {
    const SIZE: u64 = 5 << 30;
    let bench = Bench::free().await;
    let (_, url) = bench.sign("big.mp4").await;
    let framing = form("big.mp4", b"");
    let (head, tail) = framing.split_at(framing.len() - 17);
    assert!(tail.starts_with(b"\r\n--mavi-test--"), "{tail:?}");
    let block = Bytes::from(
        (0..512 * 1024)
            .map(|i: u32| i.to_le_bytes()[1])
            .collect::<Vec<_>>(),
    );
    let blocks = std::iter::repeat_n(block, usize::try_from(SIZE >> 19).unwrap());
    let pieces = std::iter::once(Bytes::copy_from_slice(head))
        .chain(blocks)
        .chain(std::iter::once(Bytes::copy_from_slice(tail)));
    let stream = futures::stream::iter(pieces.map(Ok::<_, std::io::Error>));
    let started = std::time::Instant::now();
    let answer = bench
        .client
        .post(&url)
        .header("Content-Type", FORM)
        .header("Content-Length", SIZE + framing.len() as u64)
        .body(Body::wrap_stream(stream))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(bench.only().bytes, Some(SIZE));
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = memory.lines().find(|line| line.starts_with("VmHWM"));
    eprintln!("{:?} for 5 GiB, {peak:?}", started.elapsed());
}
