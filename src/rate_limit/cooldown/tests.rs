use super::*;

const POLICY: CooldownPolicy = CooldownPolicy {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(32),
};

/// Begins a cooldown where the last one ended; returns its length in seconds.
fn next(cooldown: &mut Cooldown, now: &mut Instant) -> f64 {
    cooldown.begin(*now, None);
    let until = cooldown.until().unwrap();
    let seconds = (until - *now).as_secs_f64();
    *now = until;
    seconds
}

#[test]
fn cooldowns_double_up_to_the_longest_and_then_become_a_probe_a_minute() {
    let (mut cooldown, mut now) = (Cooldown::new(POLICY), Instant::now());
    let mut bounds = vec![1.0, 2.0, 4.0, 8.0, 16.0];
    bounds.extend([32.0; 10]);
    bounds.extend([60.0; 3]);
    for bound in bounds {
        let seconds = next(&mut cooldown, &mut now);
        assert!((bound..=bound * 1.25).contains(&seconds), "{seconds} s");
    }
    cooldown.reset();
    assert!(next(&mut cooldown, &mut now) <= 1.25);
}

#[test]
fn case_004_retry_after_is_honoured_up_to_five_minutes() {
    let (mut cooldown, now) = (Cooldown::new(POLICY), Instant::now());
    cooldown.begin(now, Some(Duration::from_secs(5)));
    assert_eq!(cooldown.until(), Some(now + Duration::from_secs(5)));
    cooldown.extend_as_asked(now, Some(Duration::from_secs(99_999)));
    assert_eq!(cooldown.until(), Some(now + LONGEST_ASKED));
    cooldown.extend_as_asked(now, Some(Duration::from_secs(2)));
    assert_eq!(cooldown.until(), Some(now + LONGEST_ASKED));
}

#[test]
fn only_calls_that_left_later_are_answered_about_the_cooldown() {
    let (mut cooldown, now) = (Cooldown::new(POLICY), Instant::now());
    assert!(!cooldown.began_after(now));
    cooldown.begin(now, None);
    assert!(cooldown.began_after(now));
    assert!(!cooldown.began_after(now + Duration::from_millis(1)));
}
