//! What the API's limits and the account put in a job's way: cases 1 to 11, as a user meets them.

use std::time::Duration;

use mavi_upload::Event;
use mavi_upload::model::Endpoint;
use mavi_upload::run::Via;
use mavi_upload::shutdown::StopCause;

use crate::scene::{Outcome, Scene, rule};

const GO_ON: &str = "run the same command again to go on";

/// When *sign* was held, and for how long.
fn holds<End>(outcome: &Outcome<End>) -> Vec<(Duration, Duration)> {
    let hold = |(at, event): &(Duration, Event)| match event {
        Event::Throttled {
            endpoint: Endpoint::Sign,
            pause,
            ..
        } => Some((*at, *pause)),
        _ => None,
    };
    outcome.events.iter().filter_map(hold).collect()
}

/// Two files, and *sign* refused so for the first five calls.
async fn five_refusals(preset: &str) {
    let script = rule("sign", "first = 5", preset);
    let scene = Scene::with(&["a.mp4", "b.mp4"], &script, |config| config.rate = 1.0).await;
    let outcome = scene.rehearse(|_| {}).await;
    assert_eq!(outcome.statuses(), ["success", "success"], "{preset}");
    assert_eq!(outcome.stats.calls.sign, 7, "{preset}");
    assert_eq!(
        outcome.stats.violations.total(),
        0,
        "{preset}: calls less than a second apart"
    );
    let holds = holds(&outcome);
    assert_eq!(
        (holds.len(), outcome.end.tally.throttles),
        (5, 5),
        "{preset}"
    );
    for pair in holds.windows(2) {
        let [(at, pause), (next, _)] = pair else {
            unreachable!()
        };
        assert!(*next >= *at + *pause, "{preset}: a call within the pause");
    }
    for ((_, pause), least) in holds.iter().zip([1, 2, 4, 8, 16]) {
        let least = Duration::from_secs(least);
        assert!(
            (least..=least * 5 / 4).contains(pause),
            "{preset}: {pause:?}"
        );
    }
    assert_eq!(outcome.row("a.mp4")["attempts"], "1", "{preset}");
}

#[tokio::test(start_paused = true)]
async fn case_001_five_429s_are_waited_out_by_everybody() {
    five_refusals("throttle").await;
}

#[tokio::test(start_paused = true)]
async fn case_002_a_429_within_a_200_is_waited_out_too() {
    five_refusals("throttle-200").await;
    five_refusals("throttle-200-string").await;
}

#[tokio::test(start_paused = true)]
async fn case_003_the_limit_text_of_a_400_is_waited_out_in_any_case_of_its_letters() {
    five_refusals("throttle-400").await;
    let shout = "{ status = 400, code = \"0001\", msg = \"REQUEST HAS EXCEEDED THE LIMIT.\" }";
    let scene = Scene::one("sign", "first = 2", shout).await;
    let outcome = scene.rehearse(|_| {}).await;
    assert_eq!(
        (outcome.statuses(), outcome.end.tally.throttles),
        (vec!["success"], 2)
    );
}

