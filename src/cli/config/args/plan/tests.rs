use super::*;

#[test]
fn a_line_is_given_as_providers_say_it() {
    for (text, bits) in [
        ("200M", 2e8),
        ("1.5g", 1.5e9),
        ("64k", 64e3),
        ("9600", 9600.0),
    ] {
        let told = line(text).unwrap();
        assert!((told - bits).abs() < 1e-6, "{text}: {told}");
    }
    for wrong in ["", "M", "fast", "-1M", "0", "20MB", "infM", "é"] {
        assert!(line(wrong).is_err(), "{wrong:?}");
    }
}
