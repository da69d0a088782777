use super::*;

#[tokio::test(start_paused = true)]
async fn a_changed_gap_counts_from_the_change() {
    let second = Duration::from_secs(1);
    let mut spacing = Spacing::new(second);
    assert_eq!(spacing.take(), Ok(()));
    assert_eq!(spacing.take(), Err(second));
    tokio::time::advance(second / 2).await;
    spacing.change(second * 3);
    assert_eq!(spacing.take(), Err(second * 3));
    tokio::time::advance(second * 3).await;
    assert_eq!(spacing.take(), Ok(()));
    spacing.change(Duration::ZERO);
    assert_eq!((spacing.take(), spacing.take()), (Ok(()), Ok(())));
}

#[test]
fn the_last_round_trips_count() {
    let mut trips = LatencyWindow::default();
    assert_eq!((trips.longest(), trips.median()), Default::default());
    trips.add(Duration::from_secs(9));
    assert_eq!(trips.jitter(), Duration::from_secs(9));
    (0..32).for_each(|i| trips.add(Duration::from_millis(40 + i)));
    assert_eq!(trips.longest(), Duration::from_millis(71));
    assert_eq!(trips.median(), Duration::from_millis(56));
    assert_eq!(trips.jitter(), Duration::from_millis(31));
}
