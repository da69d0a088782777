//! What the service says of an asset holds for every file that shares it.

use std::collections::HashMap;
use std::fs;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body::Body;
use mavi_upload::api::{Fault, FileBody, SendFault, Service, SignedUpload, StatusAnswer};
use mavi_upload::model::{AssetId, SignedUrl, UploadStatus};
use mavi_upload::run::run_with;
use mavi_upload::{Event, Settings, Shutdown, Summary};

use crate::common::Bench;

/// A service that allots `re_0`, `re_1`, ... and says of each what it was told to.
#[derive(Debug, Clone, Default)]
struct Scripted(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    assets: usize,
    /// POSTs that arrived, for each asset.
    posts: HashMap<String, u32>,
    /// Where it is not as the POSTs say.
    statuses: HashMap<String, UploadStatus>,
    /// Storage refuses one more POST.
    refuses: bool,
}

impl Scripted {
    fn say(&self, id: &str, status: UploadStatus) {
        let statuses = &mut self.0.lock().unwrap().statuses;
        statuses.insert(id.to_owned(), status);
    }

    fn posts(&self) -> Vec<(String, u32)> {
        let posts = self.0.lock().unwrap().posts.clone();
        let mut posts: Vec<_> = posts.into_iter().collect();
        posts.sort();
        posts
    }
}

impl Service for Scripted {
    async fn sign(&self, _: &str) -> Result<SignedUpload, Fault> {
        let mut script = self.0.lock().unwrap();
        let id = format!("re_{}", script.assets);
        script.assets += 1;
        Ok(SignedUpload {
            asset_id: AssetId::parse(&id).unwrap(),
            url: SignedUrl::parse(&format!("https://storage.example/{id}")).unwrap(),
            expires_in: Duration::from_secs(3600),
        })
    }

    async fn send(&self, url: &SignedUrl, mut parcel: FileBody) -> Result<(), SendFault> {
        while poll_fn(|context| Pin::new(&mut parcel).poll_frame(context))
            .await
            .is_some()
        {}
        let id = url.expose().path().trim_start_matches('/').to_owned();
        let mut script = self.0.lock().unwrap();
        if std::mem::take(&mut script.refuses) {
            return Err(SendFault::Refused(Fault::Rejected(
                413,
                "too large".to_owned(),
            )));
        }
        *script.posts.entry(id).or_default() += 1;
        Ok(())
    }

    async fn status(&self, asset_id: &AssetId) -> Result<StatusAnswer, Fault> {
        let script = self.0.lock().unwrap();
        let id = asset_id.as_str();
        let arrived = if script.posts.contains_key(id) {
            UploadStatus::Success
        } else {
            UploadStatus::Waiting
        };
        Ok(StatusAnswer::Found {
            status: script.statuses.get(id).cloned().unwrap_or(arrived),
            file_size: None,
        })
    }

    async fn direct(&self, _: FileBody) -> Result<AssetId, SendFault> {
        unreachable!("not asked for")
    }

    async fn delete(&self, _: &AssetId) -> Result<(), Fault> {
        unreachable!("not asked for")
    }

    async fn download(&self, _: &AssetId, _: &mut (dyn FnMut(&[u8]) + Send)) -> Result<u64, Fault> {
        unreachable!("not asked for")
    }
}

/// Two files with the same bytes.
fn duplicate_candidates() -> Bench {
    let bench = Bench::new();
    let first = bench.file("a.mp4", 5_000);
    fs::copy(&first, bench.library().join("b.mp4")).unwrap();
    bench
}

fn settings(bench: &Bench) -> Settings {
    let base_url = "https://service.example/api";
    let mut settings = Settings::new("sk-mavi-test", base_url, bench.report()).unwrap();
    settings.rates = mavi_upload::model::Rates {
        sign: 0.0,
        upload: 0.0,
        poll: 0.0,
    };
    settings.retry.delay = Duration::from_millis(1);
    settings.confirm.poll_interval = Duration::from_millis(1);
    settings.dedupe = true;
    settings
}

