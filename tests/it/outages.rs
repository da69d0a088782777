//! The service goes away under a whole run, for hours, on a paused clock.

use std::time::Duration;

use mavi_sandbox::{Processing, Sandbox, SandboxConfig};
use mavi_upload::run::RetryPolicy;
use mavi_upload::shutdown::StopCause;
use mavi_upload::{Settings, Summary};
use tokio::time::{Instant, sleep};

use crate::common::{Bench, free, upload};
use crate::network::assert_all_right;
use crate::proxy::{Proxy, address};

const HOUR: Duration = Duration::from_secs(3600);

/// A service behind a proxy for each of its sides, and a hundred files for it.
struct Scene {
    bench: Bench,
    sandbox: Sandbox,
    api: Proxy,
    storage: Proxy,
}

impl Scene {
    async fn new() -> Self {
        let (mut api, mut storage) = (Proxy::bind(), Proxy::bind());
        // Slow enough for all to be in flight when the service goes.
        let script = r#"
            [[rule]]
            call = "send"
            until = "1m"
            then = { delay = "20s", done = true, answer = "own" }
        "#;
        let sandbox = Sandbox::start(SandboxConfig {
            storage_origin: Some(storage.origin()),
            faults: script.parse().unwrap(),
            processing: Processing {
                median: Duration::from_secs(20),
                sigma: 0.5,
            },
            ..free()
        })
        .await
        .unwrap();
        api.lead_to(address(&sandbox));
        storage.lead_to(address(&sandbox));
        let bench = Bench::new();
        (0..100).for_each(|i| drop(bench.file(&format!("{i:03}.mp4"), 1_000)));
        Self {
            bench,
            sandbox,
            api,
            storage,
        }
    }

    fn settings(&self) -> Settings {
        let key = self.sandbox.api_key();
        let report = self.bench.report();
        let mut settings = Settings::new(key, &self.api.base_url(), report).unwrap();
        settings.retry = RetryPolicy::default();
        settings.rates.sign = 0.0;
        settings.rates.upload = 0.0;
        settings.rates.poll = 0.0;
        settings.concurrency = std::num::NonZeroUsize::new(100).unwrap().into();
        settings
    }

    fn set_away(&self, away: bool) {
        self.api.set_away(away);
        self.storage.set_away(away);
    }

    /// Runs, while the service is away for so long from the tenth second on.
    async fn run(&self, outage: Duration, settings: Settings) -> Summary {
        let goes_and_comes = async {
            sleep(Duration::from_secs(10)).await;
            assert_eq!(self.sandbox.stats().calls.send, 100, "all are in flight");
            self.set_away(true);
            sleep(outage).await;
            self.set_away(false);
        };
        let (summary, ()) = tokio::join!(upload(settings, self.bench.walk()), goes_and_comes);
        summary.unwrap()
    }

    /// The most connections that came to one side within a minute, from five minutes after `gone`
    /// until it was over.
    fn most_probes(&self, gone: Instant, outage: Duration) -> usize {
        let watched = gone + Duration::from_secs(300)..gone + outage;
        let most = |side: &Proxy| {
            let mut knocks = side.knocks();
            knocks.retain(|at| watched.contains(at));
            let minute = Duration::from_secs(59);
            let within = |at: Instant| {
                let knocks = knocks.iter();
                knocks.filter(|k| (at..at + minute).contains(k)).count()
            };
            knocks.iter().map(|at| within(*at)).max()
        };
        most(&self.api).max(most(&self.storage)).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn case_052_after_an_hour_without_the_service_a_hundred_files_go_on_and_none_failed() {
    let scene = Scene::new().await;
    let gone = Instant::now() + Duration::from_secs(10);
    let summary = scene.run(HOUR, scene.settings()).await;
    assert_eq!(summary.counts.success, 100, "{summary:?}");
    assert_all_right(&scene.bench, &scene.sandbox);
    assert_eq!(scene.sandbox.assets().len(), 100);
    assert_eq!(scene.most_probes(gone, HOUR), 1);
    let took = gone.elapsed();
    assert!(took < HOUR + Duration::from_secs(300), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn case_053_past_the_longest_outage_a_run_stops_and_the_next_one_completes() {
    let scene = Scene::new().await;
    let start = Instant::now();
    let summary = scene.run(3 * HOUR, scene.settings()).await;
    let Some(StopCause::Outage(words)) = &summary.cause else {
        panic!("{summary:?}")
    };
    assert!(words.contains(" could not be reached for 2h"), "{words}");
    assert_eq!((summary.counts.failed, summary.counts.rows()), (0, 100));
    let again = upload(scene.settings(), scene.bench.walk()).await.unwrap();
    assert_eq!(again.counts.success, 100, "{again:?}");
    assert_all_right(&scene.bench, &scene.sandbox);
    assert_eq!(scene.sandbox.assets().len(), 100);
    assert!(start.elapsed() < 4 * HOUR);
}

#[tokio::test(start_paused = true)]
async fn case_053_without_a_longest_outage_a_run_waits_for_ever() {
    let scene = Scene::new().await;
    let mut settings = scene.settings();
    settings.max_outage = None;
    let summary = scene.run(30 * HOUR, settings).await;
    assert_eq!(summary.counts.success, 100, "{summary:?}");
    assert_all_right(&scene.bench, &scene.sandbox);
}
