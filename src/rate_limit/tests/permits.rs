//! Which call goes first, and how long after the one before.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::line::{asset, body, limiter, line, line_with, policy, url};
use super::model::Behaviour;
use crate::api::Service;
use crate::model::Endpoint;
use crate::rate_limit::RateLimitPolicy;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn sixty_three_waiters_are_served_in_order_a_period_apart_and_without_burst() {
    let limiter = limiter(2.0);
    let start = Instant::now();
    let mut calls = JoinSet::new();
    for i in 0..63_u32 {
        let limiter = Arc::clone(&limiter);
        calls.spawn(async move {
            limiter.acquire().await.passed();
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
async fn a_waiter_that_leaves_is_not_waited_for() {
    let limiter = limiter(1.0);
    limiter.acquire().await.passed();
    let start = Instant::now();
    let impatient = tokio::time::timeout(SECOND / 2, limiter.acquire());
    let (left, permit) = tokio::join!(impatient, limiter.acquire());
    assert!(left.is_err());
    permit.passed();
    assert!(start.elapsed() < SECOND * 11 / 10, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_period_starts_when_the_answer_came_or_the_call_was_given_up() {
    let limiter = limiter(1.0);
    for given_up in [false, true] {
        let mut permit = limiter.acquire().await;
        permit.call_leaves();
        tokio::time::sleep(SECOND / 3).await;
        if given_up {
            drop(permit);
        } else {
            permit.passed();
        }
        let ended = Instant::now();
        limiter.acquire().await.passed();
        assert!(ended.elapsed() >= SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_so_many_calls_are_under_way_and_the_first_refusal_sets_one() {
    let line = line_with(
        0.0,
        Behaviour {
            leg: (SECOND / 40, SECOND / 40),
            ..Behaviour::default()
        },
        RateLimitPolicy {
            in_flight: NonZeroUsize::new(3).unwrap(),
            ..policy()
        },
    );
    let start = Instant::now();
    assert_eq!(line.polls(50, 300).await, 0);
    assert_eq!(line.model.most_under_way(), 3);
    assert!(start.elapsed() < SECOND * 6);
    line.model.change(|model| model.rate = 20.0);
    assert_eq!(line.polls(50, 300).await, 0);
    let (calls, refused) = line.model.count(Endpoint::Status, start);
    assert_eq!(calls - refused, 600);
    assert!(refused < 20, "{refused}");
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_each_endpoint_waits_its_own_period() {
    let policy = RateLimitPolicy {
        resumed: true,
        ..policy()
    };
    for (rate, wait) in [(1.0, SECOND), (0.25, SECOND * 4), (0.0, Duration::ZERO)] {
        let line = line_with(rate, Behaviour::default(), policy);
        let start = Instant::now();
        line.service.sign("a.mp4").await.unwrap();
        assert_eq!(start.elapsed().as_millis(), wait.as_millis());
        line.service.status(&asset()).await.unwrap();
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
        assert_eq!(line.polls(1, 32).await, 0);
        let start = Instant::now();
        let mut uploads = JoinSet::new();
        for i in 0..200 {
            let service = Arc::clone(&line.service);
            uploads.spawn(async move {
                match i % 2 {
                    0 => service.send(&url(), body()).await,
                    _ => service.direct(body()).await.map(drop),
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
