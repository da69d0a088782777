//! Which calls a throttle answer stops, and for how long.

use std::time::Duration;

use tokio::time::Instant;

use super::line::{COOLDOWN, Line, asset, body, limiter, line, url};
use super::model::{Behaviour, STYLES};
use crate::api::{Fault, SendFault, Service};
use crate::event::Event;
use crate::model::Endpoint;

const SECOND: Duration = Duration::from_secs(1);

fn refused() -> Behaviour {
    Behaviour {
        refuses: Some(Endpoint::Status),
        ..Behaviour::default()
    }
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
async fn case_001_002_no_call_leaves_during_a_cooldown_and_all_is_well_afterwards() {
    for style in &STYLES[..3] {
        let line = line(
            1.0,
            Behaviour {
                style: *style,
                ..refused()
            },
        );
        let calm = async {
            // 1 + 2 + 4 + 8 s of cooldowns at least: five calls are refused.
            while line.model.arrivals().len() < 5 {
                tokio::time::sleep(SECOND / 10).await;
            }
            line.model.change(|model| model.refuses = None);
        };
        let (failed, ()) = tokio::join!(line.polls(4, 20), calm);
        assert_eq!(failed, 0);
        let gaps = gaps(&line, Endpoint::Status);
        let cooldowns = [1.0, 2.0, 4.0, 8.0, 16.0];
        let cooldowns = cooldowns.into_iter().chain(std::iter::repeat(1.0));
        assert!(
            gaps.iter()
                .zip(cooldowns)
                .all(|(gap, cooldown)| *gap >= cooldown),
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
    let answer = line.service.status(&asset()).await;
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
        match line.service.send(&url(), body()).await {
            Err(SendFault::Refused(Fault::Throttled { ambiguous, .. })) => seen.push(ambiguous),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, [false, false, false, false, false, true, true]);
}

#[tokio::test(start_paused = true)]
async fn case_004_a_cooldown_lasts_for_every_call_as_long_as_it_is_asked_for() {
    let limiter = limiter(0.0);
    limiter.acquire().await.throttled(Some(SECOND * 99_999));
    let start = Instant::now();
    limiter.acquire().await.passed();
    assert!((300..302).contains(&start.elapsed().as_secs()));
}

#[tokio::test(start_paused = true)]
async fn case_005_an_endpoint_that_only_refuses_is_probed_once_a_minute_and_says_since_when() {
    let line = line(1.0, refused());
    assert_eq!(line.service.throttled_since(Endpoint::Status), None);
    let start = Instant::now();
    line.polls_for(4, Duration::from_secs(3600)).await;
    let since = line.service.throttled_since(Endpoint::Status).unwrap();
    assert_eq!(since, start);
    assert_eq!(line.service.throttled_since(Endpoint::Sign), None);
    let gaps = gaps(&line, Endpoint::Status);
    assert!(
        gaps[15..].iter().all(|gap| (60.0..80.0).contains(gap)),
        "{gaps:?}"
    );
    line.model.change(|model| model.refuses = None);
    line.polls(1, 1).await;
    assert_eq!(line.service.throttled_since(Endpoint::Status), None);
}

#[tokio::test(start_paused = true)]
async fn case_067_only_the_endpoint_that_refused_rests() {
    let line = line(1.0, refused());
    let start = Instant::now();
    let signs = async {
        for _ in 0..20 {
            line.service.sign("a.mp4").await.unwrap();
        }
    };
    tokio::select! {
        _ = line.polls(4, 4) => panic!("every poll is refused"),
        () = signs => {}
    }
    assert!(start.elapsed() < SECOND * 20);
}

#[tokio::test(start_paused = true)]
async fn refusals_of_calls_under_way_when_a_cooldown_begins_count_as_one() {
    let mut line = line(
        0.0,
        Behaviour {
            leg: (Duration::from_millis(10), Duration::from_millis(30)),
            ..refused()
        },
    );
    line.polls_for(4, SECOND).await;
    let mut reported = Vec::new();
    while let Ok(Event::Throttled { pause, rate, .. }) = line.events.try_recv() {
        reported.push((pause, rate));
    }
    assert_eq!(reported.len(), 4);
    for (pause, rate) in reported {
        assert!(pause <= COOLDOWN.first * 5 / 4, "{pause:?}");
        assert!((rate - 1.0).abs() < 1e-9, "{rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_call_from_before_a_cooldown_does_not_shorten_the_next() {
    let limiter = limiter(0.0);
    let (early, late) = (limiter.acquire().await, limiter.acquire().await);
    let first = early.throttled(None).pause;
    late.passed();
    let second = limiter.acquire().await.throttled(None).pause;
    assert!(first < SECOND * 2 && second >= SECOND * 2, "{second:?}");
    limiter.acquire().await.passed();
    assert!(limiter.acquire().await.throttled(None).pause < SECOND * 2);
}

#[tokio::test(start_paused = true)]
async fn the_present_rate_is_reported_when_it_falls_and_when_it_rises() {
    let mut line = line(1.0, refused());
    line.polls_for(1, SECOND / 2).await;
    line.model.change(|model| model.refuses = None);
    line.polls(1, 60).await;
    let mut reported = Vec::new();
    while let Ok(event) = line.events.try_recv() {
        match event {
            Event::Throttled { endpoint, rate, .. } | Event::RateRaised { endpoint, rate } => {
                assert_eq!(endpoint, Endpoint::Status);
                reported.push(format!("{rate:.2}"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(reported, ["0.70", "0.75", "0.80"]);
}