/// However a file goes up: lowered five times, the rate is 0.2 a second, where eight are the end.
#[tokio::test(start_paused = true)]
async fn case_003_met_eight_times_at_the_lowest_rate_it_is_the_rows_fault_wherever_it_is_said() {
    let text = "{ status = 400, body = \"Request has exceeded the limit.\" }";
    for (call, via, then) in [
        ("sign", Via::SignedUrl, "throttle-400"),
        ("send", Via::SignedUrl, text),
        ("direct", Via::Direct, "throttle-400"),
    ] {
        let scene = Scene::one(call, "", then).await;
        let outcome = scene.rehearse(|settings| settings.via = via).await;
        assert_eq!(
            outcome.verdict("a.mp4"),
            ("failed", "bad_request"),
            "{call}"
        );
        assert_eq!(outcome.stats.faults_of(""), 13, "{call}");
        assert!(
            outcome.stored().is_empty() && outcome.end.cause.is_none(),
            "{call}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn case_004_retry_after_is_waited_out_up_to_five_minutes_and_garbage_is_not() {
    let in_40_s = jiff::Timestamp::now() + Duration::from_secs(40);
    let date = in_40_s.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let table = [
        ("5", 5.0, 5.0),
        (&date, 37.0, 40.0),
        ("99999", 300.0, 300.0),
        ("soon", 1.0, 1.25),
    ];
    for (value, least, most) in table {
        let then =
            format!("{{ preset = \"throttle\", headers = {{ Retry-After = \"{value}\" }} }}");
        let scene = Scene::one("sign", "first = 1", &then).await;
        let outcome = scene.rehearse(|_| {}).await;
        let pause = holds(&outcome)[0].1.as_secs_f64();
        assert!((least..=most + 0.01).contains(&pause), "{value}: {pause} s");
        assert_eq!(outcome.statuses(), ["success"], "{value}");
        assert_eq!(outcome.stats.calls.sign, 2, "{value}");
    }
}

#[tokio::test(start_paused = true)]
async fn case_005_hours_of_429_are_probed_once_a_minute_and_end_the_run() {
    let scene = Scene::one("sign", "", "throttle").await;
    let outcome = scene.rehearse(|_| {}).await;
    assert!(
        outcome.words.starts_with("rate limited for 2h"),
        "{}",
        outcome.words
    );
    assert!(
        outcome.words.contains("another program"),
        "{}",
        outcome.words
    );
    assert!(matches!(outcome.end.cause, Some(StopCause::Outage(_))));
    assert_eq!(outcome.statuses(), ["not_started"]);
    // 1 to 32 s, ten times 32 s, and from then on a minute or a quarter more.
    let holds = holds(&outcome);
    let minute = Duration::from_secs(60);
    assert!(holds[15..].iter().all(|(_, pause)| *pause >= minute));
    assert!((100..=125).contains(&holds.len()), "{}", holds.len());
}

#[tokio::test]
async fn case_005_the_end_has_its_code_and_says_how_to_go_on() {
    let scene = Scene::one("sign", "", "throttle").await;
    let outcome = scene.mavi(&["--max-outage", "1s"]).await;
    assert_eq!(outcome.end, 4, "{}", outcome.words);
    assert!(
        outcome
            .words
            .contains("another program may be using the account")
    );
    assert!(
        outcome.words.ends_with(&format!("{GO_ON}\n")),
        "{}",
        outcome.words
    );
}

/// What the account says on the first call, with three files and slots for all.
async fn first_call(then: &str, more: &[&str]) -> (Scene, Outcome<i32>) {
    let script = rule("sign", "times = 1", then);
    let scene = Scene::new(&["a.mp4", "b.mp4", "c.mp4"], &script).await;
    let key = scene.bench.folder.path().join("key.txt");
    std::fs::write(key, "sk-mavi-canary-0123456789\n").unwrap();
    let outcome = scene.mavi(&[&["--sign-rate", "1"], more].concat()).await;
    assert_eq!(outcome.stats.calls.total(), 1, "{then}: {}", outcome.words);
    assert_eq!(outcome.stats.bytes_received, 0, "{then}");
    assert_eq!(outcome.statuses(), ["not_started"; 3], "{then}");
    (scene, outcome)
}

/// Stopped by the account after one call, in these words; once it is mended, the rerun goes on.
async fn stopped_by_the_account(then: &str, more: &[&str], words: &str) {
    let (scene, outcome) = first_call(then, more).await;
    assert_eq!(outcome.end, 3, "{then}: {}", outcome.words);
    assert!(outcome.words.contains(words), "{then}: {}", outcome.words);
    assert!(
        outcome.words.ends_with(&format!("{GO_ON}\n")),
        "{then}: {}",
        outcome.words
    );
    let again = scene.mavi(&[]).await;
    assert_eq!((again.end, again.stored().len()), (0, 3), "{then}");
}

#[tokio::test]
async fn case_006_a_key_that_is_not_known_stops_after_one_call_and_its_source_is_named() {
    let unknown = "the service does not know this API key (401); the key came from";
    let variable = format!("{unknown} environment variable MEMORIES_API_KEY");
    stopped_by_the_account("bad-key", &[], &variable).await;
    stopped_by_the_account("bad-key-200", &[], &variable).await;
    let file = format!("{unknown} file key.txt");
    stopped_by_the_account("bad-key", &["--api-key-file", "key.txt"], &file).await;
}

/// a and b are done and c is being processed, without an end, when the key dies for two calls of
/// sign; looks at c go on being answered.
#[tokio::test]
async fn case_007_a_key_that_dies_is_asked_once_more_and_a_rerun_uploads_nothing_again() {
    let dies = "{ preset = \"bad-key\", delay = \"600ms\" }";
    let script = rule("sign", "file = \"c*\"", "never-ready")
        + &rule("sign", "file = \"[d-f]*\"\ntimes = 2", dies);
    let files = ["a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4", "f.mp4"];
    let scene = Scene::new(&files, &script).await;
    let outcome = scene.mavi(&["-j", "1"]).await;
    assert_eq!(outcome.end, 3, "{}", outcome.words);
    assert_eq!(outcome.stats.calls.sign, 3 + 2, "one confirming retry");
    let (done, left) = (["success", "success", "pending"], ["not_started"; 3]);
    assert_eq!(outcome.statuses(), [done, left].concat());
    let sent = outcome.row("c.mp4")["asset_id"].clone();
    assert!(sent.starts_with("re_"));

    let again = scene.mavi(&["--confirm-timeout", "100ms"]).await;
    assert_eq!(again.end, 1, "{}", again.words);
    assert_eq!(again.statuses(), [done, ["success"; 3]].concat());
    assert_eq!(again.row("c.mp4")["asset_id"], sent);
    assert_eq!(again.stats.calls.send, 6, "a, b and c are not sent again");
}

#[tokio::test]
async fn case_008_no_credits_stop_the_run_and_a_rerun_goes_on() {
    stopped_by_the_account("no-credits", &[], "the account is out of credits (402)").await;
    stopped_by_the_account("no-credits-200", &[], "the account is out of credits (402)").await;
}

#[tokio::test]
async fn case_009_a_disabled_account_stops_the_run_after_one_call() {
    stopped_by_the_account("disabled", &[], "the account is disabled (403)").await;
    stopped_by_the_account("disabled-200", &[], "the account is disabled (403)").await;
}

#[tokio::test]
async fn case_010_a_key_that_lacks_permission_stops_the_run_and_its_source_is_named() {
    let words = "the API key lacks permission (9009); the key came from environment variable";
    stopped_by_the_account("no-permission", &[], words).await;
}

/// Three tries in each pass; all six speak of the same earlier request.
#[tokio::test(start_paused = true)]
async fn case_011_a_duplicate_request_is_tried_three_times_with_gaps_and_is_one_possible_orphan() {
    let script = rule("sign", "file = \"a*\"", "conflict");
    let scene = Scene::new(&["a.mp4", "b.mp4"], &script).await;
    let outcome = scene.rehearse(|_| {}).await;
    assert_eq!(outcome.verdict("a.mp4"), ("failed", "conflict"));
    assert_eq!(outcome.verdict("b.mp4"), ("success", ""));
    assert_eq!(outcome.stats.calls.sign, 3 + 3 + 1);
    assert_eq!(outcome.end.tally.possible_orphans, 1);
    let gap = |(_, event): &(Duration, Event)| match event {
        Event::Retrying { pause, .. } => Some(*pause),
        _ => None,
    };
    let gaps: Vec<_> = outcome.events.iter().filter_map(gap).collect();
    assert_eq!(gaps.len(), 4);
    assert!(
        gaps.iter().all(|gap| *gap >= Duration::from_secs(2)),
        "{gaps:?}"
    );
    assert!(
        outcome
            .stored()
            .iter()
            .all(|asset| asset.original_filename == "b.mp4")
    );
}
