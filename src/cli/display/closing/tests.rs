use super::*;
use mavi_upload::model::{ErrorCode, RowFailure};

#[test]
fn failures_are_grouped_by_cause_the_most_frequent_first() {
    let mut failures = FailuresByCause::default();
    let mut fail = |path: &str, code, text: &str| {
        let failure = RowFailure::new(code, text);
        failures.observe(&Event::Failed {
            path: path.into(),
            failure,
        });
    };
    fail("/a.mp4", ErrorCode::NotFound, "no such file");
    fail("/b.mp4", ErrorCode::Empty, "the file is empty");
    fail("/c\u{1b}.mp4", ErrorCode::Empty, "the file is empty");
    assert_eq!(
        failures.lines(),
        [
            "failed rows by cause:",
            "  2 x empty: the file is empty (such as /b.mp4)",
            "  1 x not_found: no such file (such as /a.mp4); fix the paths in the input, or bring the files back",
        ]
    );
}
