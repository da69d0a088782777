//! How near to the limit calls come, and how often they are refused.

use std::time::Duration;

use tokio::time::Instant;

use super::line::line;
use super::model::{Behaviour, STYLES};
use crate::model::Endpoint::Status;

/// A service that allows so many calls a second, over a line whose legs take from `shortest` to
/// `longest` milliseconds.
fn strict(rate: f64, (shortest, longest): (u64, u64), seed: u64) -> Behaviour {
    let leg = (
        Duration::from_millis(shortest),
        Duration::from_millis(longest),
    );
    Behaviour {
        rate,
        leg,
        seed,
        ..Behaviour::default()
    }
}

#[tokio::test(start_paused = true)]
async fn no_jitter_gets_a_short_call_refused_at_the_documented_rate() {
    for longest in [0, 20, 100] {
        for seed in 0..5 {
            let line = line(1.0, strict(1.0, (0, longest), seed));
            let start = Instant::now();
            assert_eq!(line.polls(8, 400).await, 0);
            assert_eq!(line.model.count(Status, start), (400, 0), "{longest} ms");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_answers_costs_a_round_trip_a_call_and_no_more() {
    let line = line(1.0, strict(1.0, (20, 20), 7));
    let start = Instant::now();
    assert_eq!(line.polls(8, 600).await, 0);
    let seconds = start.elapsed().as_secs_f64();
    println!("600 calls in {seconds:.1} s");
    assert!(seconds <= 600.0 * 1.045, "{seconds} s");
}

#[tokio::test(start_paused = true)]
async fn a_higher_rate_finds_its_guard_and_stays_near_the_limit() {
    for seed in 0..3 {
        let line = line(10.0, strict(10.0, (10, 30), seed));
        line.polls_for(64, Duration::from_secs(120)).await;
        let (steady, minutes) = (Instant::now(), 10);
        line.polls_for(64, Duration::from_secs(60 * minutes)).await;
        let (calls, refused) = line.model.count(Status, steady);
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let (rate, refusals) = (
            (calls - refused) as f64 / (60.0 * minutes as f64),
            refused as f64 / minutes as f64,
        );
        println!("{rate:.2} calls/s, {refusals:.2} refusals a minute");
        assert!(rate > 8.0 && refusals < 1.0, "{rate}/s, {refusals}/min");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_halved_under_way_is_found() {
    for seed in 0..3 {
        let line = line(1.0, strict(1.0, (10, 30), seed));
        assert_eq!(line.polls(8, 100).await, 0);
        line.model.change(|model| model.rate = 0.5);
        line.polls_for(8, Duration::from_secs(120)).await;
        let (steady, calls) = (Instant::now(), 500);
        assert_eq!(line.polls(8, calls).await, 0);
        let (arrived, refused) = line.model.count(Status, steady);
        let floor = 2.0 * 500.0;
        println!(
            "{refused} of {arrived} refused, {:.2} of the floor",
            steady.elapsed().as_secs_f64() / floor
        );
        assert!(refused * 100 < arrived * 4, "{refused} of {arrived}");
    }
}

#[tokio::test(start_paused = true)]
async fn case_057_beside_a_neighbour_that_takes_half_everything_gets_done() {
    for seed in 0..5 {
        let line = line(1.0, strict(1.0, (10, 30), seed));
        let start = Instant::now();
        let apart = Duration::from_secs(2);
        let neighbour = tokio::spawn(line.model.clone().neighbour(Status, apart));
        assert_eq!(line.polls(8, 300).await, 0);
        neighbour.abort();
        let (arrived, refused) = line.model.count(Status, start);
        println!(
            "{refused} of {arrived} refused, {:.0} s",
            start.elapsed().as_secs_f64()
        );
        // At the lowest rate, and refused every other time at worst.
        assert!(arrived < 650, "{arrived}");
        assert!(start.elapsed() < Duration::from_secs(3300));
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_a_fifth_of_what_was_set_is_found_in_every_style() {
    for style in STYLES {
        for seed in 0..5 {
            let behaviour = Behaviour {
                style,
                ..strict(1.0, (10, 30), seed)
            };
            let line = line(5.0, behaviour);
            let start = Instant::now();
            assert_eq!(line.polls(8, 300).await, 0);
            let (arrived, refused) = line.model.count(Status, start);
            println!(
                "{style:?}: {refused} of {arrived} refused, {:.0} s",
                start.elapsed().as_secs_f64()
            );
            assert!(refused * 100 < arrived * 5, "{refused} of {arrived}");
        }
    }
}
