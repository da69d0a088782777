//! Folders as they are found on disks, each walked whole.

use std::fs::{self, File};

use tempfile::TempDir;

use super::*;

/// A folder with these files in it; a name that ends in `/` is a folder.
fn tree(names: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in names {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else {
            File::create(path).unwrap();
        }
    }
    dir
}

/// Each row's cell below the tree, with the code of its refusal.
fn walk(dir: &TempDir, below: &[&str], options: WalkOptions) -> Vec<String> {
    let paths = below.iter().map(|name| dir.path().join(name)).collect();
    let top = format!("{}/", dir.path().display()).replace('\\', "/");
    Walk::new(paths, options)
        .map(|row| {
            let cell = String::from_utf8(row.cells.fields().remove(0)).unwrap();
            let code = row.failure.map(|failure| format!(" {}", failure.code));
            cell.replace('\\', "/").replace(&top, "") + &code.unwrap_or_default()
        })
        .collect()
}

fn following() -> WalkOptions {
    WalkOptions {
        follow: true,
        ..WalkOptions::default()
    }
}

/// The links below the tree that a following walk finds to lead in a circle.
#[cfg(unix)]
fn loops(dir: &TempDir, exclude: &[&str]) -> Vec<String> {
    let exclude: Vec<_> = exclude.iter().map(ToString::to_string).collect();
    let options = WalkOptions {
        filter: Filter::new(&[], &exclude, false).unwrap(),
        ..following()
    };
    let mut walk = Walk::new(vec![dir.path().into()], options);
    while walk.next().is_some() {}
    let notices = walk.take_notices().into_iter();
    let below = notices.map(|notice| notice.path.strip_prefix(dir.path()).unwrap().to_owned());
    below.map(|path| path.display().to_string()).collect()
}

#[test]
fn media_files_are_walked_in_order_of_names() {
    let dir = tree(&[
        "b.mp4",
        "a/2.MOV",
        "a/1.mp3",
        "c.txt",
        "x.mp4/in.png",
        "empty/",
        ".h.mp4",
    ]);
    let rows = walk(&dir, &[""], WalkOptions::default());
    assert_eq!(rows, ["a/1.mp3", "a/2.MOV", "b.mp4", "x.mp4/in.png"]);
}

#[test]
fn case_089_a_file_that_is_given_is_a_candidate_whatever_its_format() {
    let dir = tree(&["notes.txt", "lib/a.mp4", "lib/b.txt"]);
    let given = ["notes.txt", "lib", "gone.mp4", "lib/a.mp4", "notes.txt/x"];
    let expected = [
        "notes.txt",
        "lib/a.mp4",
        "gone.mp4 not_found",
        "lib/a.mp4",
        "notes.txt/x not_found",
    ];
    assert_eq!(walk(&dir, &given, WalkOptions::default()), expected);
}

#[cfg(unix)]
#[test]
fn case_164_a_path_of_windows_that_is_given_is_called_so() {
    let given = [r"C:\Videos\a.mp4", r"v\a.mp4", "gone.mp4"].map(PathBuf::from);
    let rows = Walk::new(given.to_vec(), WalkOptions::default());
    let words: Vec<_> = rows.map(|row| row.failure.unwrap().text).collect();
    assert!(words[0].starts_with("a Windows path: map it with --root"));
    assert!(words[1].starts_with("a Windows path: map it with --root"));
    assert_eq!(words[2], "no such file");
}

#[test]
fn a_candidate_has_the_absolute_path_and_no_name() {
    let dir = tree(&["a.mp4"]);
    let given = dir.path().join(".").join("");
    let rows: Vec<_> = Walk::new(vec![given.clone()], WalkOptions::default()).collect();
    let expected = Candidate {
        path: dir.path().join("a.mp4"),
        name: None,
        expected_sha256: None,
        cells: Cells::encode([given.join("a.mp4").as_os_str().as_encoded_bytes()]),
        failure: None,
    };
    assert_eq!(rows, [expected]);
    let walk = Walk::new(vec![PathBuf::new()], WalkOptions::default());
    assert_eq!(walk.columns().as_bytes(), b"path");
    assert!(walk.map(|row| row.failure).all(|failure| failure.is_some()));
}

/// The files and folders below the tree that a walk leaves out as the system's.
fn left_out(dir: &TempDir, options: WalkOptions) -> Vec<String> {
    let mut walk = Walk::new(vec![dir.path().into()], options);
    while walk.next().is_some() {}
    let notices = walk.take_notices().into_iter();
    let notices = notices.filter(|notice| notice.kind == NoticeKind::SystemFile);
    let below = notices.map(|notice| notice.path.strip_prefix(dir.path()).unwrap().to_owned());
    below
        .map(|path| path.display().to_string().replace('\\', "/"))
        .collect()
}

