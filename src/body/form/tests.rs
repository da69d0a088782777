use super::*;

#[test]
fn case_082_a_name_cannot_write_headers() {
    let head = head("b", "a\"b\\c\r\nX-Evil: 1;%22日本.mp4");
    let text = std::str::from_utf8(&head).unwrap();
    assert_eq!(
        text.lines().nth(1).unwrap(),
        "Content-Disposition: form-data; name=\"file\"; filename=\"a%22b\\c%0D%0AX-Evil: 1;%22日本.mp4\""
    );
    assert_eq!(text.lines().count(), 4);
}

proptest::proptest! {
    /// No name adds a line to the part's header, or ends the quotes around it; and it can be
    /// read back.
    #[test]
    fn case_082_no_name_leaves_its_place(name: String) {
        let head = head("b", &name);
        let text = std::str::from_utf8(&head).unwrap();
        let lines: Vec<_> = text.split("\r\n").collect();
        proptest::prop_assert_eq!(lines.len(), 5);
        let shown = lines[1].split_once("filename=\"").unwrap().1.strip_suffix('"').unwrap();
        proptest::prop_assert!(!shown.contains(['"', '\r', '\n']));
        let back = shown.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
        let ambiguous = ["%22", "%0D", "%0A"].iter().any(|escape| name.contains(escape));
        proptest::prop_assert!(ambiguous || back == name);
    }
}

#[cfg(unix)]
#[test]
fn case_081_a_name_that_is_not_utf8_keeps_its_extension() {
    use std::os::unix::ffi::OsStrExt;
    let path = Path::new(std::ffi::OsStr::from_bytes(b"/x/caf\xe9.mp4"));
    assert_eq!(sent_name(path, None), "caf\u{fffd}.mp4");
    assert_eq!(sent_name(path, Some("other.mp4")), "other.mp4");
}
