//! What the path column may hold, and what it then means.

use super::*;

#[test]
fn case_093_a_path_with_a_newline_is_taken_when_the_file_exists() {
    let dir = library(b"path\n\"b\nc.mp4\"\n");
    let fault = open(dir.path(), ManifestOptions::default()).unwrap_err();
    let words = "manifest m.csv: line 2: the path goes over a line end, and no such file exists; ";
    assert!(fault.starts_with(words), "{fault}");
    fs::write(dir.path().join("b\nc.mp4"), "b").unwrap();
    let row = open(dir.path(), ManifestOptions::default()).unwrap().next();
    assert_eq!(brief(dir.path(), &row.unwrap()), "b\nc.mp4");
}

#[test]
fn case_096_spaces_are_used_as_written_and_blamed_when_the_trimmed_file_exists() {
    let blame = "not_found: no such file; without the spaces around its path it exists: remove \
                 them from the manifest";
    assert_eq!(read(b"path\n a.mp4\nq.mp4 \n").unwrap(), [blame, "q.mp4 "]);
    let dir = library(b"path\n a.mp4\n");
    fs::write(dir.path().join(" a.mp4"), "spaced").unwrap();
    let row = open(dir.path(), ManifestOptions::default())
        .unwrap()
        .next()
        .unwrap();
    assert_eq!(brief(dir.path(), &row), " a.mp4");
}

#[test]
fn case_097_latin_1_bytes_are_the_path() {
    use std::os::unix::ffi::OsStrExt;
    let dir = library(b"path,t\xeft\ncaf\xe9.mp4,\xfc\n");
    let mut manifest = open(dir.path(), ManifestOptions::default()).unwrap();
    let row = manifest.next().unwrap();
    assert_eq!(row.path.file_name().unwrap().as_bytes(), b"caf\xe9.mp4");
    assert_eq!(row.cells.as_bytes(), b"caf\xe9.mp4,\xfc");
    assert_eq!(manifest.columns().as_bytes(), b"path,t\xeft");
}

#[test]
fn case_099_only_paths_are_local_and_nothing_is_expanded() {
    let url = "not_local: a URL where a path belongs: download the file and give its local path";
    let table = [
        ("sub/../a.mp4", "sub/../a.mp4"),
        ("./a.mp4", "a.mp4"),
        ("~/a.mp4", "~/a.mp4"),
        ("/abs//a.mp4", "/abs/a.mp4"),
        ("12:30.mp4", "12:30.mp4"),
        ("a: b//c.mp4", "a: b/c.mp4"),
        ("file:///a.mp4", url),
        ("FILE:/a.mp4", url),
        ("https://x/a.mp4", url),
        (" http://x/a.mp4", url),
        ("s3://b/a.mp4", url),
    ];
    for (cell, expected) in table {
        assert_eq!(
            read(format!("path\n{cell}\n").as_bytes()).unwrap(),
            [expected],
            "{cell:?}"
        );
    }
}

#[test]
fn case_099_the_root_takes_the_place_of_the_manifests_folder() {
    let dir = library(b"path\na.mp4\n");
    let root = tempfile::tempdir().unwrap();
    let at = |root: &Path| ManifestOptions {
        root: Some(root.into()),
        ..Default::default()
    };
    let row = open(dir.path(), at(root.path())).unwrap().next().unwrap();
    assert_eq!(row.path, root.path().join("a.mp4"));
    let fault = open(dir.path(), at(Path::new("/no/such"))).unwrap_err();
    assert!(
        fault.starts_with("manifest m.csv: the root /no/such is not a folder"),
        "{fault}"
    );
}

#[test]
fn case_164_a_path_of_windows_is_called_so_where_no_file_has_that_name() {
    let windows = [
        r"C:\Videos\a.mp4",
        "d:/videos/a.mp4",
        r"v\a.mp4",
        r"\\nas\videos\a.mp4",
        r".\a.mp4",
    ];
    for cell in windows {
        let row = &read(format!("path\n{cell}\n").as_bytes()).unwrap()[0];
        let words = "not_found: a Windows path: map it with --root";
        assert!(row.starts_with(words), "{cell}: {row}");
    }
    for cell in ["v/a.mp4", "a.mp4", r"v/x\a.mp4", "12:30.mp4"] {
        assert_eq!(read(format!("path\n{cell}\n").as_bytes()).unwrap(), [cell]);
    }
    // Names that such files do have here.
    let dir = library(b"path\nv\\a.mp4\n");
    fs::write(dir.path().join(r"v\a.mp4"), "a").unwrap();
    let row = open(dir.path(), ManifestOptions::default()).unwrap().next();
    assert_eq!(brief(dir.path(), &row.unwrap()), r"v\a.mp4");
}
