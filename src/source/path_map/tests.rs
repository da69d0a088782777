use super::*;

#[test]
fn case_164_a_path_below_the_folder_is_mapped_and_no_other() {
    let table = [
        (
            r"D:\videos=/mnt/v",
            r"D:\videos\2024\a.mp4",
            Some("/mnt/v/2024/a.mp4"),
        ),
        (
            r"D:\videos\=/mnt/v",
            r"d:/Videos/a.mp4",
            Some("/mnt/v/a.mp4"),
        ),
        (r"d:=/mnt/d", r"D:\a.mp4", Some("/mnt/d/a.mp4")),
        (r"\\nas\v=here", r"\\NAS\v\a.mp4", Some("here/a.mp4")),
        (r"v=/mnt/v", r"v\sub\a.mp4", Some("/mnt/v/sub/a.mp4")),
        (
            "/data=/mnt/data",
            "/data/a b.mp4",
            Some("/mnt/data/a b.mp4"),
        ),
        ("/data=/mnt/a=b", "/data/a.mp4", Some("/mnt/a=b/a.mp4")),
        ("/=/mnt", "/a.mp4", Some("/mnt/a.mp4")),
        (r"D:\videos=/mnt/v", r"D:\videos2\a.mp4", None),
        (r"D:\videos=/mnt/v", r"E:\videos\a.mp4", None),
        ("/data=/mnt/data", "/Data/a.mp4", None),
        ("/data=/mnt/data", "data/a.mp4", None),
        ("/data=/mnt/data", "/data", None),
    ];
    for (map, path, right) in table {
        let mapped = map.parse::<PathMap>().unwrap().apply(path.as_bytes());
        assert_eq!(mapped.as_deref(), right.map(str::as_bytes), "{map} {path}");
    }
    for text in ["", "D:", "=/mnt", "D:="] {
        assert_eq!(text.parse::<PathMap>(), Err(ParsePathMapError), "{text}");
    }
}
