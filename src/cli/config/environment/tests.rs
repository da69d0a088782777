use super::*;

#[test]
fn lines_are_read_as_shells_write_them() {
    let text = "# mine\r\nexport A=1\r\n\n B = \"two words\" \nC='#3'\nD=x=y # said\nE=\nA=2";
    let settings = parse(text).unwrap();
    let expected = [
        ("A", "2"),
        ("B", "two words"),
        ("C", "#3"),
        ("D", "x=y"),
        ("E", ""),
    ];
    for (name, value) in expected {
        assert_eq!(settings[name], value, "{name}");
    }
    assert_eq!(settings.len(), expected.len());
}

#[test]
fn case_130_a_line_that_is_none_is_told_by_its_number() {
    for (text, line) in [
        ("A=1\nsk-mavi-canary", "line 2"),
        ("A B=canary", "line 1"),
        ("A='canary", "line 1"),
        ("A=\"", "line 1"),
    ] {
        let words = parse(text).unwrap_err();
        assert!(words.contains(line) && !words.contains("canary"), "{words}");
    }
}
