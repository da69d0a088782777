use super::*;
use std::fs::File;
use std::path::PathBuf;

fn file(dir: &Path, name: &str, size: u64) -> PathBuf {
    let path = dir.join(name);
    File::create(&path).unwrap().set_len(size).unwrap();
    path
}

fn verdict(path: &Path) -> Result<u64, ErrorCode> {
    inspect(path, &Rules::default())
        .map(|stamp| stamp.size)
        .map_err(|failure| failure.code)
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
    let failure = inspect(&file(dir.path(), "a.mp4", 11), &rules).unwrap_err();
    let words = "too_large: 11 bytes are more than the limit of 10: split or compress the file";
    assert_eq!(failure.to_string(), words);
}

#[test]
fn case_089_all_types_lets_every_extension_through() {
    let dir = tempfile::tempdir().unwrap();
    let rules = Rules {
        all_types: true,
        ..Rules::default()
    };
    assert!(inspect(&file(dir.path(), "notes.txt", 1), &rules).is_ok());
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

#[test]
fn case_160_the_name_column_names_a_format_as_the_path_does() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), "a.mp4", 1);
    let verdict = |name: Option<&str>, all_types| {
        let rules = Rules {
            all_types,
            ..Rules::default()
        };
        let candidate = Candidate {
            path: path.clone(),
            name: name.map(str::to_owned),
            expected_sha256: None,
            cells: crate::source::Cells::encode([b"a.mp4".as_slice()]),
            failure: None,
        };
        inspect_candidate(&candidate, &rules).map_err(|failure| failure.to_string())
    };
    for name in ["no extension", "a.txt", "mp4", ".mp4"] {
        let words = verdict(Some(name), false).unwrap_err();
        assert!(
            words.starts_with("unsupported_type: the name column: "),
            "{words}"
        );
        assert!(verdict(Some(name), true).is_ok());
    }
    for name in [Some("b.MOV"), None] {
        assert!(verdict(name, false).is_ok());
    }
}
