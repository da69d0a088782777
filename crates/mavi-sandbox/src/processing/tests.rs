//! How processing times are written and drawn.

use super::*;

#[test]
fn reads_a_fixed_time_and_a_lognormal_one() {
    let fixed: Processing = "2s".parse().unwrap();
    assert_eq!(fixed, Processing::default());
    let spread: Processing = "1m 20s, 0.5".parse().unwrap();
    assert_eq!(spread.median, Duration::from_secs(80));
    assert_eq!(spread.to_string().parse::<Processing>().unwrap(), spread);
    assert_eq!("0s".parse::<Processing>().unwrap().median, Duration::ZERO);
}

#[test]
fn refuses_what_is_no_time() {
    for text in ["", "2", "s", "2s,", "2s,-1", "2s,NaN", "2s,inf", "2s,1,2"] {
        assert!(text.parse::<Processing>().is_err(), "{text:?}");
    }
}

#[test]
fn draws_repeat_and_have_the_median_asked_for() {
    let processing: Processing = "20s,0.5".parse().unwrap();
    let mut draws: Vec<_> = (0..10_001).map(|i| processing.draw(7, i)).collect();
    assert_eq!(draws[5], processing.draw(7, 5));
    assert_ne!(draws[5], processing.draw(8, 5));
    draws.sort();
    let (median, upper) = (draws[5_000].as_secs_f64(), draws[8_413].as_secs_f64());
    assert!((19.4..20.6).contains(&median), "{median}");
    // One sigma above the median: 20 * e^0.5.
    assert!((32.0..34.0).contains(&upper), "{upper}");
}
