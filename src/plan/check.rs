//! Whether one file may be uploaded, told from its name and metadata alone.
//!
//! One `stat` a file and nothing opened: opening a FIFO would wait for a writer, and a million
//! files are looked at before the first call. The file is looked at again when it is opened.

use std::fs::{self, Metadata};
use std::path::Path;

use super::Seen;
use crate::body::FileStamp;
use crate::error::{ErrorCode, Refusal};
use crate::media::{AUDIO, IMAGE, VIDEO, is_media};
use crate::refuse::refuse;
use crate::source::Candidate;

/// The largest file the service takes: 5 GB, counted as 5 × 2³⁰ bytes.
pub const MAX_SIZE: u64 = 5_368_709_120;

/// A direct upload takes files under 500 MB.
pub const DIRECT_SIZE: u64 = 500_000_000;

/// What the service, or the user, lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The largest file that is taken, in bytes; a file of exactly this size passes.
    pub max_size: u64,
    /// Whether files of formats the service does not list are sent all the same.
    pub all_types: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_size: MAX_SIZE,
            all_types: false,
        }
    }
}

/// Looks at a file, through symbolic links, without opening it.
///
/// # Errors
/// The first reason against it, in this order: it cannot be looked at (`not_found`, `permission`,
/// `name_too_long`, `io`), `not_regular`, `unsupported_type`, `empty`, `too_large`. What no smaller
/// change would mend comes first, so that nobody shrinks a file only to learn that its format is
/// not taken.
pub fn check(path: &Path, rules: &Rules) -> Result<FileStamp, Refusal> {
    let meta = fs::metadata(path).map_err(|error| refuse(&error))?;
    if !meta.is_file() {
        return Err(not_regular(&meta));
    }
    if !rules.all_types && !is_media(path) {
        return Err(unsupported(path));
    }
    if meta.len() == 0 {
        let text = "the file is empty (0 bytes): replace it or leave it out";
        return Err(Refusal::new(ErrorCode::Empty, text));
    }
    if meta.len() > rules.max_size {
        return Err(too_large(meta.len(), rules.max_size));
    }
    Ok(FileStamp::of(&meta))
}

/// What the disk says of an input row: its file, or why it cannot be uploaded.
///
/// # Errors
/// What the source found already, else as [`check`].
pub fn look_at(candidate: &Candidate, rules: &Rules) -> Result<Seen, Refusal> {
    match &candidate.refusal {
        Some(refusal) => Err(refusal.clone()),
        None => check(&candidate.path, rules).map(|stamp| Seen::from(&stamp)),
    }
}

fn not_regular(meta: &Metadata) -> Refusal {
    let text = if meta.is_dir() {
        "a folder, not a file: to upload what is in it, give the folder itself as a PATH"
    } else {
        "a FIFO, socket or device, not a regular file: copy its content to a file first"
    };
    Refusal::new(ErrorCode::NotRegular, text)
}

fn unsupported(path: &Path) -> Refusal {
    let what = if path.extension().is_none() {
        "a name without an extension"
    } else {
        "this extension is not one the service takes"
    };
    let formats = [&VIDEO[..], &AUDIO, &IMAGE].concat().join(" ");
    let text = format!("{what} ({formats}): convert it, or try it with --all-files");
    Refusal::new(ErrorCode::UnsupportedType, text)
}

fn too_large(size: u64, limit: u64) -> Refusal {
    let way_out = if limit == DIRECT_SIZE - 1 {
        "send it without --via direct"
    } else {
        "split or compress the file"
    };
    let text = format!("{size} bytes are more than the limit of {limit}: {way_out}");
    Refusal::new(ErrorCode::TooLarge, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::path::PathBuf;

    fn file(dir: &Path, name: &str, size: u64) -> PathBuf {
        let path = dir.join(name);
        File::create(&path).unwrap().set_len(size).unwrap();
        path
    }

    fn verdict(path: &Path) -> Result<u64, ErrorCode> {
        check(path, &Rules::default())
            .map(|stamp| stamp.size)
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn case_070_076_077_089_each_file_gets_its_first_reason() {
        let dir = tempfile::tempdir().unwrap();
        let limit = MAX_SIZE;
        let table = [
            ("a.mp4", 1, Ok(1)),
            ("A.MP4", 7, Ok(7)),
            ("empty.mp4", 0, Err(ErrorCode::Empty)),
            ("full.mp4", limit, Ok(limit)),
            ("over.mp4", limit + 1, Err(ErrorCode::TooLarge)),
            ("notes.txt", 1, Err(ErrorCode::UnsupportedType)),
            ("empty.txt", 0, Err(ErrorCode::UnsupportedType)),
            ("none", 1, Err(ErrorCode::UnsupportedType)),
        ];
        for (name, size, expected) in table {
            assert_eq!(verdict(&file(dir.path(), name, size)), expected, "{name}");
        }
        let gone = verdict(&dir.path().join("gone.mp4"));
        assert_eq!(gone, Err(ErrorCode::NotFound));
        let below_a_file = verdict(&dir.path().join("a.mp4/b.mp4"));
        assert_eq!(below_a_file, Err(ErrorCode::NotFound));
    }

    #[test]
    fn case_077_the_words_name_the_limit_and_the_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let rules = Rules {
            max_size: 10,
            all_types: false,
        };
        let refusal = check(&file(dir.path(), "a.mp4", 11), &rules).unwrap_err();
        let words = "too_large: 11 bytes are more than the limit of 10: split or compress the file";
        assert_eq!(refusal.to_string(), words);
    }

    #[test]
    fn case_089_all_types_lets_every_extension_through() {
        let dir = tempfile::tempdir().unwrap();
        let rules = Rules {
            all_types: true,
            ..Rules::default()
        };
        assert!(check(&file(dir.path(), "notes.txt", 1), &rules).is_ok());
    }

    #[test]
    fn case_080_a_folder_is_not_a_file_whatever_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.mp4");
        fs::create_dir(&path).unwrap();
        assert_eq!(verdict(&path), Err(ErrorCode::NotRegular));
    }

    #[cfg(unix)]
    #[test]
    fn case_078_a_socket_and_a_device_are_refused_without_opening_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("live.mp4");
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert_eq!(verdict(&path), Err(ErrorCode::NotRegular));
        assert_eq!(verdict(Path::new("/dev/null")), Err(ErrorCode::NotRegular));
    }

    #[cfg(unix)]
    #[test]
    fn case_078_a_fifo_without_a_writer_does_not_wait() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pipe.mp4");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        assert_eq!(verdict(&path), Err(ErrorCode::NotRegular));
    }

    #[cfg(unix)]
    #[test]
    fn case_079_links_are_followed_and_their_faults_named() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        file(dir.path(), "real.mp4", 5);
        let link = |name: &str, target: &str| {
            let path = dir.path().join(name);
            symlink(target, &path).unwrap();
            path
        };
        assert_eq!(verdict(&link("good.mp4", "real.mp4")), Ok(5));
        let dangling = verdict(&link("dangling.mp4", "gone.mp4"));
        assert_eq!(dangling, Err(ErrorCode::NotFound));
        let looping = verdict(&link("loop.mp4", "loop.mp4"));
        assert_eq!(looping, Err(ErrorCode::NameTooLong));
    }

    #[cfg(unix)]
    #[test]
    fn case_087_a_name_too_long_to_open_is_called_that() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(format!("{}.mp4", "x".repeat(300)));
        assert_eq!(verdict(&path), Err(ErrorCode::NameTooLong));
    }
}
