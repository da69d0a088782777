//! What storage can do to an upload: cases 27 to 42, as a user meets them.

use std::time::Duration;

use mavi_upload::{Event, Summary};

use crate::scene::{Outcome, Scene, rule};

/// One file and a service of one rule, with the real binary.
async fn play(call: &str, when: &str, then: &str) -> Outcome<i32> {
    Scene::one(call, when, then).await.mavi(&[]).await
}

/// The same with the library, at the documented times; the test's clock is paused.
async fn rehearse(when: &str, then: &str) -> Outcome<Summary> {
    Scene::one("send", when, then).await.rehearse(|_| {}).await
}

/// It ends well, with one asset, after so many POSTs.
fn is_up<End>(outcome: &Outcome<End>, posts: u64, what: &str) {
    assert_eq!(
        outcome.verdict("a.mp4"),
        ("success", ""),
        "{what}: {}",
        outcome.words
    );
    assert_eq!(
        (outcome.assets.len(), outcome.stats.calls.send),
        (1, posts),
        "{what}"
    );
    let asset = &outcome.assets[0];
    assert_eq!(outcome.row("a.mp4")["asset_id"], asset.asset_id, "{what}");
    assert_eq!(
        Some(&outcome.row("a.mp4")["sha256"]),
        asset.sha256.as_ref(),
        "{what}"
    );
}

/// The row fails with this code, and nothing holds its bytes.
fn failed(outcome: &Outcome<i32>, code: &str, what: &str) {
    assert_eq!(outcome.end, 1, "{what}: {}", outcome.words);
    assert_eq!(
        outcome.verdict("a.mp4"),
        ("failed", code),
        "{what}: {}",
        outcome.words
    );
    assert!(
        outcome.words.contains(code) && outcome.stored().is_empty(),
        "{what}"
    );
}

#[tokio::test]
async fn case_027_an_expired_url_is_looked_at_and_replaced_three_assets_at_most() {
    for status in [400, 403] {
        let then = format!("{{ status = {status}, body = \"Request has expired\" }}");
        let outcome = play("send", "", &then).await;
        failed(&outcome, "url_expired", &then);
        assert_eq!(
            (outcome.calls(), outcome.assets.len()),
            ((3, 3, 6), 3),
            "{then}"
        );
        let outcome = play("send", "first = 2", &then).await;
        assert_eq!((outcome.end, outcome.assets.len()), (0, 3), "{then}");
        assert_eq!(outcome.stored().len(), 1, "{then}");
    }
}

/// Only WAITING gives an asset up: this one held the bytes all the same.
#[tokio::test]
async fn case_027_an_expired_url_that_took_the_bytes_is_not_replaced() {
    let then = "{ done = true, status = 403, body = \"Request has expired\" }";
    is_up(&play("send", "", then).await, 1, then);
}

#[tokio::test]
async fn case_028_a_refused_url_is_tried_once_more_and_once_anew() {
    let outcome = play("send", "", "denied").await;
    failed(&outcome, "storage_denied", "denied");
    assert_eq!(outcome.calls(), (2, 3, 6));
    let posts: Vec<_> = outcome.assets.iter().map(|asset| asset.posts).collect();
    assert_eq!(posts, [2, 1]);
    is_up(
        &play("send", "first = 1", "denied").await,
        2,
        "refused once",
    );
    let outcome = play("send", "first = 2", "denied").await;
    assert_eq!(
        (outcome.end, outcome.assets.len(), outcome.stored().len()),
        (0, 2, 1)
    );
}

