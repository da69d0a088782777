use super::*;

#[test]
fn times_have_two_units_at_most() {
    let told = |seconds| duration(Duration::from_secs(seconds));
    let all = [0, 59, 61, 3_660, 90_000].map(told);
    assert_eq!(all, ["0s", "59s", "1m 1s", "1h 1m", "1d 1h"]);
}

#[test]
fn names_are_cut_in_the_middle_and_keep_their_extension() {
    assert_eq!(cut_middle("short.mp4", 20), "short.mp4");
    let cut = cut_middle("a very long name of a holiday film.mp4", 20);
    assert_eq!(console::measure_text_width(&cut), 20);
    assert!(cut.starts_with("a ver") && cut.ends_with("m.mp4"), "{cut}");
    let wide = cut_middle(&"日本の海".repeat(9), 13);
    assert!(console::measure_text_width(&wide) <= 13, "{wide}");
    assert_eq!(cut_middle("日本", 1), "…");
}
