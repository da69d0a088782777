use super::*;

#[test]
fn figures_read_well_at_any_size() {
    assert_eq!(
        [0, 999, 1_000, 1_234_567].map(count),
        ["0", "999", "1,000", "1,234,567"]
    );
    let times = [0, 999, 1_000, 9_950, 60_000, 61_000, 7_260_000, 86_400_000];
    assert_eq!(
        times.map(time),
        [
            "0 ms",
            "999 ms",
            "1 s",
            "9.9 s",
            "1 min",
            "1 min 1 s",
            "2 h 1 min",
            "1 d"
        ]
    );
    assert_eq!(share(0, 0), "0 %");
    assert_eq!(share(999_999, 1_000_000), "over 99.9 %");
    assert_eq!(share(1, 1_000_000), "under 0.1 %");
}
