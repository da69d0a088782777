use super::*;
use mavi_upload::model::{ErrorCode, RowFailure};

#[test]
fn case_137_lines_hold_nothing_that_a_terminal_obeys_and_names_survive() {
    let name = "a\u{1b}[31m\u{9b}\u{202e}日本\n.mp4";
    let failed = Event::Failed {
        path: name.into(),
        failure: RowFailure::new(ErrorCode::Io, "why"),
    };
    let line = event(&failed).unwrap();
    assert!(line.chars().all(mavi_upload::text::is_harmless), "{line}");
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["path"], name);
    assert_eq!(
        (&value["v"], &value["event"]),
        (&2.into(), &"failed".into())
    );
}
