use super::*;

#[test]
fn what_the_caches_tell_is_what_the_disk_tells() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    std::fs::write(&path, "bytes").unwrap();
    let stamp = FileStamp::of(&std::fs::metadata(&path).unwrap());
    // Which file systems can answer is for the system to say: none has to.
    for cached in [
        cached_stamp(&path),
        LocalFile::open_cached(&path).map(|file| *file.stamp()),
    ] {
        assert!(cached.is_none_or(|cached| cached == stamp), "{cached:?}");
    }
}

#[test]
fn case_078_what_is_no_regular_file_is_left_to_those_who_may_wait() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.mp4");
    for path in [
        Path::new("/proc/version"),
        Path::new("/dev/null"),
        folder.path(),
        &missing,
    ] {
        assert!(LocalFile::open_cached(path).is_none(), "{}", path.display());
    }
    assert!(cached_stamp(&missing).is_none());
}

#[test]
fn case_073_a_file_that_is_no_longer_what_was_opened_is_left_to_those_who_may_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    std::fs::write(&path, "bytes").unwrap();
    let (local, mut buffer) = (LocalFile::open(&path).unwrap(), [0; 5]);
    if local.read_cached(&mut buffer).is_none() {
        return; // This file system cannot tell.
    }
    assert_eq!(&buffer, b"bytes");
    // Kernels before 6.13 tell two changes within some milliseconds not apart.
    std::thread::sleep(std::time::Duration::from_millis(20));
    let other = folder.path().join("b.mp4");
    std::fs::write(&other, "other").unwrap();
    std::fs::rename(&other, &path).unwrap();
    assert!(local.read_cached(&mut buffer).is_none(), "replaced");
    let local = LocalFile::open(&path).unwrap();
    std::fs::write(&path, "longer").unwrap();
    assert!(local.read_cached(&mut buffer).is_none(), "written to");
}
