//! `--via direct`: one call a file, and what its lost answer means.

use std::sync::atomic::{AtomicBool, Ordering};

use mavi_upload::api::{Fault, HttpService};
use mavi_upload::run::{Via, run_with};
use mavi_upload::{Event, Shutdown};

use crate::common::{Bench, content, held, sandbox, sha256, upload};
use crate::meddler::{Meddler, Moment};

#[tokio::test]
async fn a_direct_upload_is_one_call_and_its_row_is_like_any_other() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    (0..5).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 1 + i * 90_000)));
    let mut settings = bench.settings(&sandbox);
    settings.via = Via::Direct;
    let summary = upload(settings.clone(), bench.walk()).await.unwrap();
    assert_eq!(summary.counts.success, 5);
    let (assets, calls) = (sandbox.assets(), sandbox.stats().calls);
    assert_eq!((calls.direct, calls.sign, calls.send), (5, 0, 0));
    for (i, row) in bench.rows().iter().enumerate() {
        let asset = held(&assets, &row["asset_id"]);
        let digest = sha256(&content(&format!("{i}.mp4"), 1 + i * 90_000));
        assert_eq!(
            (&row["sha256"], &row["attempts"]),
            (&digest, &"1".to_owned())
        );
        assert_eq!(asset.sha256, Some(digest));
    }
    upload(settings, bench.walk()).await.unwrap();
    assert_eq!(
        sandbox.stats().calls,
        calls,
        "the same command again makes no call"
    );
}

#[tokio::test]
async fn the_lost_answer_of_a_direct_upload_fails_its_row_and_is_not_sent_again() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 50_000);
    let mut settings = bench.settings(&sandbox);
    settings.via = Via::Direct;
    let lost = AtomicBool::new(false);
    let service = Meddler {
        service: HttpService::new(settings.http()).unwrap(),
        meddle: move |moment: Moment<'_>| {
            let first = moment == Moment::AfterDirect && !lost.swap(true, Ordering::Relaxed);
            first.then(|| Fault::Broken("reset by peer".to_owned()))
        },
    };
    let summary = run_with(
        settings,
        service,
        bench.walk(),
        |_: &Event| {},
        Shutdown::new(),
    )
    .await;
    let summary = summary.unwrap();
    assert_eq!(
        (summary.counts.failed, summary.tally.possible_orphans),
        (1, 1)
    );
    assert_eq!(bench.rows()[0]["error_code"], "outcome_unknown");
    assert_eq!(sandbox.assets().len(), 1);
}
