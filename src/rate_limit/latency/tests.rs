use super::*;

#[test]
fn the_last_ones_count() {
    let mut trips = LatencyWindow::default();
    assert_eq!((trips.longest(), trips.median()), Default::default());
    trips.note(Duration::from_secs(9));
    assert_eq!(trips.jitter(), Duration::from_secs(9));
    (0..32).for_each(|i| trips.note(Duration::from_millis(40 + i)));
    assert_eq!(trips.longest(), Duration::from_millis(71));
    assert_eq!(trips.median(), Duration::from_millis(56));
    assert_eq!(trips.jitter(), Duration::from_millis(31));
}
