use super::*;

const BOUNDS: PollBounds = PollBounds {
    shortest: 2.0,
    longest: 60.0,
};

const SECOND: Micros = 1_000_000;

fn sent(at: Micros) -> WaitingAsset {
    WaitingAsset {
        sent: at * SECOND,
        polled: None,
        unsettled: None,
    }
}

fn polled(at: Micros, again: Micros) -> WaitingAsset {
    WaitingAsset {
        polled: Some(again * SECOND),
        ..sent(at)
    }
}

/// A service that takes about 20 s.
fn model() -> LatencyModel {
    let mut model = LatencyModel::new(2.0);
    for age in 1..=100 {
        let age = f64::from(age) * 0.4;
        model.observe(0.0, age, age >= 20.0);
    }
    model
}

fn chosen(queue: &mut PollQueue<&'static str>, at: Micros) -> Vec<&'static str> {
    let model = model();
    std::iter::from_fn(|| match queue.next(at * SECOND, &model) {
        NextPoll::Now(who) => Some(who),
        NextPoll::At(_) | NextPoll::Empty => None,
    })
    .collect()
}

#[test]
fn the_likeliest_to_be_done_comes_first_and_the_young_wait() {
    let mut queue = PollQueue::new(BOUNDS);
    queue.join(sent(90), "young");
    queue.join(sent(75), "ripe");
    queue.join(sent(70), "riper");
    queue.join(polled(75, 99), "just polled");
    assert_eq!(chosen(&mut queue, 100), ["riper", "ripe"]);
}

#[test]
fn no_asset_is_polled_twice_within_the_shortest_pause() {
    let mut queue = PollQueue::new(BOUNDS);
    // Its law says that it must be done by now; it was polled a second ago all the same.
    queue.join(polled(0, 1), "twice");
    let next = queue.next(2 * SECOND, &LatencyModel::new(0.01));
    assert!(
        matches!(next, NextPoll::At(at) if at >= 3 * SECOND),
        "{next:?}"
    );
}

#[test]
fn case_058_no_asset_waits_longer_than_the_longest_pause() {
    let mut queue = PollQueue::new(BOUNDS);
    queue.join(polled(0, 1_000), "hangs");
    let next = queue.next(1_010 * SECOND, &model());
    assert!(
        matches!(next, NextPoll::At(at) if at <= 1_060 * SECOND),
        "{next:?}"
    );
    assert_eq!(chosen(&mut queue, 1_060), ["hangs"]);
}

#[test]
fn while_polls_are_scarce_the_overdue_get_their_share_and_no_more() {
    let mut queue = PollQueue::new(BOUNDS);
    for at in 0..16 {
        queue.join(sent(970 + at / 8), "ripe");
    }
    queue.join(polled(0, 900), "hangs");
    queue.join(polled(1, 901), "hangs");
    queue.join(polled(2, 902), "hangs");
    let order = chosen(&mut queue, 1_000);
    let hanging: Vec<usize> = (0..)
        .zip(&order)
        .filter(|(_, who)| **who == "hangs")
        .map(|(at, _)| at)
        .collect();
    assert_eq!(order.len(), 19);
    assert_eq!(hanging, [0, 8, 16]);
}

#[test]
fn an_asset_that_left_is_not_chosen() {
    let mut queue = PollQueue::new(BOUNDS);
    let queued = queue.join(sent(0), "gone");
    assert_eq!(queue.leave(queued), Some("gone"));
    assert_eq!(queue.leave(queued), None);
    assert_eq!(queue.next(100 * SECOND, &model()), NextPoll::Empty);
}

#[test]
fn an_asset_of_an_earlier_run_is_as_old_as_it_is() {
    let mut queue = PollQueue::new(BOUNDS);
    queue.join(sent(-40), "old");
    assert_eq!(chosen(&mut queue, 0), ["old"]);
}

#[test]
fn case_175_a_poll_that_erred_leaves_the_age_and_is_made_again_after_the_shortest_pause() {
    let mut queue = PollQueue::new(BOUNDS);
    // Polled first at 30 s, when it was most likely done; that failed.
    let mut erred = sent(0);
    erred.settled_nothing(30 * SECOND);
    assert_eq!(erred.since().to_bits(), 0.0_f64.to_bits());
    queue.join(erred, "erred");
    assert_eq!(chosen(&mut queue, 31), Vec::<&str>::new());
    let next = queue.next(31 * SECOND, &model());
    assert_eq!(next, NextPoll::At(32 * SECOND));
    assert_eq!(chosen(&mut queue, 32), ["erred"]);
    // An answer is news: from then on it is as any other.
    erred.not_done(32 * SECOND);
    queue.join(erred, "answered");
    assert_eq!(chosen(&mut queue, 34), Vec::<&str>::new());
}

#[test]
fn case_175_an_overdue_asset_whose_poll_erred_is_due_after_the_shortest_pause() {
    let mut queue = PollQueue::new(BOUNDS);
    let mut erred = polled(0, 1_000);
    erred.settled_nothing(1_060 * SECOND);
    queue.join(erred, "hangs");
    assert_eq!(chosen(&mut queue, 1_061), Vec::<&str>::new());
    assert_eq!(chosen(&mut queue, 1_062), ["hangs"]);
}

#[test]
fn case_175_assets_that_only_meet_errors_do_not_keep_others_from_their_polls() {
    let mut queue = PollQueue::new(BOUNDS);
    for at in 0..8 {
        let mut erred = sent(at);
        for again in 30..34 {
            erred.settled_nothing(again * SECOND);
        }
        queue.join(erred, "erred");
    }
    queue.join(sent(16), "ripe");
    let order = chosen(&mut queue, 40);
    assert_eq!((order.len(), order[0]), (9, "ripe"));
}
