//! What the API's answers can be instead of the documented: cases 12 to 26, as a user meets them.
//! This room has the refusals, the next one the answers that look like success.

mod success;

use crate::scene::{Outcome, Scene, rule};

/// Two files, of which a meets a rule at *sign*: b is done, and a's row fails with this code.
async fn a_fails(when: &str, then: &str, code: &str) -> Outcome<i32> {
    let script = rule("sign", &format!("file = \"a*\"\n{when}"), then);
    let scene = Scene::new(&["a.mp4", "b.mp4"], &script).await;
    let outcome = scene.mavi(&[]).await;
    assert_eq!(outcome.end, 1, "{then}: {}", outcome.words);
    assert_eq!(
        outcome.verdict("a.mp4"),
        ("failed", code),
        "{then}: {}",
        outcome.words
    );
    assert_eq!(outcome.verdict("b.mp4"), ("success", ""), "{then}");
    let posted = outcome.assets.iter().filter(|asset| asset.posts > 0);
    let posted: Vec<_> = posted
        .map(|asset| asset.original_filename.as_str())
        .collect();
    assert_eq!(posted, ["b.mp4"], "{then}: nothing of a is sent");
    assert!(outcome.words.contains(code), "{then}: {}", outcome.words);
    outcome
}

/// The calls of *sign* for a alone.
fn signs_of_a(outcome: &Outcome<i32>) -> u64 {
    outcome.stats.calls.sign - 1
}

/// One file that goes up although *sign* answered so at first.
async fn a_succeeds(when: &str, then: &str) -> Outcome<i32> {
    let outcome = Scene::one("sign", when, then).await.mavi(&[]).await;
    assert_eq!(outcome.end, 0, "{then}: {}", outcome.words);
    assert_eq!(
        (outcome.stored().len(), outcome.stats.calls.send),
        (1, 1),
        "{then}"
    );
    outcome
}

#[tokio::test]
async fn case_012_an_unsupported_type_fails_its_row_after_one_call() {
    for then in ["unsupported", "{ code = 415, msg = \"no\" }"] {
        assert_eq!(signs_of_a(&a_fails("", then, "unsupported_media").await), 1);
    }
}

#[tokio::test]
async fn case_013_a_bad_request_fails_its_row_after_one_call_in_the_services_words() {
    let long = format!("\\u001b]52;c;YQ==\\u0007 {} \\u202e", "x".repeat(2_000));
    let table = [
        format!("{{ status = 400, code = \"0001\", msg = \"{long}\" }}"),
        format!("{{ code = \"0003\", msg = \"{long}\" }}"),
        format!("{{ status = 400, content-type = \"text/plain\", body = \"{long}\" }}"),
    ];
    for then in table {
        let outcome = a_fails("", &then, "bad_request").await;
        assert_eq!(signs_of_a(&outcome), 1);
        let told = &outcome.row("a.mp4")["error"];
        assert!(told.contains("\\x1b]52;c;YQ==\\x07 xxx"), "{told}");
        // The code may stand before the words, and a letter before all.
        assert!(
            told.chars().count() <= 300 + "error: 0001: ".len(),
            "{told}"
        );
        let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!outcome.words.contains(obeyed), "{}", outcome.words);
    }
}

/// b is processed for minutes, so that its looks show that the service is there.
#[tokio::test(start_paused = true)]
async fn case_014_server_errors_are_tried_eight_times_and_once_more_so_before_the_row_fails() {
    for then in [
        "server-error",
        "unavailable",
        "envelope-500",
        "{ status = 502 }",
        "{ status = 504 }",
    ] {
        let script = rule("sign", "file = \"a*\"", then);
        let scene = Scene::with(&["a.mp4", "b.mp4"], &script, |config| {
            config.processing = "300s".parse().unwrap();
        });
        let outcome = scene.await.rehearse(|_| {}).await;
        assert_eq!(
            outcome.verdict("a.mp4"),
            ("failed", "server_error"),
            "{then}"
        );
        assert_eq!(outcome.verdict("b.mp4"), ("success", ""), "{then}");
        assert_eq!(outcome.stats.calls.sign, 8 + 8 + 1, "{then}");
        assert!(outcome.end.cause.is_none(), "{then}");
    }
}

