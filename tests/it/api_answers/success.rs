//! Answers of *sign* that look like success and are not what was asked for: cases 19 to 26.

use super::{a_fails, a_succeeds, signs_of_a};
use crate::scene::{Scene, rule};

#[tokio::test]
async fn case_019_without_an_id_or_an_url_nothing_is_posted_anywhere() {
    for then in [
        "data-null",
        "no-asset-id",
        "no-url",
        "empty-url",
        "{ set = { \"data.asset_id\" = \"\" } }",
    ] {
        assert_eq!(
            signs_of_a(&a_fails("", then, "protocol").await),
            3 + 3,
            "{then}"
        );
    }
    assert_eq!(a_succeeds("first = 2", "no-url").await.stats.calls.sign, 3);
}

#[tokio::test]
async fn case_020_an_id_that_is_another_files_is_refused_and_that_file_stays_as_it_is() {
    let script = rule("sign", "file = \"b*\"", "same-id");
    let scene = Scene::new(&["a.mp4", "b.mp4"], &script).await;
    let outcome = scene.mavi(&["-j", "1"]).await;
    assert_eq!(outcome.end, 1, "{}", outcome.words);
    assert_eq!(outcome.verdict("b.mp4"), ("failed", "protocol"));
    assert!(outcome.row("b.mp4")["error"].contains("asset id reused"));
    assert_eq!(
        (outcome.stats.calls.sign, outcome.stats.calls.send),
        (1 + 3 + 3, 1)
    );
    let first = outcome.row("a.mp4");
    assert_eq!(outcome.assets[0].sha256.as_ref(), Some(&first["sha256"]));
    assert_eq!(
        (first["status"].as_str(), outcome.assets[0].posts),
        ("success", 1)
    );
}

#[tokio::test]
async fn case_021_a_life_in_any_shape_is_understood_and_one_of_nothing_is_no_use() {
    let shapes = [
        "{ set = { \"data.expires_in\" = \"93600\" } }",
        "{ set = { \"data.expires_in\" = 93600.0 } }",
        "{ null = [\"data.expires_in\"] }",
        "{ drop = [\"data.expires_in\"] }",
    ];
    for then in shapes {
        assert_eq!(a_succeeds("", then).await.stats.calls.sign, 1, "{then}");
    }
    for seconds in ["0", "-1"] {
        let then = format!("{{ set = {{ \"data.expires_in\" = {seconds} }} }}");
        assert_eq!(signs_of_a(&a_fails("", &then, "url_expired").await), 3);
    }
    let nothing = "{ set = { \"data.expires_in\" = 0 } }";
    assert_eq!(a_succeeds("first = 2", nothing).await.stats.calls.sign, 3);
}

#[tokio::test]
async fn case_022_the_lost_answer_of_sign_is_one_possible_orphan_and_no_second_upload() {
    let outcome = a_succeeds("first = 1", "lost").await;
    assert_eq!(outcome.assets.len(), 2, "one of them known to nobody");
    assert!(
        outcome.words.contains("\n1 possible orphan: "),
        "{}",
        outcome.words
    );
    let outcome = a_succeeds("first = 7", "lost").await;
    assert_eq!((outcome.stats.calls.sign, outcome.assets.len()), (8, 8));
}

#[tokio::test]
async fn case_023_strange_fields_are_passed_over_and_a_key_that_stands_twice_is_not() {
    let body = r#"{"failed":false,"zzz":null,"success":true,"data":{"expires_in":93600,"new":[{"deep":null}],"signed_url":"{signed_url}","asset_id":"{asset_id}"},"msg":null,"code":200}"#;
    let then = format!(
        "{{ done = true, status = 200, content-type = \"application/json\", body = '{body}' }}"
    );
    assert_eq!(a_succeeds("", &then).await.stats.calls.sign, 1);
    assert_eq!(
        signs_of_a(&a_fails("", "duplicate-key", "protocol").await),
        3 + 3
    );
}

#[tokio::test]
async fn case_024_a_body_that_is_cut_is_asked_for_again_up_to_eight_times() {
    assert_eq!(a_succeeds("first = 7", "cut").await.stats.calls.sign, 8);
}

/// The peak of the whole program is compared with that of a run without faults.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn case_025_an_endless_answer_costs_no_memory_and_fails_the_row() {
    let calm = Scene::new(&["a.mp4", "b.mp4"], "")
        .await
        .peak_memory()
        .await;
    let script = rule("sign", "file = \"a*\"", "endless");
    let peak = Scene::new(&["a.mp4", "b.mp4"], &script)
        .await
        .peak_memory()
        .await;
    assert!(
        peak < calm + 10 * 1024,
        "{calm} KiB without, {peak} KiB with endless answers"
    );
    assert_eq!(signs_of_a(&a_fails("", "endless", "protocol").await), 3 + 3);

    let endless = "{ status = 400, content-type = \"text/plain\", body = \"xxxx xxxx\", repeat = \"endless\" }";
    let peak = Scene::one("send", "", endless).await.peak_memory().await;
    assert!(
        peak < calm + 10 * 1024,
        "{calm} KiB without, {peak} KiB with endless words of storage"
    );
    let outcome = Scene::one("send", "", endless).await.mavi(&[]).await;
    assert_eq!(outcome.verdict("a.mp4"), ("failed", "storage_400"));
}

#[tokio::test]
async fn case_026_a_hundred_thousand_brackets_fail_the_row_and_nothing_else() {
    assert_eq!(signs_of_a(&a_fails("", "nested", "protocol").await), 3 + 3);
    assert_eq!(a_succeeds("first = 2", "nested").await.stats.calls.sign, 3);
}
