use tokio::time::Instant;

use super::*;

fn parsed(text: &str) -> Timetable {
    text.parse().unwrap()
}

/// 4 uploads share a line for 20 s: within 5 % in all, and evenly.
#[tokio::test(start_paused = true)]
async fn uploads_share_a_line_evenly_and_keep_its_rate() {
    for (text, rate) in [("1M", 1e6), ("40M", 4e7), ("900M", 9e8)] {
        let line = Arc::new(Bandwidth::new(parsed(text)).unwrap());
        let start = Instant::now();
        let mut uploads = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let line = Arc::clone(&line);
            uploads.spawn(async move {
                let mut sent = 0.0;
                while start.elapsed() < Duration::from_secs(20) {
                    let slice = u32::try_from(line.slice().unwrap()).unwrap() - 7;
                    line.take(slice.into()).await;
                    sent += f64::from(slice);
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
