//! The limits at given moments.

use super::*;

fn limits(rate: f64, changes: Vec<LimitChange>) -> Limits {
    Limits::new(rate, LimitStyle::default(), changes).unwrap()
}

fn change(after: u64) -> LimitChange {
    LimitChange {
        after: Duration::from_secs(after),
        endpoints: Vec::new(),
        rate: None,
        style: None,
        other_client: None,
    }
}

fn admitted(limits: &mut Limits, arrivals_ms: &[u64]) -> Vec<bool> {
    let start = limits.start;
    let arrive = |ms: &u64| {
        limits
            .admit(Endpoint::Sign, start + Duration::from_millis(*ms))
            .is_ok()
    };
    arrivals_ms.iter().map(arrive).collect()
}

#[test]
fn early_calls_are_refused_and_do_not_move_the_mark() {
    let (arrivals, fate) = ([0, 979, 980, 1500, 1960], [true, false, true, false, true]);
    let mut limits = limits(1.0, vec![]);
    assert_eq!(admitted(&mut limits, &arrivals), fate);
    let mark = limits.start + Duration::from_secs(1);
    assert_eq!(limits.violations_since(limits.start).count(), 2);
    assert_eq!(
        limits.violations_since(mark).collect::<Vec<_>>(),
        [Endpoint::Sign]
    );
}

#[test]
fn zero_is_no_limit() {
    assert_eq!(admitted(&mut limits(0.0, vec![]), &[0, 0, 0]), [true; 3]);
}

#[test]
fn endpoints_do_not_share_and_downloads_are_free() {
    let (mut limits, now) = (limits(1.0, vec![]), Instant::now());
    assert!(
        limits.admit(Endpoint::Sign, now).is_ok() && limits.admit(Endpoint::Status, now).is_ok()
    );
    let mut download = || limits.admit(Endpoint::Download, now).is_ok();
    assert!(download() && download());
}

#[test]
fn odd_rates_are_refused_or_survived() {
    let new = |rate| Limits::new(rate, LimitStyle::default(), vec![]);
    assert!(new(f64::NAN).is_none() && new(-1.0).is_none());
    assert_eq!(
        admitted(&mut limits(1e-300, vec![]), &[0, 100]),
        [true, false]
    );
    assert_eq!(
        admitted(&mut limits(1e300, vec![]), &[0, 100]),
        [true, true]
    );
}

#[test]
fn a_limit_changes_when_its_time_has_come() {
    let half = LimitChange {
        rate: Some(0.5),
        style: Some(LimitStyle::Http400),
        ..change(10)
    };
    let other = LimitChange {
        rate: Some(9.0),
        endpoints: vec![Endpoint::Send],
        ..change(10)
    };
    let mut limits = limits(1.0, vec![half, other]);
    let (arrivals, fate) = (
        [0, 1000, 10_000, 11_000, 12_000],
        [true, true, true, false, true],
    );
    assert_eq!(admitted(&mut limits, &arrivals), fate);
    let refused = limits.admit(Endpoint::Sign, limits.start + Duration::from_secs(13));
    let left = Duration::from_millis(960);
    assert_eq!(
        refused,
        Err(TooEarly {
            style: LimitStyle::Http400,
            left
        })
    );
}

#[test]
fn case_057_another_client_takes_its_share() {
    let mut limits = limits(
        1.0,
        vec![LimitChange {
            other_client: Some(0.5),
            ..change(0)
        }],
    );
    let steady: Vec<u64> = (0..100).map(|n| n * 1000 + 500).collect();
    let passed = admitted(&mut limits, &steady)
        .iter()
        .filter(|passed| **passed)
        .count();
    assert_eq!(passed, 50);
    // After an hour of silence it is there as before, and no slower to reckon with.
    assert_eq!(
        admitted(&mut limits, &[3_600_500, 3_601_500, 3_602_500]),
        [false, true, false]
    );
}
