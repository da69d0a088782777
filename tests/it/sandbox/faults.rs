//! Faults that show in what the service says and holds.

use std::time::Duration;

use mavi_sandbox::Processing;
use serde_json::{Value, json};

use super::{Bench, json_of, sha256};

/// A sandbox with one rule.
async fn with(rule: &str) -> Bench {
    let faults = format!("[[rule]]\nname = \"it\"\n{rule}").parse().unwrap();
    Bench::start(|config| {
        config.faults = faults;
        config.processing = Processing::always(Duration::from_secs(1));
    })
    .await
}

async fn signed(bench: &Bench) -> (u16, String, Option<String>) {
    let answer = bench.sign_call("a.mp4").send().await.unwrap();
    let kind = answer
        .headers()
        .get("content-type")
        .map(|kind| kind.to_str().unwrap().to_owned());
    (answer.status().as_u16(), answer.text().await.unwrap(), kind)
}

#[tokio::test]
async fn answers_in_every_shape() {
    let table = [
        ("\"throttle-200\"", 200, "\"code\":429"),
        ("\"throttle-200-string\"", 200, "\"code\":\"0429\""),
        ("\"throttle-400\"", 400, "Request has exceeded the limit."),
        ("\"unavailable\"", 503, "\"error\":\"Service Unavailable\""),
        ("\"captive-portal\"", 200, "<!doctype html>"),
        ("\"xml-error\"", 200, "<Error>"),
        ("\"contradiction\"", 200, "\"failed\":true"),
        ("\"duplicate-key\"", 200, "\"code\":200,\"code\":200"),
        ("\"data-null\"", 200, "\"data\":null"),
        ("\"hostile-id\"", 200, "\"asset_id\":\"../../x\""),
        (
            "{ set = { \"data.expires_in\" = 0.5 } }",
            200,
            "\"expires_in\":0.5",
        ),
        (
            "{ set = { \"data.signed_url\" = \"http://u:p@{origin}\" } }",
            200,
            "http://u:p@http",
        ),
        ("{ body = \"{filename}\" }", 200, "a.mp4"),
    ];
    for (then, status, text) in table {
        let bench = with(&format!("then = {then}")).await;
        let (got, body, _) = signed(&bench).await;
        assert!(got == status && body.contains(text), "{then}: {got} {body}");
        assert_eq!(bench.sandbox.stats().faults["it"], 1);
    }
    let (_, body, _) = signed(&with("then = \"nested\"").await).await;
    assert_eq!(body, "[".repeat(100_000));
    let (_, body, kind) = signed(&with("then = { status = 204, content-type = \"\" }").await).await;
    assert_eq!((body.as_str(), kind), ("", None));
    let (_, body, _) = signed(&with("then = { drop = [\"data.asset_id\"] }").await).await;
    assert!(!body.contains("asset_id"), "{body}");
}

#[tokio::test]
async fn headers_and_redirects() {
    let bench = with("then = { preset = \"throttle\", headers = { Retry-After = \"5\" } }").await;
    let answer = bench.sign_call("a.mp4").send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (429, &"5".parse().unwrap())
    );
    assert!(bench.sandbox.assets().is_empty());
    let bench = with("then = { status = 307, headers = { Location = \"{origin}/x\" } }").await;
    let answer = bench.sign_call("a.mp4").send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(
        location.starts_with("http://127.0.0.1:") && location.ends_with("/x"),
        "{location}"
    );
}

#[tokio::test]
async fn an_endless_answer_does_not_end() {
    let bench = with("then = \"endless\"").await;
    let mut answer = bench.sign_call("a.mp4").send().await.unwrap();
    let mut read = 0;
    while read < 10 << 20 {
        read += answer.chunk().await.unwrap().unwrap().len();
    }
}

#[tokio::test]
async fn an_id_is_given_out_twice() {
    let bench = with("nth = 2\nthen = \"same-id\"").await;
    let (first, second, third) = (
        bench.sign("a.mp4").await,
        bench.sign("b.mp4").await,
        bench.sign("c.mp4").await,
    );
    assert_eq!(first, second);
    assert_ne!(first.0, third.0);
    assert_eq!(bench.sandbox.stats().assets, 2);
}

#[tokio::test]
async fn stored_or_not_whatever_was_answered() {
    for (preset, status, kept) in [
        ("stored-500", 500, true),
        ("server-error", 500, false),
        ("exists", 409, true),
    ] {
        let bench = with(&format!("call = \"send\"\nnth = 1\nthen = \"{preset}\"")).await;
        let (_, url) = bench.sign("a.mp4").await;
        assert_eq!(bench.send(&url, "a.mp4", b"x").await.0, status);
        assert_eq!(bench.only().bytes.is_some(), kept, "{preset}");
        assert_eq!(
            bench.send(&url, "a.mp4", b"x").await.0,
            if kept { 409 } else { 200 }
        );
    }
}