#[tokio::test(start_paused = true)]
async fn case_014_where_a_fifth_of_all_calls_fails_everything_gets_done() {
    let script = rule("any", "share = 0.2", "unavailable");
    let names: Vec<_> = (0..40).map(|no| format!("{no:02}.mp4")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let outcome = Scene::new(&names, &script).await.rehearse(|_| {}).await;
    assert!(
        outcome.stats.faults_of("") >= 15,
        "{:?}",
        outcome.stats.faults
    );
    assert_eq!(outcome.end.counts.success, 40);
    assert_eq!((outcome.assets.len(), outcome.stored().len()), (40, 40));
}

#[tokio::test]
async fn case_015_a_404_on_the_first_call_is_a_wrong_address_and_the_right_one_goes_on() {
    let scene = Scene::new(&["a.mp4", "b.mp4"], "").await;
    let wrong = scene.sandbox.base_url().replace("/api/v2", "/api/v3");
    let outcome = scene.mavi(&["--base-url", &wrong]).await;
    assert_eq!(outcome.end, 2, "{}", outcome.words);
    let host = wrong.split('/').nth(2).unwrap();
    assert!(
        outcome.words.contains(&format!("no MAVI API at {host}")),
        "{}",
        outcome.words
    );
    assert_eq!(outcome.statuses(), ["not_started", "not_started"]);
    assert_eq!(outcome.stats.bytes_received, 0);
    // The ledger learnt nothing from the wrong one.
    assert_eq!(scene.mavi(&[]).await.end, 0);
    let spring = Scene::one("sign", "", "not-found").await.mavi(&[]).await;
    assert_eq!(
        (spring.end, spring.calls()),
        (2, (1, 0, 0)),
        "{}",
        spring.words
    );
}

#[tokio::test(start_paused = true)]
async fn case_015_a_404_in_mid_run_is_tried_eight_times_and_once_more_so() {
    let scene = Scene::new(
        &["a.mp4", "b.mp4"],
        &rule("sign", "file = \"b*\"", "not-found"),
    )
    .await;
    let outcome = scene
        .rehearse(|settings| settings.concurrency = std::num::NonZeroUsize::MIN.into())
        .await;
    assert_eq!(outcome.verdict("b.mp4"), ("failed", "server_error"));
    assert_eq!(
        (outcome.stats.calls.sign, outcome.stored().len()),
        (1 + 8 + 8, 1)
    );
}

#[tokio::test]
async fn case_016_a_captive_portal_stops_the_run_after_three_tries_and_its_page_is_not_shown() {
    let outcome = Scene::one("any", "", "captive-portal")
        .await
        .mavi(&[])
        .await;
    assert_eq!(outcome.end, 4, "{}", outcome.words);
    assert_eq!(outcome.calls(), (3, 0, 0));
    assert!(
        outcome.words.contains("not JSON (text/html)"),
        "{}",
        outcome.words
    );
    assert!(!outcome.words.contains("doctype") && !outcome.words.contains("Log in"));
    assert_eq!(outcome.statuses(), ["not_started"]);
}

#[tokio::test]
async fn case_016a_a_redirect_on_the_first_call_is_a_wrong_address_and_is_not_followed() {
    let outcome = Scene::one("any", "", "redirect").await.mavi(&[]).await;
    assert_eq!(
        (outcome.end, outcome.calls()),
        (2, (1, 0, 0)),
        "{}",
        outcome.words
    );
    let words = "redirects to login.example.net: check --base-url or log in to the network";
    assert!(outcome.words.contains(words), "{}", outcome.words);
    assert_eq!(outcome.statuses(), ["not_started"]);
}

/// What is redirected to would be counted, if it were called.
#[tokio::test]
async fn case_016a_later_redirects_are_tried_three_times_a_pass_and_fail_the_row() {
    let location = "headers = { Location = \"{origin}/serve/api/v2/re_1/metadata\" }";
    for status in [302, 307] {
        let then = format!("{{ status = {status}, {location} }}");
        let script = rule("sign", "file = \"b*\"", &then);
        let scene = Scene::new(&["a.mp4", "b.mp4"], &script).await;
        let outcome = scene.mavi(&["--no-confirm", "-j", "1"]).await;
        assert_eq!(outcome.end, 1, "{}", outcome.words);
        assert_eq!(outcome.verdict("b.mp4"), ("failed", "redirect"), "{status}");
        assert_eq!(outcome.calls(), (1 + 3 + 3, 1, 0), "{status}");
        assert_eq!(outcome.stats.unauthorized, 0, "{status}");
    }
}

#[tokio::test]
async fn case_017_an_unknown_code_fails_its_row_with_code_and_words() {
    let outcome = a_fails("", "unknown-code", "api_7777").await;
    assert_eq!(signs_of_a(&outcome), 1);
    assert_eq!(outcome.row("a.mp4")["error"], "something else");
}

#[tokio::test]
async fn case_018_three_codes_are_success_with_an_answer_and_a_contradiction_is_none() {
    for code in ["200", "\"200\"", "\"0000\""] {
        let own = format!("{{ set = {{ code = {code} }} }}");
        assert_eq!(a_succeeds("", &own).await.stats.calls.sign, 1);
    }
    let empty = "{ set = { code = \"0000\" }, null = [\"data\"] }";
    assert_eq!(signs_of_a(&a_fails("", empty, "protocol").await), 3 + 3);
    assert_eq!(
        signs_of_a(&a_fails("", "contradiction", "protocol").await),
        3 + 3
    );
    assert_eq!(
        a_succeeds("first = 2", "contradiction")
            .await
            .stats
            .calls
            .sign,
        3
    );
}
