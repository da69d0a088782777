use super::*;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use proptest::prelude::*;

/// The rule read backwards, as a reader of a report would; `None` for what is no cell.
fn decode(cell: &str) -> Option<Vec<u8>> {
    let Some(marked) = cell.strip_prefix(MARK) else {
        return Some(cell.strip_prefix("./").unwrap_or(cell).into());
    };
    let mut parts = marked.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    Some(bytes)
}

#[test]
fn case_081_103_walked_paths_are_safe_and_can_be_mapped_back() {
    let table: [(&[u8], &str); 12] = [
        (b"lib/a.mp4", "lib/a.mp4"),
        (b"=cmd.mp4", "./=cmd.mp4"),
        (b"+1.mp4", "./+1.mp4"),
        (b"-a.mp4", "./-a.mp4"),
        (b"@a.mp4", "./@a.mp4"),
        (b"\ta.mp4", "./\ta.mp4"),
        (b"\ra.mp4", "./\ra.mp4"),
        (b"100%.mp4", "100%.mp4"),
        (b"%:a.mp4", "./%:a.mp4"),
        (b"caf\xe9.mp4", "%:caf%E9.mp4"),
        (b"=5%\xff.mp4", "%:=5%25%FF.mp4"),
        ("日本/é.mp4".as_bytes(), "日本/é.mp4"),
    ];
    for (bytes, cell) in table {
        assert_eq!(spell(Path::new(OsStr::from_bytes(bytes))), cell);
        assert_eq!(decode(cell).unwrap(), bytes);
    }
}

proptest! {
    #[test]
    fn case_081_no_two_paths_share_a_cell(bytes in prop::collection::vec(
        prop::sample::select(b"%:=./aE9\xe9\xc3\xa9\xff".to_vec()), 1..9)
    ) {
        prop_assume!(!bytes.starts_with(b"./"));
        let cell = spell(Path::new(OsStr::from_bytes(&bytes)));
        prop_assert!(!cell.starts_with(['=', '+', '-', '@']));
        prop_assert_eq!(decode(&cell), Some(bytes));
    }
}
