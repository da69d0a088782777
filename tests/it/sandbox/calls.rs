//! The API's calls, one by one.

use std::time::Duration;

use mavi_sandbox::{Sandbox, SandboxConfig};
use serde_json::{Value, json};

use super::{Bench, json_of, sha256};

#[tokio::test(start_paused = true)]
async fn the_way_of_one_file() {
    let bench = Bench::start(|config| config.rate = 1.0).await;
    assert!(bench.sandbox.api_key().starts_with("sk-mavi-sandbox-"));
    let (id, url) = bench.sign("holiday.clip.mp4").await;
    assert!(id.starts_with("re_") && id.len() == 21);
    let before = bench.status(&id).await;
    let resource = &before["data"]["resource"][0];
    assert_eq!(before["code"], 200);
    assert_eq!(before["data"]["total"], 1);
    assert_eq!(resource["upload_status"], "WAITING");
    assert_eq!(resource["original_filename"], "holiday.clip");
    assert_eq!(resource["extension"], "mp4");
    assert!(resource.get("file_size").is_none());
    assert!(resource["create_time"].is_string());

    let (code, text) = bench.send(&url, "holiday.mp4", b"moving pictures").await;
    assert_eq!((code, text.as_str()), (200, "File uploaded successfully"));
    tokio::time::sleep(Duration::from_millis(1_900)).await;
    assert_eq!(bench.upload_status(&id).await, "UPLOADING");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let after = bench.status(&id).await;
    assert_eq!(after["data"]["resource"][0]["upload_status"], "SUCCESS");
    assert_eq!(after["data"]["resource"][0]["file_size"], "15");

    let held = bench.only();
    assert_eq!(held.sha256.unwrap(), sha256(b"moving pictures"));
    assert_eq!(held.sent_filename.unwrap(), "holiday.mp4");
    assert_eq!(
        (held.posts, held.complete_posts, held.status_checks),
        (1, 1, 3)
    );
    assert_eq!(bench.sandbox.stats().violations.total(), 0);
    bench.sandbox.stop().await;
}

#[tokio::test]
async fn hard_names_arrive_as_they_were_sent() {
    let bench = Bench::free().await;
    let names = [
        r"a\b.mp4",
        "semi;colon.mp4",
        "per%20cent.mp4",
        "quote\"and\r\nbreak.mp4",
        "esc\x1b[31m.mp4",
        "🎬 e\u{301}.mp4",
        &format!("{}.mp4", "n".repeat(251)),
    ];
    for name in names {
        let (_, url) = bench.sign(name).await;
        assert_eq!(bench.send(&url, name, b"x").await.0, 200, "{name:?}");
    }
    for (held, name) in bench.sandbox.assets().iter().zip(names) {
        assert_eq!(held.original_filename, name);
        assert_eq!(held.sent_filename.as_deref(), Some(name));
    }
}

#[tokio::test]
async fn the_key_must_be_exact() {
    let bench = Bench::start(|config| config.api_key = Some("sk-mavi-test".to_owned())).await;
    let url = bench.url("/re_1/metadata");
    for wrong in ["Bearer sk-mavi-test", "sk-mavi-other", ""] {
        let answer = bench.client.get(&url).header("Authorization", wrong).send();
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), 401);
        let envelope = json_of(answer).await;
        assert_eq!(envelope["code"], "0401");
        assert_eq!(envelope["failed"], true);
    }
    assert_eq!(bench.client.get(&url).send().await.unwrap().status(), 401);
    assert_eq!(bench.sandbox.stats().unauthorized, 4);
}

#[tokio::test]
async fn what_is_unknown_or_deleted_is_not_there() {
    let bench = Bench::free().await;
    let (id, url) = bench.sign("a.mp4").await;
    let delete = |id: &str| bench.keyed(bench.client.delete(bench.url(&format!("/{id}"))));
    let gone = json_of(delete(&id).send().await.unwrap()).await;
    assert_eq!((&gone["code"], &gone["data"]), (&json!(200), &Value::Null));
    for id in [id.as_str(), "re_123456789012345678", "nonsense"] {
        let answer = bench.status(id).await;
        assert_eq!(answer["code"], 200);
        assert_eq!(answer["data"], json!({ "total": 0, "resource": [] }));
    }
    assert_eq!(bench.send(&url, "a.mp4", b"x").await.0, 404);
    let unknown = json_of(delete("re_1").send().await.unwrap()).await;
    assert_eq!(unknown["failed"], true);
    assert!(bench.only().deleted);
}

