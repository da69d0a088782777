//! Outages: calls wait, one probe a minute goes out, and all go on when it is answered.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::line::{Line, asset, line, line_with, policy};
use super::model::Behaviour;
use crate::api::{Fault, Service};
use crate::event::Event;
use crate::model::Endpoint;
use crate::rate_limit::{OutagePolicy, RateLimitPolicy};
use crate::retry::RetryPolicy;

const MINUTE: Duration = Duration::from_secs(60);

/// A line that has worked, and goes down now.
async fn broken_line(line: Line) -> Line {
    line.service.sign("a.mp4").await.unwrap();
    line.model.change(|behaviour| behaviour.down = true);
    line
}

#[tokio::test(start_paused = true)]
async fn case_052_an_hour_without_the_service_costs_half_a_minute_of_failures_and_a_probe_a_minute()
{
    let mut line = broken_line(line(1.0, Behaviour::default())).await;
    let start = Instant::now();
    let model = line.model.clone();
    let return_of_the_service = async {
        tokio::time::sleep(MINUTE * 60).await;
        model.change(|behaviour| behaviour.down = false);
    };
    let (failed, ()) = tokio::join!(line.polls(100, 300), return_of_the_service);
    assert!((10..=31).contains(&failed), "{failed} calls failed");

    let arrivals = line.model.arrivals();
    let during = |from: Duration, to: Duration| {
        let within = |at: Instant| (from..to).contains(&at.duration_since(start));
        arrivals.iter().filter(|call| within(call.at)).count()
    };
    assert!(
        during(MINUTE, MINUTE * 60) <= 60,
        "more than a probe a minute"
    );
    assert!(
        during(MINUTE, MINUTE * 60) >= 55,
        "no probe finds out whether it is up"
    );
    assert!(start.elapsed() < MINUTE * 62 + Duration::from_secs(300));
    let mut reported = Vec::new();
    while let Ok(event) = line.events.try_recv() {
        match event {
            Event::ServiceDown { host } => reported.push(format!("{host} away")),
            Event::ServiceUp { host } => reported.push(format!("{host} back")),
            _ => {}
        }
    }
    assert_eq!(reported, ["api.example away", "api.example back"]);
}

#[tokio::test(start_paused = true)]
async fn case_053_an_outage_past_the_limit_ends_every_call_and_a_limit_of_none_never_does() {
    let line = broken_line(line(1.0, Behaviour::default())).await;
    let asset = asset();
    let start = Instant::now();
    let last = loop {
        match line.service.status(&asset).await {
            Err(Fault::Connect(_)) => {}
            other => break other,
        }
    };
    let Err(Fault::Away(words)) = last else {
        panic!("{last:?}")
    };
    assert!(
        words.starts_with("api.example could not be reached for 2h"),
        "{words}"
    );
    assert!((MINUTE * 120..MINUTE * 122).contains(&start.elapsed()));

    let outage = OutagePolicy::new(&RetryPolicy::default(), None);
    let line = line_with(
        1.0,
        Behaviour::default(),
        RateLimitPolicy { outage, ..policy() },
    );
    let line = broken_line(line).await;
    let waiting = line.polls(1, 1_000);
    assert!(
        tokio::time::timeout(MINUTE * 60 * 24, waiting)
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn case_005_throttle_answers_alone_for_two_hours_are_an_outage() {
    let behaviour = Behaviour {
        refuses: Some(Endpoint::Sign),
        ..Behaviour::default()
    };
    let line = line(1.0, behaviour);
    let service = Arc::clone(&line.service);
    let Err(Fault::Away(words)) = service.sign("a.mp4").await else {
        panic!("the call goes on")
    };
    assert!(words.starts_with("rate limited for 2h"), "{words}");
    assert!(words.contains("another program"), "{words}");
}