async fn upload(service: &Scripted, settings: Settings, bench: &Bench) -> Summary {
    let quiet = |_: &Event| {};
    run_with(
        settings,
        service.clone(),
        bench.walk(),
        quiet,
        Shutdown::new(),
    )
    .await
    .unwrap()
}

/// Both files share `re_0`, which nobody has looked at.
async fn sent_unconfirmed(service: &Scripted, bench: &Bench) {
    let mut unconfirmed = settings(bench);
    unconfirmed.confirm.timeout = None;
    assert_eq!(upload(service, unconfirmed, bench).await.counts.pending, 2);
    assert_eq!(service.posts(), [("re_0".to_owned(), 1)]);
}

fn ids(bench: &Bench) -> Vec<String> {
    let rows = bench.rows().into_iter();
    rows.map(|row| row["asset_id"].clone()).collect()
}

#[tokio::test]
async fn a_shared_asset_that_failed_is_replaced_by_one_that_is_shared() {
    let (bench, service) = (duplicate_candidates(), Scripted::default());
    sent_unconfirmed(&service, &bench).await;
    service.say("re_0", UploadStatus::Failed);
    assert_eq!(
        upload(&service, settings(&bench), &bench)
            .await
            .counts
            .success,
        2
    );
    assert_eq!(ids(&bench), ["re_1", "re_1"]);
    assert_eq!(service.posts().len(), 2);
}

#[tokio::test]
async fn a_shared_asset_that_failed_is_replaced_by_two_without_dedupe() {
    let (bench, service) = (duplicate_candidates(), Scripted::default());
    sent_unconfirmed(&service, &bench).await;
    service.say("re_0", UploadStatus::Failed);
    let mut without = settings(&bench);
    without.dedupe = false;
    assert_eq!(upload(&service, without, &bench).await.counts.success, 2);
    let mut ids = ids(&bench);
    ids.sort();
    assert_eq!(ids, ["re_1", "re_2"]);
}

#[tokio::test]
async fn a_shared_asset_where_nothing_arrived_is_given_up_and_filled_by_nobody() {
    for dedupe in [true, false] {
        let (bench, service) = (duplicate_candidates(), Scripted::default());
        sent_unconfirmed(&service, &bench).await;
        service.say("re_0", UploadStatus::Waiting);
        let mut late = settings(&bench);
        late.dedupe = dedupe;
        late.confirm.timeout = Some(Duration::ZERO);
        assert_eq!(upload(&service, late, &bench).await.counts.success, 2);
        assert_eq!(service.posts()[0], ("re_0".to_owned(), 1));
        assert_eq!(service.posts().len(), if dedupe { 2 } else { 3 });
    }
}

#[tokio::test]
async fn a_twin_of_a_file_that_failed_tries_by_itself() {
    let (bench, service) = (duplicate_candidates(), Scripted::default());
    service.0.lock().unwrap().refuses = true;
    let summary = upload(&service, settings(&bench), &bench).await;
    assert_eq!((summary.counts.failed, summary.counts.success), (1, 1));
    // Either of them may have been the first to hash its bytes.
    let mut ends: Vec<_> = bench
        .rows()
        .iter()
        .map(|row| (row["asset_id"].clone(), row["error_code"].clone()))
        .collect();
    ends.sort();
    let ends: Vec<_> = ends.iter().map(|(id, code)| (&**id, &**code)).collect();
    let paid_for_is_used = [("", "storage_413"), ("re_0", "")];
    assert_eq!(ends, paid_for_is_used);
    // The one that failed finds its bytes there.
    assert_eq!(
        upload(&service, settings(&bench), &bench)
            .await
            .counts
            .success,
        2
    );
    assert_eq!(ids(&bench), ["re_0", "re_0"]);
}