#[tokio::test]
async fn wrong_paths_and_bodies_are_refused_as_the_service_does() {
    let bench = Bench::free().await;
    let lost = bench
        .client
        .get(bench.url("/no/such/path"))
        .send()
        .await
        .unwrap();
    assert_eq!(lost.status(), 404);
    let spring = json_of(lost).await;
    for key in ["timestamp", "path", "status", "error", "requestId"] {
        assert!(spring.get(key).is_some(), "{key}");
    }
    assert_eq!(spring["path"], "/serve/api/v2/no/such/path");
    assert_eq!(spring["error"], "Not Found");
    let wrong = bench.client.put(bench.url("/upload")).send().await.unwrap();
    assert_eq!(wrong.status(), 405);
    let long = format!("{{\"original_filename\":\"{}\"}}", "x".repeat(70_000));
    for body in ["", "{", "{}", "{\"original_filename\":\"\"}", &long] {
        let request = bench.keyed(bench.client.post(bench.url("/upload/signed-url")));
        let answer = request.body(body.to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        assert_eq!(json_of(answer).await["code"], "0001");
    }
    assert!(bench.sandbox.assets().is_empty());
}

#[tokio::test]
async fn direct_uploads_and_downloads() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(|config| config.keep = Some(folder.path().to_owned())).await;
    let post = bench.post(&bench.url("/upload"), "d.mov", b"direct");
    let answer = json_of(bench.keyed(post).send().await.unwrap()).await;
    let id = answer["data"]["asset_id"].as_str().unwrap().to_owned();
    let held = bench.only();
    assert!(held.direct && held.asset_id == id);
    assert_eq!(
        (held.original_filename.as_str(), held.bytes),
        ("d.mov", Some(6))
    );
    let url = bench.url(&format!("/{id}/download"));
    let download = bench.keyed(bench.client.get(&url)).send().await.unwrap();
    assert_eq!(download.bytes().await.unwrap(), "direct");

    let other = bench.url("/re_1/download");
    let missing = bench.keyed(bench.client.get(other)).send().await.unwrap();
    assert_eq!(json_of(missing).await["failed"], true);
    let large = bench.keyed(bench.post(&bench.url("/upload"), "d.mov", &vec![0; 500_100_000]));
    assert_eq!(large.send().await.unwrap().status(), 413);
}

#[tokio::test]
async fn downloads_need_kept_bytes() {
    let bench = Bench::free().await;
    let (id, url) = bench.sign("a.mp4").await;
    bench.send(&url, "a.mp4", b"x").await;
    let url = bench.url(&format!("/{id}/download"));
    let answer = bench.keyed(bench.client.get(url)).send().await.unwrap();
    assert_eq!(json_of(answer).await["code"], "0003");
}

#[tokio::test]
async fn its_own_pages_need_no_key() {
    let bench = Bench::free().await;
    let (id, _) = bench.sign("a.mp4").await;
    let root = bench
        .sandbox
        .base_url()
        .replace("/serve/api/v2", "/sandbox");
    let page = |name: &str| bench.client.get(format!("{root}/{name}")).send();
    let assets = json_of(page("assets").await.unwrap()).await;
    assert_eq!(assets[0]["asset_id"], id.as_str());
    let stats = json_of(page("stats").await.unwrap()).await;
    assert_eq!(stats["calls"]["sign"], 1);
}

#[tokio::test]
async fn nonsense_settings_are_refused() {
    let nowhere = SandboxConfig {
        keep: Some("no/such/folder".into()),
        ..SandboxConfig::default()
    };
    assert!(Sandbox::start(nowhere).await.is_err());
    for rate in [-1.0, f64::NAN, f64::INFINITY] {
        let config = SandboxConfig {
            rate,
            ..SandboxConfig::default()
        };
        assert!(Sandbox::start(config).await.is_err());
    }
}