#[test]
fn case_144_system_files_and_folders_are_left_out_unless_asked_for_or_named() {
    let folders = [
        "#recycle/a.mp4",
        "#snapshot/a.mp4",
        "$RECYCLE.BIN/S-1-5/$R1.mp4",
        ".Trash-1000/files/a.mp4",
        ".snapshot/hourly/a.mp4",
        ".stversions/a.mp4",
        ".zfs/snapshot/a.mp4",
        "System Volume Information/a.mp4",
        "__MACOSX/._a.mp4",
        "lost+found/#12.mp4",
        "sub/@eaDir/a.mp4/SYNOVIDEO_VIDEO_SCREENSHOT.jpg",
    ];
    let files = [
        "._x.mp4",
        ".hidden.mp4",
        ".trashed-1700000000-x.mp4",
        "sub/.pending-1700000000-y.mp4",
    ];
    let unfinished = ["a.mp4.part", "b.mp4.crdownload", "sub/Thumbs.db"];
    let good = ["a.mp4", "part.mp4", "sub/b.mp4", "trash/c.mp4"];
    let dir = tree(&[&folders[..], &files, &unfinished, &good].concat());
    assert_eq!(walk(&dir, &[""], WalkOptions::default()), good);
    let out = left_out(&dir, WalkOptions::default());
    assert_eq!(out.len(), folders.len() + files.len(), "{out:?}");
    for folder in [".Trash-1000", "sub/@eaDir", "lost+found", "._x.mp4"] {
        assert!(out.contains(&folder.to_owned()), "{folder}: {out:?}");
    }

    let all = |system_files| WalkOptions {
        filter: Filter::new(&[], &["trash".to_owned(), ".zfs".to_owned()], true).unwrap(),
        system_files,
        ..WalkOptions::default()
    };
    assert_eq!(walk(&dir, &[""], all(false)), good[..3]);
    let taken = folders.len() + files.len() + unfinished.len() + good.len() - 2;
    assert_eq!(walk(&dir, &[""], all(true)).len(), taken);
    assert!(left_out(&dir, all(true)).is_empty());
    assert!(!left_out(&dir, all(false)).contains(&".zfs".to_owned()));

    // What is named is taken, and below it all but what is the system's in turn.
    let named = [".Trash-1000", "._x.mp4", "a.mp4.part", "__MACOSX"];
    let rows = [".Trash-1000/files/a.mp4", "._x.mp4", "a.mp4.part"];
    assert_eq!(walk(&dir, &named, WalkOptions::default()), rows);
}

#[test]
fn globs_choose_and_an_excluded_folder_is_not_entered() {
    let dir = tree(&["a.mp4", "old/b.mp4", "new/c.mov", "new/d.mp4"]);
    let filter = |include: &[&str], exclude: &[&str]| {
        let owned = |globs: &[&str]| globs.iter().map(ToString::to_string).collect::<Vec<_>>();
        let filter = Filter::new(&owned(include), &owned(exclude), false).unwrap();
        WalkOptions {
            filter,
            ..WalkOptions::default()
        }
    };
    assert_eq!(
        walk(&dir, &[""], filter(&["*.mp4"], &["old"])),
        ["a.mp4", "new/d.mp4"]
    );
    assert_eq!(
        walk(&dir, &[""], filter(&["new/*"], &["d.*"])),
        ["new/c.mov"]
    );
    assert_eq!(
        walk(&dir, &["a.mp4", "new/c.mov"], filter(&[], &["a*"])),
        ["new/c.mov"]
    );
}

#[test]
fn case_088_own_files_are_never_uploaded() {
    let names = [
        "r.csv",
        "r.csv.tmp",
        ".r.csv.x1",
        "l.db",
        "l.db-wal",
        "l.db-shm",
        "l.db-journal",
    ];
    let mut all = names.to_vec();
    all.extend(["l.db-other", "r.csv2", "sub/r.csv"]);
    let dir = tree(&all);
    let options = WalkOptions {
        filter: Filter::new(&[], &[], true).unwrap(),
        own_files: vec![dir.path().join("sub/../r.csv"), dir.path().join("l.db")],
        ..WalkOptions::default()
    };
    let rows = walk(&dir, &["", "r.csv"], options);
    assert_eq!(rows, ["l.db-other", "r.csv2", "sub/r.csv"]);
}

