use super::*;

const RATE_ALONE: RefusedCall = RefusedCall {
    jitter: Duration::ZERO,
    let_through: 0,
};

const JITTER: RefusedCall = RefusedCall {
    jitter: Duration::from_millis(40),
    let_through: 0,
};

/// Lets calls pass, `apart` from each other; returns the instant of the last.
fn pass(rate: &mut AdaptiveRate, from: Instant, calls: u32, apart: Duration) -> Instant {
    for i in 0..calls {
        rate.passed(from + apart * i);
    }
    from + apart * (calls - 1)
}

fn near(rate: &AdaptiveRate, expected: f64) {
    assert!((rate.now() - expected).abs() < 1e-9, "{rate:?}");
}

#[test]
fn refusals_lower_it_to_a_fifth_and_no_further() {
    let mut rate = AdaptiveRate::new(1.0);
    for expected in [0.7, 0.49, 0.343, 0.2401, 0.2, 0.2] {
        rate.refused(RATE_ALONE);
        near(&rate, expected);
    }
    assert!(rate.is_lowest());
}

#[test]
fn a_rate_set_lower_than_the_lowest_stays() {
    let mut rate = AdaptiveRate::new(0.1);
    assert!(rate.is_lowest());
    rate.refused(RATE_ALONE);
    near(&rate, 0.1);
}

#[test]
fn thirty_clean_seconds_give_back_a_twentieth_up_to_what_was_set() {
    let mut rate = AdaptiveRate::new(2.0);
    rate.refused(RATE_ALONE);
    let second = Duration::from_secs(1);
    let last = pass(&mut rate, Instant::now(), 30, second);
    near(&rate, 1.4);
    pass(&mut rate, last + second, 1, second);
    near(&rate, 1.5);
    pass(&mut rate, last + second * 2, 600, second);
    near(&rate, 2.0);
}

#[test]
fn idle_time_is_not_clean_time() {
    let mut rate = AdaptiveRate::new(1.0);
    rate.refused(RATE_ALONE);
    pass(&mut rate, Instant::now(), 10, Duration::from_secs(3600));
    near(&rate, 0.7);
}

#[test]
fn without_a_limit_the_first_refusal_sets_what_was_let_through() {
    let failure = |let_through| RefusedCall {
        jitter: Duration::ZERO,
        let_through,
    };
    let (mut rate, mut none) = (AdaptiveRate::new(0.0), AdaptiveRate::new(0.0));
    assert_eq!(rate.period(), Duration::ZERO);
    rate.refused(failure(12));
    near(&rate, 12.0);
    none.refused(failure(0));
    near(&none, 1.0);
    rate.refused(failure(9));
    near(&rate, 8.4);
}

#[test]
fn rare_refusals_widen_the_guard_and_frequent_ones_lower_the_rate() {
    let mut rate = AdaptiveRate::new(10.0);
    rate.refused(JITTER);
    assert_eq!(rate.guard, Duration::from_millis(20));
    pass(&mut rate, Instant::now(), RARE, Duration::from_millis(120));
    rate.refused(JITTER);
    assert_eq!(rate.guard, Duration::from_millis(25));
    near(&rate, 10.0);
    rate.refused(JITTER);
    near(&rate, 7.0);
    assert_eq!(rate.guard, Duration::from_millis(25));
}

#[test]
fn a_guard_grows_no_wider_than_jitter_can_be_and_shrinks_in_clean_time() {
    let mut rate = AdaptiveRate::new(10.0);
    let mut refusals = 0;
    while rate.now() > 9.0 {
        rate.refused(JITTER);
        pass(&mut rate, Instant::now(), RARE, Duration::from_millis(120));
        refusals += 1;
    }
    assert_eq!(rate.guard, JITTER.jitter);
    assert_eq!(refusals, 6);
    pass(
        &mut rate,
        Instant::now(),
        10_000,
        Duration::from_millis(120),
    );
    near(&rate, 10.0);
    assert!(rate.guard < Duration::from_millis(20));
}
