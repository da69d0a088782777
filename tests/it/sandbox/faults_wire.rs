//! Faults that show on the connection, seen through a bare socket.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::{Bench, FORM, form};

async fn with(rule: &str) -> Bench {
    let faults = format!("[[rule]]\nname = \"it\"\n{rule}").parse().unwrap();
    Bench::start(|config| config.faults = faults).await
}

/// What a socket read until its end, and whether that was a reset.
#[derive(Debug, PartialEq)]
struct Heard {
    text: String,
    reset: bool,
}

impl Heard {
    fn ends(&self, body: &str) -> bool {
        self.text.ends_with(body)
    }
}

async fn connect(bench: &Bench) -> TcpStream {
    let host = bench.sandbox.base_url().split('/').nth(2).unwrap();
    TcpStream::connect(host).await.unwrap()
}

async fn listen(stream: &mut TcpStream) -> Heard {
    let (mut bytes, mut reset) = (Vec::new(), false);
    let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes))
        .await
        .unwrap();
    if let Err(error) = read {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        reset = true;
    }
    Heard {
        text: String::from_utf8(bytes).unwrap(),
        reset,
    }
}

/// A sign call on a socket of its own.
async fn sign(bench: &Bench) -> Heard {
    let mut stream = connect(bench).await;
    let body = "{\"original_filename\":\"a.mp4\"}";
    let head = format!(
        "POST /serve/api/v2/upload/signed-url HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Length: {}\r\n\r\n",
        bench.sandbox.api_key(),
        body.len()
    );
    // A socket that is reset at once may refuse the write, and tells so when it is read.
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    listen(&mut stream).await
}