/// Storage answers at once and resets without reading: the second attempt holds the body back and
/// hears the status.
#[tokio::test]
async fn case_029_an_early_refusal_is_heard_by_the_second_attempt_at_the_latest() {
    const SIZE: u64 = 256 << 20;
    for (status, code) in [(413, "storage_413"), (400, "storage_400")] {
        let then = format!(
            "{{ status = {status}, read = \"none\", end = \"reset\", body = \"EntityTooLarge\" }}"
        );
        let scene = Scene::new(&[], &rule("send", "", &then)).await;
        scene.large_file("a.mp4", SIZE);
        let outcome = scene.mavi(&[]).await;
        failed(&outcome, code, code);
        assert!(
            outcome.stats.calls.send <= 2,
            "{}",
            outcome.stats.calls.send
        );
        assert!(outcome.stats.bytes_received <= SIZE + (64 << 20));
        assert_eq!(outcome.assets.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn case_030_after_a_500_the_asset_is_looked_at_and_the_same_url_tried_eight_times() {
    is_up(
        &rehearse("first = 7", "{ status = 503, body = \"busy\" }").await,
        8,
        "503",
    );
    let outcome = rehearse("", "server-error").await;
    assert_eq!(outcome.verdict("a.mp4"), ("failed", "server_error"));
    assert!(outcome.end.cause.is_none() && outcome.stored().is_empty());
    // In both passes; two polls that say WAITING after each POST, and before the second pass's first.
    assert_eq!((outcome.assets.len(), outcome.calls()), (1, (1, 16, 34)));
}

#[tokio::test]
async fn case_030_bytes_that_were_stored_despite_a_500_are_not_sent_again() {
    let outcome = play("send", "", "stored-500").await;
    is_up(&outcome, 1, "stored-500");
    assert_eq!(outcome.end, 0);
}

/// Seven times it was not, and the eighth try is the last.
#[tokio::test(start_paused = true)]
async fn case_030_bytes_that_were_stored_by_the_last_try_are_found() {
    let script = rule("send", "first = 7", "server-error") + &rule("send", "", "stored-500");
    let outcome = Scene::new(&["a.mp4"], &script).await.rehearse(|_| {}).await;
    is_up(&outcome, 8, "stored at last");
    let deferred = |(_, event): &(Duration, Event)| matches!(event, Event::Deferred { .. });
    assert!(!outcome.events.iter().any(deferred));
}

#[tokio::test]
async fn case_031_any_2xx_is_sent_and_only_a_look_confirms() {
    let bodies = [
        (200, "fine"),
        (201, "{}"),
        (204, ""),
        (200, "<html>ok</html>"),
    ];
    for (status, body) in bodies {
        let then = format!("{{ done = true, status = {status}, body = \"{body}\" }}");
        let outcome = play("send", "", &then).await;
        is_up(&outcome, 1, &then);
        assert!(outcome.stats.calls.status >= 1);
    }
    // A 2xx that nobody confirms is no success.
    let scene = Scene::one("send", "", "{ status = 200, body = \"fine\" }").await;
    let outcome = scene.mavi(&["--confirm-timeout", "300ms"]).await;
    assert_eq!((outcome.end, outcome.verdict("a.mp4").0), (1, "pending"));
    assert_eq!(outcome.stats.calls.send, 1);
}

#[tokio::test]
async fn case_032_an_error_in_a_200_is_a_500() {
    is_up(
        &play("send", "first = 2", "xml-error").await,
        3,
        "not stored",
    );
    let stored = "{ preset = \"xml-error\", done = true }";
    is_up(&play("send", "", stored).await, 1, "stored");
}

#[tokio::test]
async fn case_033_a_storage_that_asks_to_slow_down_gets_the_same_upload_later() {
    for then in ["slow-down", "{ status = 429, body = \"too many\" }"] {
        let outcome = play("send", "first = 3", then).await;
        is_up(&outcome, 4, then);
        assert!(
            outcome
                .words
                .contains("rate-limited by the service 3 times"),
            "{then}: {}",
            outcome.words
        );
        assert_eq!(outcome.stats.calls.sign, 1, "{then}");
    }
}

/// What is redirected to would be counted: a GET as a call without a key, a POST as a sign.
#[tokio::test]
async fn case_034_035_a_redirect_of_storage_is_never_followed_and_never_a_success() {
    let (get, post) = ("re_1/metadata", "upload/signed-url");
    for (status, to) in [(301, get), (302, get), (303, get), (307, post), (308, post)] {
        let location = format!("{{origin}}/serve/api/v2/{to}");
        let then = format!("{{ status = {status}, headers = {{ Location = \"{location}\" }} }}");
        let outcome = play("send", "", &then).await;
        failed(&outcome, "redirect", &then);
        assert_eq!(
            outcome.calls(),
            (1, 2, 4),
            "{then}: polled twice, tried once more, polled twice"
        );
        assert_eq!(outcome.stats.unauthorized, 0, "{then}");
    }
    let once = "{ status = 307, headers = { Location = \"{origin}/elsewhere\" } }";
    is_up(&play("send", "first = 1", once).await, 2, once);
}

#[tokio::test]
async fn case_036_what_exists_already_is_a_success_when_its_size_is_right() {
    for then in ["exists", "precondition"] {
        is_up(&play("send", "", then).await, 1, then);
    }
    is_up(
        &play("send", "first = 2", "{ status = 409, body = \"exists\" }").await,
        3,
        "it did not",
    );
}

#[tokio::test]
async fn case_037_a_408_is_tried_again_on_the_same_url_up_to_eight_times() {
    let then = "{ status = 408, body = \"RequestTimeout\" }";
    let outcome = play("send", "first = 7", then).await;
    is_up(&outcome, 8, then);
    assert_eq!(outcome.stats.calls.sign, 1);
}

/// When the upload's answer was given up, or came.
fn looked_after(outcome: &Outcome<Summary>) -> Duration {
    let look = |(_, event): &&(Duration, Event)| matches!(event, Event::Polled { .. });
    outcome.events.iter().find(look).unwrap().0
}

/// 120 s and the time that 100 MB take at 50 MB/s.
#[tokio::test(start_paused = true)]
async fn case_038_an_answer_that_never_comes_is_given_up_in_time_and_asked_about() {
    let patience = |outcome: &Outcome<Summary>| {
        let waited = looked_after(outcome).as_secs_f64();
        assert!((120.0..135.0).contains(&waited), "{waited} s");
    };
    let outcome = rehearse("first = 1", "hang").await;
    is_up(&outcome, 2, "nothing arrived");
    patience(&outcome);
    let outcome = rehearse("", "{ done = true, delay = \"forever\" }").await;
    is_up(&outcome, 1, "everything arrived");
    patience(&outcome);
}

#[tokio::test(start_paused = true)]
async fn case_039_an_answer_after_ninety_seconds_is_waited_for() {
    let outcome = rehearse("", "{ answer = \"own\", delay = \"90s\" }").await;
    is_up(&outcome, 1, "90 s");
    assert!(looked_after(&outcome) >= Duration::from_secs(90));
    assert_eq!(outcome.row("a.mp4")["attempts"], "1");
}

#[tokio::test]
async fn case_040_a_200_before_the_body_was_read_is_a_doubt_and_the_file_is_sent_again() {
    let scene = Scene::new(&[], &rule("send", "first = 1", "early-ok")).await;
    scene.large_file("a.mp4", 64 << 20);
    let outcome = scene.mavi(&[]).await;
    is_up(&outcome, 2, "early-ok");
    assert_eq!((outcome.end, outcome.assets[0].complete_posts), (0, 1));
}

#[tokio::test]
async fn case_041_a_wrong_size_is_replaced_once_and_then_told_with_both_sizes_and_ids() {
    let outcome = play("sign", "first = 1", "truncated").await;
    assert_eq!(
        (outcome.end, outcome.assets.len()),
        (0, 2),
        "{}",
        outcome.words
    );
    assert_eq!(outcome.row("a.mp4")["asset_id"], outcome.assets[1].asset_id);
    assert_eq!(outcome.assets[1].bytes, Some(5_000));

    let outcome = play("sign", "", "truncated").await;
    assert_eq!(outcome.end, 1);
    assert_eq!(outcome.verdict("a.mp4"), ("failed", "size_mismatch"));
    assert_eq!((outcome.assets.len(), outcome.stats.calls.send), (2, 2));
    let told = &outcome.row("a.mp4")["error"];
    for asset in &outcome.assets {
        let words = format!(
            "{}: 5000 bytes were sent, the service holds 4999",
            asset.asset_id
        );
        assert!(told.contains(&words), "{told}");
    }
}

#[tokio::test]
async fn case_042_other_bytes_of_the_same_number_cannot_be_seen_and_the_readme_says_so() {
    let outcome = play("sign", "", "flipped").await;
    assert_eq!((outcome.end, outcome.verdict("a.mp4").0), (0, "success"));
    assert_ne!(
        Some(&outcome.row("a.mp4")["sha256"]),
        outcome.assets[0].sha256.as_ref()
    );
    let readme = include_str!("../../README.md").replace("\n  ", " ");
    assert!(readme.contains("bytes that it altered without changing their number cannot be seen"));
}
