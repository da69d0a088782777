//! The frame around the bytes: a `multipart/form-data` body with one part named `file`.
//!
//! Names are written as browsers write them (WHATWG HTML, "multipart form data"): only `"`, CR and
//! LF are escaped, everything else goes as UTF-8. HTTP libraries leave CR and LF raw here, which
//! lets a file's name write headers.

use std::path::Path;

use bytes::Bytes;

/// A boundary that no file holds by accident: 128 random bits.
pub(super) fn boundary() -> String {
    format!("mavi-{:032x}", fastrand::u128(..))
}

/// What goes before the file's bytes.
pub(crate) fn head(boundary: &str, name: &str) -> Bytes {
    Bytes::from(format!(
        "--{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n",
        escape(name)
    ))
}

/// What goes after the file's bytes.
pub(super) fn tail(boundary: &str) -> Bytes {
    Bytes::from(format!("\r\n--{boundary}--\r\n"))
}

fn escape(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '"' => escaped.push_str("%22"),
            '\r' => escaped.push_str("%0D"),
            '\n' => escaped.push_str("%0A"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The name under which a file is sent: the given one, else the last part of its path.
///
/// Bytes that are not UTF-8 become U+FFFD; the extension, by which the service tells formats apart,
/// is always ASCII and survives.
#[must_use]
pub fn sent_name(path: &Path, given: Option<&str>) -> String {
    match given {
        Some(name) => name.to_owned(),
        None => path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned(),
    }
}

#[cfg(test)]
mod tests {
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
}
