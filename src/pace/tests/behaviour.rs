//! Whom a throttle answer stops, for how long, and who goes first.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::model::{Behaviour, HOLD, Line, STYLES, line, line_with, policy};
use crate::api::{Endpoint, Fault, SendFault, Service};
use crate::asset::AssetId;
use crate::body::{LocalFile, Parcel, ParcelOptions};
use crate::event::Event;
use crate::pace::{PacePolicy, Pacer};
use crate::secret::SignedUrl;

const SECOND: Duration = Duration::from_secs(1);

fn pacer(rate: f64) -> Arc<Pacer> {
    Arc::new(Pacer::new(rate, policy()))
}

fn refused() -> Behaviour {
    Behaviour {
        refuses: Some(Endpoint::Status),
        ..Behaviour::default()
    }
}

fn asset() -> AssetId {
    AssetId::parse("re_1").unwrap()
}

fn url() -> SignedUrl {
    SignedUrl::parse("https://storage.example/1").unwrap()
}

fn parcel() -> Parcel {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "bytes").unwrap();
    Parcel::start(
        LocalFile::open(file.path()).unwrap(),
        "a.mp4",
        ParcelOptions::default(),
    )
}

/// The seconds between the arrivals at an endpoint.
fn gaps(line: &Line, endpoint: Endpoint) -> Vec<f64> {
    let arrivals = line.model.arrivals();
    let at: Vec<_> = arrivals
        .iter()
        .filter(|call| call.endpoint == endpoint)
        .map(|call| call.at)
        .collect();
    at.windows(2)
        .map(|two| (two[1] - two[0]).as_secs_f64())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn sixty_three_waiters_are_served_in_order_a_period_apart_and_without_burst() {
    let pacer = pacer(2.0);
    let start = Instant::now();
    let mut calls = JoinSet::new();
    for i in 0..63_u32 {
        let pacer = Arc::clone(&pacer);
        calls.spawn(async move {
            pacer.turn().await.passed();
            (i, start.elapsed().as_millis())
        });
        tokio::task::yield_now().await;
    }
    for (i, at) in calls.join_all().await {
        let due = u128::from(i) * 500;
        assert!((due..due + 65).contains(&at), "call {i} at {at} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_leaves_gives_up_its_place() {
    let pacer = pacer(1.0);
    pacer.turn().await.passed();
    let start = Instant::now();
    let impatient = tokio::time::timeout(SECOND / 2, pacer.turn());
    let (left, turn) = tokio::join!(impatient, pacer.turn());
    assert!(left.is_err());
    turn.passed();
    assert!(start.elapsed() < SECOND * 11 / 10, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_period_starts_when_the_answer_came_or_the_call_was_given_up() {
    let pacer = pacer(1.0);
    for given_up in [false, true] {
        let mut turn = pacer.turn().await;
        turn.set_off();
        tokio::time::sleep(SECOND / 3).await;
        if given_up {
            drop(turn);
        } else {
            turn.passed();
        }
        let ended = Instant::now();
        pacer.turn().await.passed();
        assert!(ended.elapsed() >= SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn case_001_002_nobody_calls_during_a_hold_and_all_is_well_afterwards() {
    for style in &STYLES[..3] {
        let line = line(
            1.0,
            Behaviour {
                style: *style,
                ..refused()
            },
        );
        let calm = async {
            // 1 + 2 + 4 + 8 s of holds at least: five calls are refused.
            while line.model.arrivals().len() < 5 {
                tokio::time::sleep(SECOND / 10).await;
            }
            line.model.change(|model| model.refuses = None);
        };
        let (failed, ()) = tokio::join!(line.looks(4, 20), calm);
        assert_eq!(failed, 0);
        let gaps = gaps(&line, Endpoint::Status);
        let holds = [1.0, 2.0, 4.0, 8.0, 16.0];
        let holds = holds.into_iter().chain(std::iter::repeat(1.0));
        assert!(
            gaps.iter().zip(holds).all(|(gap, hold)| *gap >= hold),
            "{gaps:?}"
        );
        assert_eq!(gaps.len(), 24);
    }
}

#[tokio::test(start_paused = true)]
async fn case_003_the_ambiguous_text_ends_a_call_after_eight_at_the_lowest_rate() {
    let line = line(
        1.0,
        Behaviour {
            style: STYLES[3],
            ..refused()
        },
    );
    let answer = line.paced.status(&asset()).await;
    assert!(
        matches!(
            answer,
            Err(Fault::Throttled {
                ambiguous: true,
                ..
            })
        ),
        "{answer:?}"
    );
    // Five refusals bring the rate from 1 to 0.2; the next eight count.
    assert_eq!(line.model.arrivals().len(), 13);
}

#[tokio::test(start_paused = true)]
async fn case_003_033_an_upload_is_refused_ambiguously_at_the_lowest_rate_alone() {
    let line = line(
        1.0,
        Behaviour {
            style: STYLES[3],
            refuses: Some(Endpoint::Send),
            ..Behaviour::default()
        },
    );
    let mut seen = Vec::new();
    for _ in 0..7 {
        match line.paced.send(&url(), parcel()).await {
            Err(SendFault::Refused(Fault::Throttled { ambiguous, .. })) => seen.push(ambiguous),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, [false, false, false, false, false, true, true]);
}

#[tokio::test(start_paused = true)]
async fn case_004_a_hold_keeps_everybody_waiting_as_long_as_it_is_asked_for() {
    let pacer = pacer(0.0);
    pacer.turn().await.throttled(Some(SECOND * 99_999));
    let start = Instant::now();
    pacer.turn().await.passed();
    assert!((300..302).contains(&start.elapsed().as_secs()));
}

#[tokio::test(start_paused = true)]
async fn case_005_an_endpoint_that_only_refuses_is_probed_once_a_minute_and_says_since_when() {
    let line = line(1.0, refused());
    assert_eq!(line.paced.throttled_since(Endpoint::Status), None);
    let start = Instant::now();
    line.looks_for(4, Duration::from_secs(3600)).await;
    let since = line.paced.throttled_since(Endpoint::Status).unwrap();
    assert_eq!(since, start);
    assert_eq!(line.paced.throttled_since(Endpoint::Sign), None);
    let gaps = gaps(&line, Endpoint::Status);
    assert!(
        gaps[15..].iter().all(|gap| (60.0..80.0).contains(gap)),
        "{gaps:?}"
    );
    line.model.change(|model| model.refuses = None);
    line.looks(1, 1).await;
    assert_eq!(line.paced.throttled_since(Endpoint::Status), None);
}

#[tokio::test(start_paused = true)]
async fn case_067_only_the_endpoint_that_refused_is_held() {
    let line = line(1.0, refused());
    let start = Instant::now();
    let signs = async {
        for _ in 0..20 {
            line.paced.sign("a.mp4").await.unwrap();
        }
    };
    tokio::select! {
        _ = line.looks(4, 4) => panic!("every look is refused"),
        () = signs => {}
    }
    assert!(start.elapsed() < SECOND * 20);
}

#[tokio::test(start_paused = true)]
async fn refusals_of_calls_under_way_when_a_hold_begins_count_as_one() {
    let mut line = line(
        0.0,
        Behaviour {
            leg: (Duration::from_millis(10), Duration::from_millis(30)),
            ..refused()
        },
    );
    line.looks_for(4, SECOND).await;
    let mut told = Vec::new();
    while let Ok(Event::Throttled { pause, rate, .. }) = line.events.try_recv() {
        told.push((pause, rate));
    }
    assert_eq!(told.len(), 4);
    for (pause, rate) in told {
        assert!(pause <= HOLD.first * 5 / 4, "{pause:?}");
        assert!((rate - 1.0).abs() < 1e-9, "{rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_call_from_before_a_hold_does_not_shorten_the_next() {
    let pacer = pacer(0.0);
    let (early, late) = (pacer.turn().await, pacer.turn().await);
    let first = early.throttled(None).pause;
    late.passed();
    let second = pacer.turn().await.throttled(None).pause;
    assert!(first < SECOND * 2 && second >= SECOND * 2, "{second:?}");
    pacer.turn().await.passed();
    assert!(pacer.turn().await.throttled(None).pause < SECOND * 2);
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_so_many_calls_are_under_way_and_the_first_refusal_sets_one() {
    let line = line_with(
        0.0,
        Behaviour {
            leg: (SECOND / 40, SECOND / 40),
            ..Behaviour::default()
        },
        PacePolicy {
            in_flight: NonZeroUsize::new(3).unwrap(),
            ..policy()
        },
    );
    let start = Instant::now();
    assert_eq!(line.looks(50, 300).await, 0);
    assert_eq!(line.model.most_under_way(), 3);
    assert!(start.elapsed() < SECOND * 6);
    line.model.change(|model| model.rate = 20.0);
    assert_eq!(line.looks(50, 300).await, 0);
    let (calls, refused) = line.model.count(Endpoint::Status, start);
    assert_eq!(calls - refused, 600);
    assert!(refused < 20, "{refused}");
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_each_endpoint_waits_its_own_period() {
    let policy = PacePolicy {
        resumed: true,
        ..policy()
    };
    for (rate, wait) in [(1.0, SECOND), (0.25, SECOND * 4), (0.0, Duration::ZERO)] {
        let line = line_with(rate, Behaviour::default(), policy);
        let start = Instant::now();
        line.paced.sign("a.mp4").await.unwrap();
        assert_eq!(start.elapsed().as_millis(), wait.as_millis());
        line.paced.status(&asset()).await.unwrap();
        assert!(start.elapsed() < wait + SECOND / 10);
    }
}

#[tokio::test(start_paused = true)]
async fn uploads_start_a_period_apart_whatever_the_line_and_end_when_they_like() {
    for longest in [0, 20, 100] {
        let line = line(
            1.0,
            Behaviour {
                rate: 1.0,
                leg: (Duration::ZERO, Duration::from_millis(longest)),
                ..Behaviour::default()
            },
        );
        assert_eq!(line.looks(1, 32).await, 0);
        let start = Instant::now();
        let mut uploads = JoinSet::new();
        for i in 0..200 {
            let paced = Arc::clone(&line.paced);
            uploads.spawn(async move {
                match i % 2 {
                    0 => paced.send(&url(), parcel()).await,
                    _ => paced.direct(parcel()).await.map(drop),
                }
            });
        }
        assert!(uploads.join_all().await.iter().all(Result::is_ok));
        for endpoint in [Endpoint::Send, Endpoint::Direct] {
            assert_eq!(line.model.count(endpoint, start), (100, 0), "{longest} ms");
        }
        // 99 periods, each a round trip longer at most, and a last upload of a minute.
        assert!(
            start.elapsed() < SECOND * (100 + 60 + 25),
            "{:?}",
            start.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_present_rate_is_told_when_it_falls_and_when_it_rises() {
    let mut line = line(1.0, refused());
    line.looks_for(1, SECOND / 2).await;
    line.model.change(|model| model.refuses = None);
    line.looks(1, 60).await;
    let mut told = Vec::new();
    while let Ok(event) = line.events.try_recv() {
        match event {
            Event::Throttled { endpoint, rate, .. } | Event::Pace { endpoint, rate } => {
                assert_eq!(endpoint, Endpoint::Status);
                told.push(format!("{rate:.2}"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(told, ["0.70", "0.75", "0.80"]);
}
