//! What goes in comes out, whatever the buckets' length.

use std::time::Duration;

use super::*;
use crate::ledger::Bucket;
use crate::model::{ErrorCode, RowFailure};
use crate::timeline::buckets::MOST;

fn sum(timeline: &mut Timeline) -> Bucket {
    timeline.buckets.changed = 0;
    let change = timeline.change().unwrap();
    change
        .buckets
        .iter()
        .fold(Bucket::default(), |mut sum, bucket| {
            sum.add(bucket);
            sum
        })
}

fn signing(path: &str) -> Event {
    Event::Signing { path: path.into() }
}

fn failed(path: &str) -> Event {
    Event::Failed {
        path: path.into(),
        failure: RowFailure::new(ErrorCode::Network, "reset"),
    }
}

#[test]
fn a_month_has_no_more_slots_than_a_minute_and_loses_nothing() {
    let start = Instant::now();
    let mut timeline = Timeline::new(start);
    assert!(timeline.change().is_none(), "nothing was done yet");
    timeline.observe(&signing("/a.mp4"), start);
    let hour = Duration::from_secs(3600);
    for i in 1..=720 {
        timeline.beat(start + hour * i);
        timeline.observe(&signing(&format!("/{i}.mp4")), start + hour * i);
        timeline.observe(&failed(&format!("/{i}.mp4")), start + hour * i);
        assert!(timeline.buckets.all.len() <= MOST);
    }
    timeline.observe(&failed("/a.mp4"), start + hour * 720);
    let sum = sum(&mut timeline);
    assert_eq!((sum.failed, sum.waiting_ms), (721, 720 * 3_600_000));
    let change = timeline.change().unwrap();
    assert_eq!(change.took_ms, 720 * 3_600_000);
    assert!(
        change.buckets.len() <= 2,
        "only what changed: {}",
        change.buckets.len()
    );
}

#[test]
fn what_the_service_takes_is_counted_for_each_file_that_waits() {
    let start = Instant::now();
    let mut timeline = Timeline::new(start);
    let at = |ms| start + Duration::from_millis(ms);
    let asset_id = crate::model::AssetId::parse("re_1").unwrap();
    for (path, ms) in [("/a.mp4", 0), ("/b.mp4", 400)] {
        let sent = Event::Sent {
            path: path.into(),
            size: 5,
            asset_id: asset_id.clone(),
            sha256: crate::model::Sha256([0; 32]),
        };
        timeline.observe(&sent, at(ms));
    }
    // A beat that comes late has an earlier time than the last event.
    timeline.beat(at(250));
    for path in ["/a.mp4", "/b.mp4"] {
        let confirmed = Event::Confirmed {
            path: path.into(),
            size: 5,
            asset_id: asset_id.clone(),
        };
        timeline.observe(&confirmed, at(1_000));
    }
    let slowest = timeline.slowest.changed().unwrap();
    assert_eq!(slowest.len(), 2);
    assert_eq!(
        slowest
            .iter()
            .map(|file| file.ended_ms - file.begun_ms)
            .max(),
        Some(1_000)
    );
    let sum = sum(&mut timeline);
    assert_eq!((sum.confirming_ms, sum.sent, sum.confirmed), (1_600, 2, 2));
}

#[test]
fn only_the_slowest_files_are_kept() {
    let start = Instant::now();
    let mut timeline = Timeline::new(start);
    for i in 0..1_000 {
        let path = format!("/{i}.mp4");
        let begun = start + Duration::from_secs(i * 10);
        timeline.observe(&signing(&path), begun);
        timeline.observe(
            &failed(&path),
            begun + Duration::from_millis((i * 7919) % 1_000),
        );
    }
    let slowest = timeline.slowest.changed().unwrap();
    let least = slowest
        .iter()
        .map(|file| file.ended_ms - file.begun_ms)
        .min();
    assert_eq!((slowest.len(), least), (200, Some(800)));
}
