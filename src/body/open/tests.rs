use super::*;

#[test]
fn case_078_what_is_no_regular_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| LocalFile::open(path).unwrap_err().code;
    assert_eq!(refused(folder.path()), ErrorCode::NotRegular);
    assert_eq!(
        refused(&folder.path().join("missing.mp4")),
        ErrorCode::NotFound
    );
    #[cfg(unix)]
    assert_eq!(refused(Path::new("/dev/null")), ErrorCode::NotRegular);
}

#[test]
fn case_073_a_file_that_is_no_longer_what_was_opened_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    std::fs::write(&path, "bytes").unwrap();
    let local = LocalFile::open(&path).unwrap();
    assert_eq!(local.difference().unwrap(), None);
    // Kernels before 6.13 tell two changes within some milliseconds not apart.
    std::thread::sleep(std::time::Duration::from_millis(20));
    let other = folder.path().join("b.mp4");
    std::fs::write(&other, "other").unwrap();
    std::fs::rename(&other, &path).unwrap();
    assert!(local.difference().unwrap().is_some(), "replaced");
    let local = LocalFile::open(&path).unwrap();
    std::fs::write(&path, "longer").unwrap();
    assert!(local.difference().unwrap().is_some(), "written to");
}
