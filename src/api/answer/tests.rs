use super::*;

#[test]
fn case_004_waits_are_capped_and_garbage_is_ignored() {
    let now: Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
    let table = [
        ("5", Some(5)),
        (" 0 ", Some(0)),
        ("99999", Some(300)),
        ("99999999999999999999999", Some(300)),
        ("Mon, 05 Jan 2026 10:00:30 GMT", Some(30)),
        ("Mon, 05 Jan 2026 09:00:30 GMT", Some(0)),
        ("Tue, 05 Jan 2027 10:00:30 GMT", Some(300)),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("Mon, 99 Jan 2026 10:00:30 GMT", None),
    ];
    for (text, seconds) in table {
        let wait = seconds.map(Duration::from_secs);
        assert_eq!(retry_after(text, now), wait, "{text}");
    }
}
