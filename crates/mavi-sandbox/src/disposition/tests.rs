//! Names that survive, and lines that are refused.

use super::*;

fn filename(header: &str) -> Option<String> {
    Disposition::parse(header.as_bytes()).and_then(|found| found.filename)
}

#[test]
fn hard_names_come_back_as_they_were() {
    let long = format!("{}.mp4", "é".repeat(125));
    let names = [
        "plain.mp4",
        r"a\b.mp4",
        r"ends\",
        "semi;colon=1; filename=x.mp4",
        "per%20cent.mp4",
        "100%.mp4",
        "esc\x1b]52;c\x07.mp4",
        "emoji 🎬🏳️‍🌈.mov",
        "nfd e\u{301}.mp4",
        "  blanks .mp4 ",
        "tab\t.mp4",
        "",
        &long,
    ];
    for name in names {
        let header = format!("form-data; name=\"file\"; filename=\"{name}\"");
        assert_eq!(filename(&header).as_deref(), Some(name));
    }
}

#[test]
fn three_characters_are_decoded_and_no_other() {
    let header = "form-data; name=\"file\"; filename=\"q%22r%0D%0A%2520%0d.mp4\"";
    assert_eq!(filename(header).unwrap(), "q\"r\r\n%2520%0d.mp4");
}

#[test]
fn order_case_and_bare_values_do_not_matter() {
    let found = Disposition::parse(b"Form-Data;FileName=x.mp4;NAME=\"file\"; other=1").unwrap();
    assert_eq!(found.name.as_deref(), Some("file"));
    assert_eq!(found.filename.as_deref(), Some("x.mp4"));
}

#[test]
fn what_is_malformed_is_refused() {
    let bad: [&[u8]; 6] = [
        b"attachment; filename=\"x\"",
        b"form-data; name=\"file\"; filename=\"open",
        b"form-data; name=\"file\"; filename=\"a\\\"b\"",
        b"form-data; name=\"file\"; name=\"other\"",
        b"form-data; name=\"file\"; filename=\"caf\xe9\"",
        b"form-data; junk",
    ];
    for header in bad {
        assert_eq!(Disposition::parse(header), None, "{header:?}");
    }
}
