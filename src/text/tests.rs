use super::*;

#[test]
fn case_137_nothing_that_a_terminal_obeys_is_left() {
    let table = [
        ("a\u{1b}]52;c;x\u{7}b", "a\\x1b]52;c;x\\x07b"),
        ("one\r\ntwo\t", "one\\x0d\\x0atwo\\x09"),
        ("gpj\u{202e}exe", "gpj\\u{202e}exe"),
        ("c1 \u{9b}31m \u{7f}", "c1 \\x9b31m \\x7f"),
        ("Grüße, 東京 🎬", "Grüße, 東京 🎬"),
    ];
    for (text, shown) in table {
        assert_eq!(plain(text), shown);
    }
}

proptest::proptest! {
    #[test]
    fn case_137_no_text_reaches_a_terminal_raw(text in "(?s:.|\\PC|[\u{0}-\u{a0}\u{2000}-\u{206f}]){0,400}") {
        let shown = plain(&text);
        proptest::prop_assert!(shown.chars().count() <= LONGEST);
        proptest::prop_assert!(!shown.chars().any(|c| c.is_control() || is_invisible(c)));
        let harmless = !text.chars().any(|c| c.is_control() || is_invisible(c));
        if harmless && text.chars().count() <= LONGEST {
            proptest::prop_assert_eq!(shown, text);
        }
    }
}

#[test]
fn case_013_long_texts_are_cut_between_characters() {
    assert_eq!(plain(&"é".repeat(300)), "é".repeat(300));
    assert_eq!(plain(&"é".repeat(301)), "é".repeat(299) + "…");
    let escapes = plain(&"\u{1b}".repeat(301));
    assert_eq!(escapes, "\\x1b".repeat(74) + "…");
}

#[test]
fn case_130_urls_lose_their_queries() {
    let text = r#"GET "https://s.example/a?sig=1&b=2" no? https://x/?y"#;
    assert_eq!(
        without_queries(text),
        r#"GET "https://s.example/a…" no? https://x/…"#
    );
}
