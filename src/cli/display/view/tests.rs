use super::*;

#[test]
fn words_are_folded_between_their_parts() {
    let words = "preparing 1 · sending 4 · processing 23 · done 402 of 1000 files";
    assert_eq!(fold(words, 80), [words]);
    let narrow = [
        "preparing 1 · sending 4 · processing 23",
        "done 402 of 1000 files",
    ];
    assert_eq!(fold(words, 40), narrow);
}

#[test]
fn an_upload_fits_into_forty_columns() {
    let upload = UploadView {
        name: "holiday in the mountains, the third day, evening.mp4".to_owned(),
        percent: 34,
        rate: "1.2 MB/s".to_owned(),
    };
    let line = upload.line(upload.name_width(), 40);
    assert_eq!(measure_text_width(&line), 40, "{line}");
    assert!(line.ends_with(".mp4   34%    1.2 MB/s"), "{line}");
    let short = UploadView {
        name: "海.mp4".to_owned(),
        ..upload
    };
    assert_eq!(short.line(8, 40), "  海.mp4     34%    1.2 MB/s");
}
