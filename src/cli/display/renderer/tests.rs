use super::*;

#[test]
fn lines_come_every_ten_seconds_for_a_minute_and_then_every_minute() {
    let start = Instant::now();
    let mut lines = LineRenderer::new(start);
    let due = (0..300).filter(|second| lines.is_due(start + Duration::from_secs(*second)));
    let due: Vec<u64> = due.collect();
    assert_eq!(due, [1, 10, 20, 30, 40, 50, 60, 120, 180, 240]);
}
