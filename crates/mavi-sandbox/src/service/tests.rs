//! How names of files are cut and stored.

use super::*;

#[test]
fn a_name_is_cut_as_the_service_does() {
    assert_eq!(stem_and_extension("3.mp4"), ("3", "mp4"));
    assert_eq!(stem_and_extension("a.b.mov"), ("a.b", "mov"));
    assert_eq!(stem_and_extension("none"), ("none", ""));
    assert_eq!(stem_and_extension(".mp4"), (".mp4", ""));
}

#[test]
fn a_kept_file_stays_in_its_folder() {
    assert_eq!(stored_name("re_1", "a.MP4"), "re_1.MP4");
    assert_eq!(stored_name("re_1", "a./../../x"), "re_1.bin");
    assert_eq!(stored_name("re_1", "a.mp4\0"), "re_1.bin");
    assert_eq!(stored_name("re_1", "a"), "re_1.bin");
}
