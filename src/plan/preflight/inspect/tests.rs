use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::model::{AUDIO, FileStamp, IMAGE, VIDEO};

/// Files that were written long ago.
struct Shelf(TempDir);

impl Shelf {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// What is said of a file with these bytes, seen a day later.
    fn warnings(&self, name: &str, bytes: &[u8]) -> Vec<&'static str> {
        words(&self.file(name, bytes), 86_400)
    }
}

fn words(path: &Path, seconds_later: i64) -> Vec<&'static str> {
    let version = FileVersion::from(&FileStamp::of(&std::fs::metadata(path).unwrap()));
    let now = Timestamp::from_second(version.mtime_ns / 1_000_000_000 + seconds_later).unwrap();
    preflight(path, version, now)
        .iter()
        .map(Warning::word)
        .collect()
}

fn a_box(kind: &str, content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(8 + content.len()).unwrap();
    [&size.to_be_bytes(), kind.as_bytes(), content].concat()
}

fn mp4() -> Vec<u8> {
    let ftyp = a_box("ftyp", b"isom\0\0\x02\0isommp41");
    [ftyp, a_box("mdat", &[7; 300]), a_box("moov", &[1; 40])].concat()
}

/// The beginning of a file of each format, as programs write them.
fn good(extension: &str) -> Vec<u8> {
    let start: &[u8] = match extension {
        "mp4" => return mp4(),
        "mov" => {
            return [a_box("wide", b""), a_box("mdat", b"x"), a_box("moov", b"y")].concat();
        }
        "m4a" => return [a_box("ftyp", b"M4A \0\0\0\0"), a_box("moov", b"y")].concat(),
        "avi" => b"RIFF\x24\0\0\0AVI LIST",
        "webm" | "mkv" => b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01",
        "flv" => b"FLV\x01\x05\0\0\0\x09",
        "wmv" => b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9",
        "mpeg" => b"\0\0\x01\xba\x44",
        "mpg" => &[[0x47].as_slice(), &[0; 187]].concat().repeat(3),
        "mp3" => b"ID3\x03\0\0\0\0\0\x02ab\xff\xfb\x90\0",
        "wav" => b"RIFF\x24\0\0\0WAVEfmt ",
        "aac" => b"\xff\xf1\x50\x80",
        "flac" => b"fLaC\0\0\0\x22",
        "ogg" => b"OggS\0\x02",
        "jpg" | "jpeg" => b"\xff\xd8\xff\xe0\0\x10JFIF",
        "png" => b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "gif" => b"GIF89a\x01\0",
        "webp" => b"RIFF\x24\0\0\0WEBPVP8 ",
        "bmp" => b"BM\x46\0",
        "tiff" => b"II*\0\x08\0\0\0",
        "tif" => b"MM\0*\0\0\0\x08",
        other => panic!("no example of .{other}"),
    };
    start.to_vec()
}

#[test]
fn each_format_of_the_service_is_known_by_its_first_bytes() {
    let shelf = Shelf::new();
    for extension in [&VIDEO[..], &AUDIO, &IMAGE].concat() {
        let name = format!("good.{}", extension.to_uppercase());
        assert!(
            shelf.warnings(&name, &good(extension)).is_empty(),
            "{extension}"
        );
        // A picture under the name, or a film where a picture should be.
        let other = if extension == "png" { "mp4" } else { "png" };
        let name = format!("other.{extension}");
        assert_eq!(
            shelf.warnings(&name, &good(other)),
            ["other_format"],
            "{extension}"
        );
        assert_eq!(shelf.warnings(&name, b"?"), ["other_format"], "{extension}");
    }
    assert!(
        shelf.warnings("notes.txt", b"?").is_empty(),
        "not a format that is known"
    );
    let tagged = shelf.warnings("a.flac", b"ID3\x03\0\0\0\0\0\x02abfLaC");
    assert!(tagged.is_empty(), "{tagged:?}");
    assert!(shelf.warnings("a.mp3", b"\xff\xfb\x90\0").is_empty());
}

#[test]
fn a_recording_that_was_cut_off_is_seen_without_reading_it() {
    let shelf = Shelf::new();
    let whole = mp4();
    assert_eq!(shelf.warnings("in mdat.mp4", &whole[..200]), ["no_moov"]);
    assert_eq!(
        shelf.warnings("behind mdat.mp4", &whole[..whole.len() - 48]),
        ["no_moov"]
    );
    let at_front = [
        a_box("ftyp", b"isom"),
        a_box("moov", b"y"),
        a_box("mdat", &[7; 99]),
    ]
    .concat();
    assert!(shelf.warnings("front.mp4", &at_front).is_empty());
    assert_eq!(shelf.warnings("front.mp4", &at_front[..60]), ["cut_off"]);
    // Up to the end of the file, in eight bytes, and what others put behind.
    let open_end = [a_box("moov", b"y"), b"\0\0\0\0mdat12345".to_vec()].concat();
    assert!(shelf.warnings("open.mov", &open_end).is_empty());
    let long = [
        b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x14abcd".to_vec(),
        a_box("moov", b"y"),
    ]
    .concat();
    assert!(shelf.warnings("long.mov", &long).is_empty());
    let rest = [mp4(), b"\0\0\0\x03??".to_vec()].concat();
    assert!(shelf.warnings("rest.mp4", &rest).is_empty());
    // Sizes that lead nowhere end the walk, not the program.
    for size in [2_u32, 7, u32::MAX] {
        let bytes = [
            a_box("ftyp", b"isom"),
            size.to_be_bytes().to_vec(),
            b"mdat".to_vec(),
        ]
        .concat();
        assert_eq!(shelf.warnings("wrong.mp4", &bytes), ["no_moov"], "{size}");
    }
    let huge = [
        a_box("moov", b"y"),
        b"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
    ];
    assert_eq!(shelf.warnings("huge.mp4", &huge.concat()), ["cut_off"]);
}

#[test]
fn a_file_that_was_modified_a_moment_ago_may_still_be_written() {
    let shelf = Shelf::new();
    let path = shelf.file("new.mp4", &mp4());
    assert_eq!(words(&path, 0), ["still_written"]);
    assert_eq!(words(&path, 59), ["still_written"]);
    assert_eq!(
        words(&path, -59),
        ["still_written"],
        "the server's clock is ahead"
    );
    assert!(words(&path, 61).is_empty());
    let cut = shelf.file("cut.mp4", &mp4()[..100]);
    assert_eq!(words(&cut, 1), ["still_written", "no_moov"]);
}

proptest::proptest! {
    #[test]
    fn whatever_the_bytes_are_the_walk_ends(
        bytes in proptest::collection::vec(proptest::sample::select(b"\0\x01\x08\xffmdatoov".to_vec()), 0..80),
    ) {
        let size = bytes.len() as u64;
        let checked = boxes::check(&mut std::io::Cursor::new(&bytes), size);
        proptest::prop_assert!(checked.is_ok());
        let _ = magic::format_of(&bytes);
    }
}
