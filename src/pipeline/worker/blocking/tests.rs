use std::time::Duration;

use super::*;
use crate::model::ErrorCode;

/// Work that hangs until the sender is dropped.
fn hanging() -> (
    std::sync::mpsc::Sender<()>,
    impl FnOnce(&Heartbeat) -> Result<(), RowFailure> + Send,
) {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let work = move |_: &Heartbeat| {
        let _ = receiver.recv();
        Ok(())
    };
    (sender, work)
}

#[tokio::test(start_paused = true)]
async fn case_084_a_disk_that_does_not_answer_for_a_minute_costs_the_row() {
    let (_hangs, work) = hanging();
    let watching = tokio::spawn(async { run_blocking(&Shutdown::new(), work).await });
    tokio::task::yield_now().await;
    tokio::time::advance(Duration::from_secs(59)).await;
    tokio::task::yield_now().await;
    assert!(!watching.is_finished());
    tokio::time::advance(Duration::from_secs(2)).await;
    let failure = watching.await.unwrap().unwrap().unwrap_err();
    assert_eq!(failure.code, ErrorCode::ReadStall);
}

#[tokio::test(start_paused = true)]
async fn case_084_signs_of_life_are_waited_for_and_the_runs_end_is_not() {
    let (hangs, work) = hanging();
    let beating = move |beat: &Heartbeat| {
        assert!((0..3).all(|_| beat.beat()));
        work(beat)
    };
    let shutdown = Shutdown::new();
    let theirs = shutdown.clone();
    let watching = tokio::spawn(async move { run_blocking(&theirs, beating).await });
    for _ in 0..30 {
        tokio::task::yield_now().await;
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert!(!watching.is_finished());
    shutdown.abort_now();
    assert!(watching.await.unwrap().is_none());
    drop(hangs);
    let (hangs, work) = hanging();
    drop(hangs);
    assert_eq!(run_blocking(&Shutdown::new(), work).await, Some(Ok(())));
}
