//! Answers that disagree with each other or with the truth, through whole runs: no single odd one moves
//! a file where later ones cannot bring it back. The clock is paused, times are the documented ones.

use std::time::Duration;

use mavi_upload::{Event, Summary};
use tokio::time::Instant;

use crate::scene::{Outcome, Scene, rule};

/// Storage refuses, and nothing is kept.
const NOTHING_KEPT: &str = r#"{ status = 503, body = "busy" }"#;

/// A run that is over sooner has not waited for the time-out for confirmation.
const SOON: Duration = Duration::from_secs(300);

/// The service's own status answer with another word.
fn word(word: &str) -> String {
    format!("{{ answer = \"own\", set = {{ \"data.resource.0.upload_status\" = {word} }} }}")
}

/// A file on its way through these rules ends well, with one asset, after so many POSTs.
async fn ends_well(script: &str, posts: u64) -> Outcome<Summary> {
    let scene = Scene::new(&["a.mp4"], script).await;
    let start = Instant::now();
    let outcome = scene.rehearse(|_| {}).await;
    assert_eq!(outcome.verdict("a.mp4"), ("success", ""), "{script}");
    let sent = outcome.stats.calls.send;
    assert_eq!((outcome.assets.len(), sent), (1, posts), "{script}");
    assert!(start.elapsed() < SOON, "{:?}: {script}", start.elapsed());
    outcome
}

#[tokio::test(start_paused = true)]
async fn case_165_bytes_that_were_said_to_have_arrived_and_did_not_are_sent_to_the_same_asset() {
    let uploading = word("\"UPLOADING\"");
    let script = rule("send", "first = 1", NOTHING_KEPT) + &rule("status", "first = 2", &uploading);
    ends_well(&script, 2).await;
}

/// Whether storage had said yes the second run cannot know.
#[tokio::test(start_paused = true)]
async fn case_165_a_rerun_sends_again_what_an_earlier_run_took_for_sent() {
    let script = rule("send", "first = 1", NOTHING_KEPT)
        + &rule("status", "first = 2", &word("\"UPLOADING\""))
        + &rule("status", "nth = 3", &word("\"PROCESSING\""));
    let scene = Scene::new(&["a.mp4"], &script).await;
    let outcome = scene
        .upload(|settings| settings.confirm.timeout = None)
        .await;
    assert_eq!(outcome.verdict("a.mp4"), ("pending", ""));
    assert_eq!(outcome.stats.calls.send, 1);

    let start = Instant::now();
    let outcome = scene.rehearse(|_| {}).await;
    assert_eq!(outcome.verdict("a.mp4"), ("success", ""));
    assert_eq!((outcome.assets.len(), outcome.assets[0].posts), (1, 2));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn case_167_no_odd_word_settles_a_doubt() {
    let odd = ["\"PROCESSING\"", "\"waiting\"", "\"\"", "\"null\"", "7"];
    let mut answers: Vec<_> = odd.map(word).into();
    answers.push(word("\"UPLOADING\""));
    answers.push("null-status".to_owned());
    answers.push(r#"{ drop = ["data.resource.0.upload_status"] }"#.to_owned());
    for refusal in [NOTHING_KEPT, r#"{ status = 408, body = "slow" }"#, "reset"] {
        for answer in &answers {
            let script = rule("send", "first = 1", refusal) + &rule("status", "first = 1", answer);
            ends_well(&script, 2).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn case_168_status_words_count_in_any_case() {
    for spelt in ["\"success\"", "\"Success\""] {
        let outcome = ends_well(&rule("status", "arrived = true", &word(spelt)), 1).await;
        let warned = |(_, event): &(Duration, Event)| matches!(event, Event::Warning(_));
        assert!(!outcome.events.iter().any(warned), "{:?}", outcome.events);
    }
}

/// FAILED, a wrong size, or nothing there: said once, and not true.
#[tokio::test(start_paused = true)]
async fn case_169_no_single_answer_costs_a_second_asset() {
    let wrong = "{ answer = \"own\", set = { \"data.resource.0.file_size\" = \"1\", \
                 \"data.resource.0.upload_status\" = \"SUCCESS\" } }";
    let expired = r#"{ done = true, status = 403, body = "Request has expired" }"#;
    let sendings = [r#"{ answer = "own" }"#, "lost", "stored-500", expired];
    for sending in sendings {
        for lie in [&word("\"FAILED\""), wrong, &word("\"WAITING\"")] {
            let script = rule("send", "", sending) + &rule("status", "first = 1", lie);
            ends_well(&script, 1).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn case_173_any_2xx_after_the_whole_body_is_sent() {
    for (status, body) in [
        (200, r#"{\"code\":\"OK\"}"#),
        (201, r#"{\"code\":\"Created\",\"msg\":\"stored\"}"#),
        (200, ""),
        (202, "stored"),
    ] {
        let then = format!("{{ done = true, status = {status}, body = \"{body}\" }}");
        let outcome = ends_well(&rule("send", "", &then), 1).await;
        assert_eq!(outcome.row("a.mp4")["attempts"], "1", "{then}");
    }
}

#[tokio::test(start_paused = true)]
async fn case_176_what_is_refused_after_the_whole_body_is_asked_about_first() {
    for (status, body) in [
        (429, "too many"),
        (503, "<Error><Code>SlowDown</Code></Error>"),
        (400, "Request has exceeded the limit."),
        (400, "bad"),
        (404, "gone"),
        (413, "EntityTooLarge"),
        (422, "no"),
    ] {
        let kept = format!("{{ done = true, status = {status}, body = \"{body}\" }}");
        let one_lie = rule("status", "first = 1", &word("\"WAITING\""));
        ends_well(&(rule("send", "", &kept) + &one_lie), 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn case_176_what_was_refused_and_not_kept_fails_or_is_sent_again_as_ever() {
    let refused = r#"{ status = 413, body = "EntityTooLarge" }"#;
    let scene = Scene::one("send", "", refused).await;
    let outcome = scene.rehearse(|_| {}).await;
    assert_eq!(outcome.verdict("a.mp4"), ("failed", "storage_413"));
    assert_eq!(outcome.calls(), (1, 1, 2));
    let limit = r#"{ status = 429, headers = { Retry-After = "40" }, body = "too many" }"#;
    let outcome = ends_well(&rule("send", "first = 1", limit), 2).await;
    let polled = |(_, event): &&(Duration, Event)| matches!(event, Event::Polled { .. });
    let first_poll = outcome.events.iter().find(polled).unwrap().0;
    assert!(first_poll >= Duration::from_secs(40), "{first_poll:?}");
}