#[cfg(unix)]
#[test]
fn case_079_links_are_left_alone_unless_followed_and_then_a_loop_is_told_and_has_no_row() {
    use std::os::unix::fs::symlink;
    let dir = tree(&["a.mp4", "sub/b.mp4"]);
    for (target, link) in [
        ("a.mp4", "l-file.mp4"),
        ("sub", "l-folder"),
        ("gone.mp4", "l-gone.mp4"),
        ("gone.txt", "l-gone.txt"),
        ("..", "sub/l-loop"),
    ] {
        symlink(target, dir.path().join(link)).unwrap();
    }
    assert_eq!(
        walk(&dir, &[""], WalkOptions::default()),
        ["a.mp4", "sub/b.mp4"]
    );
    let expected = [
        "a.mp4",
        "l-file.mp4",
        "l-folder/b.mp4",
        "l-gone.mp4 not_found",
        "sub/b.mp4",
    ];
    assert_eq!(walk(&dir, &[""], following()), expected);
    assert_eq!(loops(&dir, &[]), ["l-folder/l-loop", "sub/l-loop"]);
    assert_eq!(loops(&dir, &["sub"]), ["l-folder/l-loop"]);
    let given = walk(&dir, &["l-folder", "l-gone.mp4"], WalkOptions::default());
    assert_eq!(given, ["l-folder/b.mp4", "l-gone.mp4 not_found"]);
}

#[cfg(unix)]
#[test]
fn case_071_a_folder_that_may_not_be_read_has_a_row_and_the_walk_goes_on() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tree(&["a.mp4", "locked/b.mp4", "z.mp4"]);
    let locked = dir.path().join("locked");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser may read everything, and then there is nothing to see.
    let readable = fs::read_dir(&locked).is_ok();
    let rows = walk(&dir, &[""], WalkOptions::default());
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
    let middle = if readable {
        "locked/b.mp4"
    } else {
        "locked permission"
    };
    assert_eq!(rows, ["a.mp4", middle, "z.mp4"]);
}

#[cfg(unix)]
#[test]
fn case_078_a_fifo_named_like_a_video_is_a_candidate_and_not_opened() {
    let dir = tree(&[]);
    let made = std::process::Command::new("mkfifo")
        .arg(dir.path().join("p.mp4"))
        .status();
    assert!(made.unwrap().success());
    assert_eq!(walk(&dir, &[""], WalkOptions::default()), ["p.mp4"]);
}

#[cfg(target_os = "linux")]
#[test]
fn case_081_a_name_that_is_not_utf_8_keeps_its_raw_path() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tree(&[]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9%.mp4");
    File::create(dir.path().join(name)).unwrap();
    let rows: Vec<_> = Walk::new(vec![dir.path().into()], WalkOptions::default()).collect();
    assert_eq!(rows[0].path, dir.path().join(name));
    let cell = format!("%:{}/caf%E9%25.mp4", dir.path().display());
    assert_eq!(rows[0].cells, Cells::encode([cell.as_bytes()]));
}

#[cfg(unix)]
#[test]
fn case_087_two_thousand_levels_are_walked_and_what_lies_deeper_has_a_row() {
    let (dir, prefix) = (tree(&[]), tree(&[]));
    let deep = dir.path().join("d/".repeat(1990));
    fs::create_dir_all(&deep).unwrap();
    File::create(deep.join("x.mp4")).unwrap();
    let rows = walk(&dir, &[""], WalkOptions::default());
    assert_eq!(rows, ["d/".repeat(1990) + "x.mp4"]);

    // Renaming the top puts the bottom beyond what a path can name.
    let far = prefix.path().join("p".repeat(200));
    fs::rename(dir.path().join("d"), &far).unwrap();
    let rows = walk(&prefix, &[""], WalkOptions::default());
    assert_eq!(rows.len(), 1);
    assert!(rows[0].ends_with("/d name_too_long"), "{}", rows[0]);

    // From the bottom up: removing such a tree recursively takes a descriptor a level.
    fs::rename(&far, dir.path().join("d")).unwrap();
    fs::remove_file(deep.join("x.mp4")).unwrap();
    for folder in deep.ancestors().take(1990) {
        fs::remove_dir(folder).unwrap();
    }
}

/// Not run by default: `cargo test -- --ignored folder_of`.
#[test]
#[ignore = "makes 200,000 files"]
fn a_folder_of_two_hundred_thousand_files_is_walked_in_a_second_or_two() {
    let dir = tree(&[]);
    for at in 0..200_000 {
        File::create(dir.path().join(format!("{at}.mp4"))).unwrap();
    }
    let start = std::time::Instant::now();
    let rows = Walk::new(vec![dir.path().into()], WalkOptions::default()).count();
    println!("{rows} files walked in {:?}", start.elapsed());
    assert_eq!(rows, 200_000);
}
