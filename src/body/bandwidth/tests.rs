use tokio::time::Instant;

use super::*;

fn parsed(text: &str) -> Timetable {
    text.parse().unwrap()
}

/// 4 uploads share a rate for 20 s: within 5 % in all, and evenly.
#[tokio::test(start_paused = true)]
async fn uploads_share_a_rate_evenly_and_keep_to_it() {
    for (text, rate) in [("1M", 1e6), ("40M", 4e7), ("900M", 9e8)] {
        let bandwidth = Arc::new(Bandwidth::new(parsed(text)).unwrap());
        let start = Instant::now();
        let mut uploads = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let bandwidth = Arc::clone(&bandwidth);
            uploads.spawn(async move {
                let mut sent = 0.0;
                while start.elapsed() < Duration::from_secs(20) {
                    let segment = u32::try_from(bandwidth.segment().unwrap()).unwrap() - 7;
                    bandwidth.take(segment.into()).await;
                    sent += f64::from(segment);
                }
                sent / 20.0 / rate
            });
        }
        let shares = uploads.join_all().await;
        let all: f64 = shares.iter().sum();
        assert!((0.95..1.05).contains(&all), "{text}: {shares:?}");
        let is_fair = |share: &f64| (0.2375..0.2625).contains(share);
        assert!(shares.iter().all(is_fair), "{text}: {shares:?}");
    }
}
