use super::*;

#[tokio::test(start_paused = true)]
async fn an_empty_budget_waits_for_two_successes_or_its_longest_time() {
    let budget = Budget::new(Duration::from_secs(32));
    let start = Instant::now();
    for _ in 0..100 {
        budget.spend().await;
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    let success = async {
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_secs(5)).await;
            budget.earn();
        }
    };
    tokio::join!(budget.spend(), success);
    assert_eq!(start.elapsed().as_secs(), 10);
    budget.spend().await;
    assert_eq!(start.elapsed().as_secs(), 42);
}
