use super::*;

#[test]
fn case_089_the_extension_tells_the_kind_in_any_case() {
    let table = [
        ("a.mp4", Some(MediaKind::Video)),
        ("dir.x/A.MP4", Some(MediaKind::Video)),
        ("a.tar.mKv", Some(MediaKind::Video)),
        ("a.M4A", Some(MediaKind::Audio)),
        ("a.TIFF", Some(MediaKind::Image)),
        ("a.txt", None),
        ("a.mp", None),
        ("a.mp4 ", None),
        ("mp4", None),
        (".mp4", None),
        ("a.", None),
        ("", None),
    ];
    for (name, kind) in table {
        assert_eq!(MediaKind::of(Path::new(name)), kind, "{name:?}");
        assert_eq!(is_media(Path::new(name)), kind.is_some(), "{name:?}");
    }
}
