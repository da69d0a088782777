//! What goes in comes out, whatever the slots' length.

use std::time::Duration;

use super::*;
use crate::ledger::Bucket;
use crate::model::{ErrorCode, RowFailure};
use super::buckets::MOST;

fn sum(course: &mut Timeline) -> Bucket {
    course.slots.changed = 0;
    let change = course.change().unwrap();
    change.slots.iter().fold(Bucket::default(), |mut sum, slot| {
        sum.add(slot);
        sum
    })
}

fn signing(path: &str) -> Event {
    Event::Signing { path: path.into() }
}

fn failed(path: &str) -> Event {
    Event::Failed {
        path: path.into(),
        refusal: RowFailure::new(ErrorCode::Network, "reset"),
    }
}

#[test]
fn a_month_has_no_more_slots_than_a_minute_and_loses_nothing() {
    let start = Instant::now();
    let mut course = Timeline::new(start);
    assert!(course.change().is_none(), "nothing was done yet");
    course.hear(&signing("/a.mp4"), start);
    let hour = Duration::from_secs(3600);
    for i in 1..=720 {
        course.beat(start + hour * i);
        course.hear(&signing(&format!("/{i}.mp4")), start + hour * i);
        course.hear(&failed(&format!("/{i}.mp4")), start + hour * i);
        assert!(course.slots.all.len() <= MOST);
    }
    course.hear(&failed("/a.mp4"), start + hour * 720);
    let sum = sum(&mut course);
    assert_eq!((sum.failed, sum.waiting_ms), (721, 720 * 3_600_000));
    let change = course.change().unwrap();
    assert_eq!(change.took_ms, 720 * 3_600_000);
    assert!(
        change.slots.len() <= 2,
        "only what changed: {}",
        change.slots.len()
    );
}

#[test]
fn what_the_service_takes_is_counted_for_each_file_that_waits() {
    let start = Instant::now();
    let mut course = Timeline::new(start);
    let at = |ms| start + Duration::from_millis(ms);
    let asset_id = crate::model::AssetId::parse("re_1").unwrap();
    for (path, ms) in [("/a.mp4", 0), ("/b.mp4", 400)] {
        let sent = Event::Sent {
            path: path.into(),
            size: 5,
            asset_id: asset_id.clone(),
            sha256: crate::model::Sha256([0; 32]),
        };
        course.hear(&sent, at(ms));
    }
    // A beat that comes late tells an earlier time than what was heard already.
    course.beat(at(250));
    for path in ["/a.mp4", "/b.mp4"] {
        let confirmed = Event::Confirmed {
            path: path.into(),
            size: 5,
            asset_id: asset_id.clone(),
        };
        course.hear(&confirmed, at(1_000));
    }
    let slowest = course.slowest.changed().unwrap();
    assert_eq!(slowest.len(), 2);
    assert_eq!(
        slowest
            .iter()
            .map(|file| file.ended_ms - file.begun_ms)
            .max(),
        Some(1_000)
    );
    let sum = sum(&mut course);
    assert_eq!((sum.confirming_ms, sum.sent, sum.confirmed), (1_600, 2, 2));
}

#[test]
fn only_the_slowest_files_are_kept() {
    let start = Instant::now();
    let mut course = Timeline::new(start);
    for i in 0..1_000 {
        let path = format!("/{i}.mp4");
        let begun = start + Duration::from_secs(i * 10);
        course.hear(&signing(&path), begun);
        course.hear(
            &failed(&path),
            begun + Duration::from_millis((i * 7919) % 1_000),
        );
    }
    let slowest = course.slowest.changed().unwrap();
    let least = slowest
        .iter()
        .map(|file| file.ended_ms - file.begun_ms)
        .min();
    assert_eq!((slowest.len(), least), (200, Some(800)));
}
