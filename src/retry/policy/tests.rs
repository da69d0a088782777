use super::*;

#[test]
fn pauses_grow_to_their_cap_and_never_past_it() {
    let policy = RetryPolicy::default();
    let longest = |attempt| (0..2_000).map(|_| policy.backoff(attempt)).max().unwrap();
    assert!(longest(1) <= Duration::from_secs(1));
    assert!(longest(4) > Duration::from_secs(6) && longest(4) <= Duration::from_secs(8));
    assert!(longest(60) > Duration::from_secs(28) && longest(60) <= Duration::from_secs(32));
}

#[test]
fn fewer_retries_bound_every_rule() {
    let policy = RetryPolicy {
        retries: 1,
        ..RetryPolicy::default()
    };
    assert_eq!((policy.tries(8), policy.assets()), (2, 2));
}
