use super::*;

#[test]
fn levels_are_round_and_few() {
    let expected: [(f64, &[f64]); 6] = [
        (0.0, &[0.0, 1.0]),
        (0.3, &[0.0, 1.0]),
        (4.0, &[0.0, 1.0, 2.0, 3.0, 4.0]),
        (12.9, &[0.0, 5.0, 10.0, 15.0]),
        (605.0, &[0.0, 200.0, 400.0, 600.0, 800.0]),
        (9.6e6, &[0.0, 5e6, 1e7]),
    ];
    for (most, expected) in expected {
        assert_eq!(levels(most), expected, "{most}");
    }
    assert_eq!(levels(f64::MAX).len(), 5);
}

#[test]
fn moments_are_round_and_few() {
    assert_eq!(moments(0, 221_000), [0, 60_000, 120_000, 180_000]);
    assert_eq!(moments(41_000, 220_000), [60_000, 120_000, 180_000]);
    assert_eq!(moments(0, 250), [0, 100, 200]);
    assert_eq!(moments(0, 13 * DAY), [0, 5 * DAY, 10 * DAY]);
    assert_eq!(moments(7, 7), [7]);
    assert!(moments(0, u64::MAX).len() <= 5);
}
