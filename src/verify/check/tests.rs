//! The check against a service that refuses, throttles, goes away and sends too much, on a paused
//! clock.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::api::{AccountFault, Fault, SendFault, SignedUpload};
use crate::body::FileBody;
use crate::model::{AssetId, SignedUrl};
use crate::verify::AssetSample;

const SIZE: u64 = 5;

/// Holds five bytes of every asset, and answers *status* as it is scripted.
#[derive(Debug, Default)]
struct Scripted {
    faults: Mutex<HashMap<&'static str, VecDeque<Fault>>>,
    asked: Mutex<Vec<String>>,
    /// Chunks that a download is made of, and how it ends; each is used once.
    downloads: Mutex<VecDeque<(usize, Result<(), Fault>)>>,
}

impl Service for &'static Scripted {
    async fn sign(&self, _: &str) -> Result<SignedUpload, Fault> {
        Err(Fault::Cancelled)
    }

    async fn send(&self, _: &SignedUrl, _: FileBody) -> Result<(), SendFault> {
        Err(SendFault::Aborted)
    }

    async fn status(&self, asset_id: &AssetId) -> Result<StatusAnswer, Fault> {
        self.asked.lock().unwrap().push(asset_id.to_string());
        let mut faults = self.faults.lock().unwrap();
        let next = faults.get_mut(asset_id.as_str());
        let found = StatusAnswer::Found {
            status: UploadStatus::Success,
            file_size: Some(SIZE),
        };
        next.and_then(VecDeque::pop_front).map_or(Ok(found), Err)
    }

    async fn direct(&self, _: FileBody) -> Result<AssetId, SendFault> {
        Err(SendFault::Aborted)
    }

    async fn delete(&self, _: &AssetId) -> Result<(), Fault> {
        Err(Fault::Cancelled)
    }

    async fn download(
        &self,
        _: &AssetId,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<u64, Fault> {
        let next = self.downloads.lock().unwrap().pop_front();
        let (chunks, end) = next.unwrap_or((1, Ok(())));
        for _ in 0..chunks {
            sink(b"bytes");
            tokio::task::yield_now().await;
        }
        end.map(|()| SIZE * chunks as u64)
    }
}

/// A service that lives as long as the test's process: the decorator wants to own it.
fn scripted(faults: impl IntoIterator<Item = (&'static str, Vec<Fault>)>) -> &'static Scripted {
    let faults = faults.into_iter().map(|(id, faults)| (id, faults.into()));
    Box::leak(Box::new(Scripted {
        faults: Mutex::new(faults.collect()),
        ..Scripted::default()
    }))
}

/// Checks a report of these assets, a row each. Returns how it ended and the findings' words.
async fn check(
    ids: &[&str],
    service: &'static Scripted,
    download: bool,
) -> (Verified, Vec<&'static str>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.csv");
    let header = format!("path,{}\n", crate::report::COLUMNS.join(","));
    let text = ids.iter().fold(header, |mut text, id| {
        writeln!(text, "{id}.mp4,{id},success,{SIZE},,1,,,,").unwrap();
        text
    });
    std::fs::write(&path, text).unwrap();
    let report = Report::open(&path).unwrap();
    let options = VerifyOptions {
        sample: AssetSample::WHOLE,
        rate: 1.0,
        retry: RetryPolicy::default(),
        max_outage: Some(Duration::from_secs(7_200)),
        download,
    };
    let scope = VerifyScope::of(&report, options.sample).unwrap();
    let host = "service.example".to_owned();
    let check = Verification::new(report, scope, service, host, options, Shutdown::new());
    let mut words = Vec::new();
    let verified = check.run(|_, verdict| words.push(verdict.word())).await;
    (verified.unwrap(), words)
}

fn throttle() -> Fault {
    Fault::Throttled {
        retry_after: Some(Duration::from_secs(60)),
        ambiguous: false,
    }
}

#[tokio::test(start_paused = true)]
async fn case_067_each_asset_is_asked_once_a_second_apart_and_throttles_are_waited_out() {
    let service = scripted([("re_2", vec![throttle()])]);
    let start = Instant::now();
    let (verified, words) = check(&["re_1", "re_2", "re_1", "re_2", "re_3"], service, false).await;
    assert_eq!(words, ["ok"; 5]);
    assert!(verified.counts.is_well());
    let asked = service.asked.lock().unwrap().clone();
    assert_eq!(asked, ["re_1", "re_2", "re_2", "re_3"]);
    assert!(
        start.elapsed() >= Duration::from_secs(63),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn an_asset_that_the_service_will_not_speak_of_is_counted_and_the_rest_is_checked() {
    let no = Fault::Rejected(400, "not now".to_owned());
    let lost = vec![Fault::Broken("reset by peer".to_owned()); 2];
    let service = scripted([("re_1", vec![no]), ("re_2", lost)]);
    let (verified, words) = check(&["re_1", "re_2"], service, false).await;
    assert_eq!(words, ["not_asked", "ok"]);
    assert!(!verified.counts.is_well());
}

#[tokio::test(start_paused = true)]
async fn case_007_043_the_account_and_an_outage_end_it_and_the_rows_add_up() {
    let away = || Fault::Connect("service.example: connection refused".to_owned());
    let no_credits = Fault::Account(AccountFault::OutOfCredits);
    let ends = [
        (vec![no_credits], "the account is out of credits (402)"),
        (
            vec![away(); 500],
            "service.example could not be reached for",
        ),
    ];
    for (faults, words) in ends {
        let service = scripted([("re_2", faults.clone()), ("re_3", faults)]);
        let (verified, _) = check(&["re_1", "re_2", "re_3", "re_3"], service, false).await;
        let cause = verified.cause.unwrap().to_string();
        assert!(cause.contains(words), "{cause}");
        let tally = verified.counts;
        assert_eq!(tally.checked() + tally.not_reached, 4, "{tally:?}");
        assert!(tally.ok == 1 && !tally.is_well());
    }
}

#[tokio::test(start_paused = true)]
async fn a_download_is_counted_broken_off_when_it_goes_on_and_begun_anew_twice_at_most() {
    let broken = || Err(Fault::Broken("reset by peer".to_owned()));
    let service = scripted([]);
    let ends = [
        (0, Err(throttle())),
        (1, broken()),
        (1, Ok(())),
        (1_000, Ok(())),
        (1, broken()),
        (1, broken()),
        (1, broken()),
    ];
    *service.downloads.lock().unwrap() = ends.into();
    let (verified, words) = check(&["re_1", "re_2", "re_3"], service, true).await;
    assert_eq!(words, ["ok", "wrong_size", "not_asked"]);
    assert_eq!(verified.downloaded, SIZE * (2 + 2 + 3));
}