/// A send whose body goes out as far as it is taken.
async fn send(bench: &Bench, size: usize) -> (Heard, Duration) {
    let (_, url) = bench.sign("a.mp4").await;
    let path = url.splitn(4, '/').nth(3).unwrap();
    let body = form("a.mp4", &vec![7; size]);
    let head = format!(
        "POST /{path} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let (mut reading, mut writing) = connect(bench).await.into_split();
    let start = Instant::now();
    let write = async {
        writing.write_all(head.as_bytes()).await?;
        writing.write_all(&body).await
    };
    let mut bytes = Vec::new();
    let (written, read) = tokio::join!(
        write,
        timeout(Duration::from_secs(20), reading.read_to_end(&mut bytes))
    );
    // A socket tells of its reset once: to whoever asks first.
    let errors = [read.unwrap().err(), written.err()];
    let reset = errors
        .iter()
        .flatten()
        .any(|error| error.kind() == ErrorKind::ConnectionReset);
    (
        Heard {
            text: String::from_utf8(bytes).unwrap(),
            reset,
        },
        start.elapsed(),
    )
}

#[tokio::test]
async fn an_answer_is_lost_with_the_connection() {
    for (then, reset, allotted) in [
        ("\"reset\"", true, 0),
        ("\"close\"", false, 0),
        ("\"lost\"", true, 1),
        ("{ done = true, end = \"close\" }", false, 1),
    ] {
        let bench = with(&format!("then = {then}")).await;
        let text = String::new();
        assert_eq!(sign(&bench).await, Heard { text, reset }, "{then}");
        assert_eq!(bench.sandbox.stats().assets, allotted, "{then}");
        assert_eq!(bench.sandbox.stats().faults["it"], 1);
    }
}

#[tokio::test]
async fn a_connection_ends_before_it_is_used() {
    for (then, reset) in [("\"reset\"", true), ("\"close\"", false)] {
        let bench = with(&format!("call = \"connect\"\nfirst = 1\nthen = {then}")).await;
        let heard = listen(&mut connect(&bench).await).await;
        assert_eq!(
            heard,
            Heard {
                text: String::new(),
                reset
            }
        );
        bench.sign("a.mp4").await;
    }
}

#[tokio::test]
async fn an_answer_is_cut() {
    for (cut, end, reset) in [
        ("5", "close", false),
        ("5", "reset", true),
        ("0", "close", false),
    ] {
        let bench = with(&format!(
            "then = {{ body = \"0123456789\", cut = {cut}, end = \"{end}\" }}"
        ))
        .await;
        let heard = sign(&bench).await;
        assert!(heard.text.contains("content-length: 10\r\n"), "{heard:?}");
        let body = if cut == "5" {
            "\r\n\r\n01234"
        } else {
            "\r\n\r\n"
        };
        assert!(heard.ends(body) && heard.reset == reset, "{heard:?}");
    }
    let bench = with("then = \"cut\"").await;
    let heard = sign(&bench).await;
    assert!(
        heard.text.contains("{\"code\":200") && !heard.ends("}"),
        "{heard:?}"
    );
}

#[tokio::test]
async fn a_connection_closes_after_its_answer() {
    let bench = with("then = \"stale\"").await;
    let start = Instant::now();
    let heard = sign(&bench).await;
    assert!(
        heard.ends("}") && !heard.reset && !heard.text.contains("connection: close"),
        "{heard:?}"
    );
    assert!(start.elapsed() >= Duration::from_millis(50));
    let heard = sign(&with("then = { answer = \"own\", end = \"reset\" }").await).await;
    assert!(heard.ends("}") && heard.reset, "{heard:?}");
}

#[tokio::test]
async fn an_upload_ends_midway() {
    const SIZE: usize = 30_000_000;
    for (then, most) in [
        ("{ read = 1000, end = \"reset\" }", 2_000_000),
        ("\"reset-midway\"", 17_000_000),
        ("\"close-midway\"", 17_000_000),
        ("{ read = \"none\", end = \"reset\" }", 0),
    ] {
        let bench = with(&format!("call = \"send\"\nthen = {then}")).await;
        let (heard, _) = send(&bench, SIZE).await;
        assert_eq!(heard.text, "", "{then}");
        let received = bench.sandbox.stats().bytes_received;
        assert!(
            received <= most && (received > 0) == (most > 0),
            "{then}: {received}"
        );
        assert_eq!(bench.only().bytes, None);
    }
}

#[tokio::test]
async fn an_answer_comes_before_the_body_was_read() {
    let drained = with("call = \"send\"\nthen = \"early-ok\"").await;
    let (_, url) = drained.sign("a.mp4").await;
    assert_eq!(drained.send(&url, "a.mp4", &vec![0; 8 << 20]).await.0, 200);
    assert_eq!(drained.only().bytes, None);
    let reset = with("call = \"send\"\nthen = \"too-large\"").await;
    let (heard, _) = send(&reset, 30_000_000).await;
    assert!(
        heard.text.is_empty() || heard.text.starts_with("HTTP/1.1 413"),
        "{heard:?}"
    );
    assert!(heard.reset);
    assert_eq!(reset.sandbox.stats().bytes_received, 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_late_slow_or_stalled_takes_its_time() {
    let table = [
        ("sign", "{ delay = \"90s\" }", 90.0),
        ("sign", "{ stall = \"30s\" }", 30.0),
        ("sign", "{ body = \"0123456789\", slow = 1 }", 10.0),
        ("send", "{ slow = 1000 }", 10.0),
        ("send", "{ read = \"50%\", stall = \"60s\" }", 60.0),
        (
            "send",
            "{ read = \"none\", stall = \"60s\", status = 500 }",
            60.0,
        ),
    ];
    for (call, then, expected) in table {
        let bench = with(&format!("call = \"{call}\"\nthen = {then}")).await;
        let start = Instant::now();
        let answer = bench
            .sign_call("a.mp4")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        if let Some(url) = serde_json::from_str::<serde_json::Value>(&answer).unwrap_or_default()["data"]["signed_url"].as_str() {
            bench.send(url, "a.mp4", &[0; 10_000]).await;
        }
        let took = start.elapsed().as_secs_f64();
        assert!((expected..expected * 1.1).contains(&took), "{then}: {took}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_hangs_never_answers() {
    for then in [
        "\"hang\"",
        "\"hang-midway\"",
        "{ done = true, status = 200, delay = \"forever\" }",
    ] {
        let bench = with(&format!("call = \"send\"\nthen = {then}")).await;
        let (_, url) = bench.sign("a.mp4").await;
        let answer = timeout(
            Duration::from_secs(3600),
            bench.send(&url, "a.mp4", &[0; 10_000]),
        )
        .await;
        assert!(answer.is_err(), "{then}");
        assert_eq!(
            bench.only().bytes.is_some(),
            then.contains("delay"),
            "{then}"
        );
    }
}
