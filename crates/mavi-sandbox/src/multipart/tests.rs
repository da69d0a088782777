//! What the multipart reader takes and refuses, whole and in chunks of every size.

use super::*;

const TYPE: &str = "multipart/form-data; boundary=XX";
const HEAD: &str = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\
                    Content-Type: video/mp4\r\n\r\n";

fn read(body: &[u8], chunk: usize) -> Result<(String, Vec<u8>), Malformed> {
    let mut part = OnePart::new(TYPE)?;
    let mut content = Vec::new();
    for piece in body.chunks(chunk) {
        content.extend_from_slice(&part.push(Bytes::copy_from_slice(piece))?);
    }
    Ok((part.finish()?, content))
}

#[test]
fn content_survives_any_chunking() {
    let contents: [&[u8]; 6] = [
        b"",
        b"x",
        b"\r\n--X",
        b"\r\n--X\r\n--\r\r\n",
        b"--XX\r\n\r\n",
        b"longer content with \r\n-- lines\r",
    ];
    for content in contents {
        let body = [HEAD.as_bytes(), content, b"\r\n--XX--\r\n"].concat();
        for chunk in 1..=body.len() {
            let (name, found) = read(&body, chunk).unwrap();
            assert_eq!((name.as_str(), &*found), ("a.mp4", content), "{chunk}");
        }
    }
}

#[test]
fn the_last_line_break_may_be_missing() {
    assert!(read(format!("{HEAD}x\r\n--XX--").as_bytes(), 7).is_ok());
}

#[test]
fn what_is_not_one_file_part_is_refused() {
    let second = format!("{HEAD}x\r\n{HEAD}y\r\n--XX--\r\n");
    let table = [
        (second.as_str(), "more than one part"),
        ("--YY\r\n\r\n", "the body does not open with its boundary"),
        ("--XX\r\n\r\nx", "the part has no header"),
        ("--XX--\r\n", "the body does not open with its boundary"),
        ("", "the multipart body ends early"),
        (HEAD, "the multipart body ends early"),
    ];
    for (body, words) in table {
        for chunk in [1, 3, 1000] {
            assert_eq!(
                read(body.as_bytes(), chunk),
                Err(Malformed(words)),
                "{body}"
            );
        }
    }
    let tail = format!("{HEAD}x\r\n--XX--\r\nmore");
    assert_eq!(
        read(tail.as_bytes(), 999),
        Err(Malformed("bytes behind the last part"))
    );
}

#[test]
fn the_part_must_be_a_named_file() {
    let table = [
        (
            "form-data; name=\"files\"; filename=\"a\"",
            "the part is not named `file`",
        ),
        ("form-data; name=\"file\"", "the part has no filename"),
        (
            "form-data; name=\"file\"; filename=\"\"",
            "the part has no filename",
        ),
        ("nonsense", "the part's Content-Disposition is malformed"),
    ];
    for (value, words) in table {
        let body = format!("--XX\r\ncontent-disposition: {value}\r\n\r\nx\r\n--XX--\r\n");
        assert_eq!(read(body.as_bytes(), 999), Err(Malformed(words)));
    }
}

#[test]
fn an_endless_header_is_refused() {
    let body = format!("--XX\r\nX: {}", "x".repeat(HEADER_LIMIT));
    assert_eq!(
        read(body.as_bytes(), 100),
        Err(Malformed("the part's header is too long"))
    );
}

#[test]
fn the_boundary_is_found_in_its_header() {
    assert_eq!(boundary("multipart/form-data; boundary=ab"), Some("ab"));
    assert_eq!(
        boundary("Multipart/Form-Data;charset=x; Boundary=\"a b\""),
        Some("a b")
    );
    for bad in [
        "multipart/form-data",
        "text/plain; boundary=x",
        "multipart/form-data; boundary=",
    ] {
        assert_eq!(boundary(bad), None, "{bad}");
    }
}
