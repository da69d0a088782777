use super::*;

#[tokio::test(start_paused = true)]
async fn a_changed_gap_counts_from_the_change() {
    let second = Duration::from_secs(1);
    let mut starts = Starts::new(second);
    assert_eq!(starts.take(), Ok(()));
    assert_eq!(starts.take(), Err(second));
    tokio::time::advance(second / 2).await;
    starts.change(second * 3);
    assert_eq!(starts.take(), Err(second * 3));
    tokio::time::advance(second * 3).await;
    assert_eq!(starts.take(), Ok(()));
    starts.change(Duration::ZERO);
    assert_eq!((starts.take(), starts.take()), (Ok(()), Ok(())));
}
