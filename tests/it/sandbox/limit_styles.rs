//! Every way to say "too fast", and limits that change.

use std::time::Duration;

use mavi_sandbox::LimitStyle;
use tokio::time::{Instant, sleep};

use super::{Bench, json_of};

#[tokio::test(start_paused = true)]
async fn early_calls_are_refused_in_every_style() {
    let table = [
        (LimitStyle::Http429, 429, "\"0429\"", 429),
        (LimitStyle::RetryAfter, 429, "\"0429\"", 429),
        (LimitStyle::Code429, 200, "429", 429),
        (LimitStyle::Code0429, 200, "\"0429\"", 429),
        (LimitStyle::Http400, 400, "\"0001\"", 429),
        (LimitStyle::SlowDown, 429, "\"0429\"", 503),
    ];
    for (style, status, code, storage) in table {
        let bench = Bench::start(|config| (config.rate, config.limit_style) = (0.25, style)).await;
        let (_, url) = bench.sign("a.mp4").await;
        let early = bench.sign_call("b.mp4").send().await.unwrap();
        assert_eq!(early.status(), status, "{style:?}");
        let retry_after = early
            .headers()
            .get("retry-after")
            .map(|value| value.to_str().unwrap() == "4");
        assert_eq!(
            retry_after,
            (style == LimitStyle::RetryAfter).then_some(true)
        );
        let envelope = json_of(early).await;
        assert_eq!(envelope["code"].to_string(), code);
        assert_eq!(envelope["msg"], "Request has exceeded the limit.");
        assert_eq!(bench.send(&format!("{url}x"), "a.mp4", b"x").await.0, 403);
        assert_eq!(
            bench.send(&url, "a.mp4", b"x").await.0,
            storage,
            "{style:?}"
        );
        let violations = bench.sandbox.stats().violations;
        assert_eq!(
            (violations.sign, violations.send, violations.total()),
            (1, 1, 2)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_script_changes_limits_and_violations_are_told_since_a_mark() {
    let script = "[[limit]]\nafter = \"60s\"\nrate = 0.5\nstyle = \"http-400\"\ncall = \"sign\"";
    let faults = script.parse().unwrap();
    let bench = Bench::start(|config| (config.rate, config.faults) = (1.0, faults)).await;
    let mark = Instant::now() + Duration::from_secs(60);
    for (pause_ms, failure) in [(500, 429), (1000, 400)] {
        for expected in [200, failure, 200] {
            assert_eq!(
                bench.sign_call("a.mp4").send().await.unwrap().status(),
                expected
            );
            sleep(Duration::from_millis(pause_ms)).await;
        }
        sleep(Duration::from_secs(60)).await;
    }
    assert_eq!(bench.sandbox.stats().violations.sign, 2);
    assert_eq!(bench.sandbox.violations_since(mark).sign, 1);
    let root = bench
        .sandbox
        .base_url()
        .replace("/serve/api/v2", "/sandbox/stats");
    let page = json_of(
        bench
            .client
            .get(format!("{root}?since=1m"))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(page["violations_since"]["sign"], 1);
    assert_eq!(page["violations"]["sign"], 2);
    let wrong = bench
        .client
        .get(format!("{root}?since=x"))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 400);
}
