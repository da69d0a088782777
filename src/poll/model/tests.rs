use super::*;

/// Polls assets that all take `time` seconds, at the ages at which the law would. Returns how often.
fn poll_all(model: &mut LatencyModel, time: f64, assets: usize) -> usize {
    let mut polls = 0;
    for _ in 0..assets {
        let mut since = 0.0;
        loop {
            // As the queue does: a poll in each minute, whatever the law says.
            let due = model.worth_at(since, since + 0.1, 0.3, 2.0);
            let age = due.unwrap_or(f64::MAX).min(since + 60.0);
            model.observe(since, age, age >= time);
            polls += 1;
            if age >= time {
                break;
            }
            since = age;
        }
    }
    polls
}

#[test]
fn before_the_first_answer_it_polls_after_about_the_poll_interval() {
    let model = LatencyModel::new(2.0);
    let first = model.worth_at(0.0, 0.0, 0.3, 2.0).unwrap();
    assert!((0.5..2.5).contains(&first), "{first}");
}

#[test]
fn it_finds_the_time_and_follows_it() {
    let mut model = LatencyModel::new(2.0);
    for (time, forced) in [(20.0, 0), (200.0, 3), (5.0, 0)] {
        poll_all(&mut model, time, 200);
        let first = model.worth_at(0.0, 0.0, 0.3, 2.0).unwrap() / time;
        assert!((0.7..1.4).contains(&first), "{time} s: at {first} of it");
        let polls = poll_all(&mut model, time, 100);
        // One just before the time and one just after it: the finest law is a tenth wide.
        assert!(
            polls <= (2 + forced) * 105,
            "{time} s: {polls} polls of 100 assets"
        );
    }
}

#[test]
fn chances_grow_with_age_and_shrink_with_what_was_seen() {
    let mut model = LatencyModel::new(2.0);
    poll_all(&mut model, 20.0, 50);
    assert!(model.chance(0.0, 19.0) < model.chance(0.0, 25.0));
    assert!(model.chance(24.0, 25.0) < model.chance(0.0, 25.0));
    assert!(model.chance(20.0, 20.0).abs() < 1e-9);
}

#[test]
fn assets_that_hang_do_not_stretch_the_law_for_the_others() {
    let mut model = LatencyModel::new(2.0);
    for round in 0..100 {
        poll_all(&mut model, 20.0, 3);
        let age = 100.0 + 60.0 * f64::from(round);
        model.observe(age - 60.0, age, false);
    }
    assert!(model.chance(0.0, 40.0) > 0.8);
}

#[test]
fn no_ages_break_it() {
    let mut model = LatencyModel::new(2.0);
    for age in [0.0, 1e-12, 1e12, f64::INFINITY, -5.0] {
        for done in [true, false] {
            model.observe(0.0, age, done);
            model.observe(age, age, done);
            let chance = model.chance(0.0, age);
            assert!((0.0..=1.0).contains(&chance), "{age}: {chance}");
        }
    }
}