#[tokio::test(start_paused = true)]
async fn fates_of_an_asset() {
    let table = [
        ("failed", ["UPLOADING", "FAILED", "FAILED"]),
        ("never-arrives", ["WAITING", "WAITING", "WAITING"]),
        ("never-ready", ["UPLOADING", "UPLOADING", "UPLOADING"]),
        ("fails-later", ["UPLOADING", "SUCCESS", "FAILED"]),
    ];
    for (preset, expected) in table {
        for call in ["sign", "send"] {
            let bench = with(&format!(
                "call = \"{call}\"\ntimes = 1\nthen = \"{preset}\""
            ))
            .await;
            let (id, url) = bench.sign("a.mp4").await;
            assert_eq!(bench.send(&url, "a.mp4", b"x").await.0, 200);
            let mut seen = vec![bench.upload_status(&id).await];
            for pause in [5, 60] {
                tokio::time::sleep(Duration::from_secs(pause)).await;
                seen.push(bench.upload_status(&id).await);
            }
            assert_eq!(seen, expected, "{preset} at {call}");
            let (other, url) = bench.sign("b.mp4").await;
            bench.send(&url, "b.mp4", b"x").await;
            tokio::time::sleep(Duration::from_secs(60)).await;
            assert_eq!(bench.upload_status(&other).await, "SUCCESS");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn records_lag_and_urls_end_early() {
    let bench = with("call = \"sign\"\nthen = { lag = \"5s\", url-lifetime = \"10s\" }").await;
    let (id, url) = bench.sign("a.mp4").await;
    assert_eq!(bench.upload_status(&id).await, "WAITING");
    bench.send(&url, "a.mp4", b"x").await;
    assert_eq!(bench.status(&id).await["data"]["total"], 0);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(bench.upload_status(&id).await, "SUCCESS");
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(
        bench.send(&url, "a.mp4", b"x").await.1,
        "Request has expired"
    );
}

#[tokio::test]
async fn other_bytes_are_stored_than_came() {
    let table = [
        ("{ truncate = 2 }", &b"moving pictur"[..]),
        ("\"flipped\"", &b"\x92oving pictures"[..]),
    ];
    for (then, stored) in table {
        let folder = tempfile::tempdir().unwrap();
        let faults = format!("[[rule]]\ncall = \"send\"\nthen = {then}")
            .parse()
            .unwrap();
        let bench = Bench::start(|config| {
            config.faults = faults;
            config.keep = Some(folder.path().to_owned());
        })
        .await;
        let (id, url) = bench.sign("a.mp4").await;
        bench.send(&url, "a.mp4", b"moving pictures").await;
        let kept = std::fs::read(folder.path().join(format!("{id}.mp4"))).unwrap();
        let held = bench.only();
        assert_eq!(held.sha256.unwrap(), sha256(&kept));
        assert_eq!(held.bytes, Some(kept.len() as u64));
        let cut = stored.len().min(kept.len());
        assert_eq!(kept[..cut], stored[..cut]);
        assert_eq!(kept.len(), if then.contains("truncate") { 13 } else { 15 });
    }
}

#[tokio::test]
async fn a_direct_upload_has_a_fate_too() {
    let bench = with("call = \"direct\"\nthen = \"truncated\"").await;
    let post = bench.post(&bench.url("/upload"), "d.mov", b"direct");
    json_of(bench.keyed(post).send().await.unwrap()).await;
    assert_eq!(bench.only().bytes, Some(5));
}

#[tokio::test(start_paused = true)]
async fn odd_records() {
    let table: [(&str, &str, Value); 6] = [
        ("no-record", "/data/total", json!(0)),
        (
            "strangers",
            "/data/resource/0/upload_status",
            json!("FAILED"),
        ),
        (
            "only-stranger",
            "/data/resource/0/asset_id",
            json!("re_100000000000000001"),
        ),
        (
            "unknown-status",
            "/data/resource/0/upload_status",
            json!("PROCESSING"),
        ),
        ("null-status", "/data/resource/0/upload_status", Value::Null),
        ("size-as-number", "/data/resource/0/file_size", json!(1)),
    ];
    for (preset, pointer, expected) in table {
        let bench = with(&format!("call = \"status\"\nthen = \"{preset}\"")).await;
        let (id, url) = bench.sign("a.mp4").await;
        bench.send(&url, "a.mp4", b"x").await;
        let answer = bench.status(&id).await;
        assert_eq!(
            answer.pointer(pointer),
            Some(&expected),
            "{preset}: {answer}"
        );
        if preset == "strangers" {
            assert_eq!(answer["data"]["resource"][1]["asset_id"], id.as_str());
        }
    }
}
