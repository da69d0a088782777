//! A model of the service without a wire: exact on a paused clock, and quick enough for 100,000
//! files. It processes as the sandbox does and counts calls that come too early.

use std::collections::HashMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body::Body as _;
use mavi_sandbox::Processing;
use mavi_upload::api::{Fault, FileBody, SendFault, Service, SignedUpload, StatusAnswer};
use mavi_upload::model::{AssetId, Rates, SignedUrl, UploadStatus};
use mavi_upload::run::run_with;
use mavi_upload::source::{Walk, WalkOptions};
use mavi_upload::{Event, Settings, Shutdown, Summary};
use tokio::time::Instant;

/// Calls closer than this are violations, as in the sandbox at one request a second.
const GAP: Duration = Duration::from_millis(980);

/// What is said of an asset when it is polled, instead of the usual.
pub(crate) type Script = Box<dyn Fn(u64, u64) -> Option<Result<StatusAnswer, Fault>> + Send + Sync>;

/// The service in small. Clones are views of the same one.
#[derive(Clone)]
pub(crate) struct Model(Arc<Shared>);

struct Shared {
    processing: Processing,
    seed: u64,
    strict: bool,
    /// Bytes a second that an upload is taken at; `None` is at once.
    takes: Option<u32>,
    /// By the asset's number and how often it was polled before; `None` is the usual answer.
    script: Script,
    state: Mutex<State>,
}

/// What happened so far.
#[derive(Default)]
pub(crate) struct State {
    allotted: u64,
    arrived: HashMap<u64, (Instant, u64)>,
    last: [Option<Instant>; 3],
    pub(crate) violations: u64,
    /// When each asset was polled.
    pub(crate) polls: HashMap<u64, Vec<Instant>>,
    /// Sum of the times from being done to the poll that said so, in seconds.
    pub(crate) lag: f64,
}

impl Model {
    /// A strict service that processes so.
    pub(crate) fn new(processing: Processing, seed: u64, strict: bool) -> Self {
        Self::scripted(processing, seed, strict, Box::new(|_, _| None))
    }

    pub(crate) fn scripted(
        processing: Processing,
        seed: u64,
        strict: bool,
        script: Script,
    ) -> Self {
        Self(Arc::new(Shared {
            processing,
            seed,
            strict,
            takes: None,
            script,
            state: Mutex::default(),
        }))
    }

    /// The same, which takes uploads no faster than so many bytes a second.
    #[allow(dead_code, reason = "benches have no need of it")]
    pub(crate) fn taking(mut self, bytes_a_second: u32) -> Self {
        Arc::get_mut(&mut self.0).unwrap().takes = Some(bytes_a_second);
        self
    }

    pub(crate) fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    /// Lets a call in, unless it is too early.
    fn admit(&self, endpoint: usize) -> Result<(), Fault> {
        let (mut state, now) = (self.state(), Instant::now());
        let early = state.last[endpoint].is_some_and(|last| now.duration_since(last) < GAP);
        if self.0.strict && early {
            state.violations += 1;
            return Err(Fault::Throttled {
                retry_after: None,
                ambiguous: false,
            });
        }
        state.last[endpoint] = Some(now);
        Ok(())
    }
}

impl Service for Model {
    async fn sign(&self, _name: &str) -> Result<SignedUpload, Fault> {
        self.admit(0)?;
        let mut state = self.state();
        let no = state.allotted;
        state.allotted += 1;
        Ok(SignedUpload {
            asset_id: AssetId::parse(&format!("re_{no}")).unwrap(),
            url: SignedUrl::parse(&format!("https://storage.example/{no}")).unwrap(),
            expires_in: Duration::from_secs(93_600),
        })
    }

    async fn send(&self, url: &SignedUrl, mut body: FileBody) -> Result<(), SendFault> {
        self.admit(1).map_err(SendFault::Refused)?;
        let no = url.expose().path()[1..].parse().unwrap();
        while let Some(frame) =
            std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
        {
            let segment = frame.map_err(|_| SendFault::Aborted)?.into_data();
            if let (Some(rate), Ok(segment)) = (self.0.takes, segment) {
                let bytes = u32::try_from(segment.len()).unwrap();
                tokio::time::sleep(Duration::from_secs(1) * bytes / rate).await;
            }
        }
        let size = body.progress().file_bytes_taken();
        let arrived = (Instant::now(), size);
        self.state().arrived.insert(no, arrived);
        Ok(())
    }

    async fn status(&self, asset_id: &AssetId) -> Result<StatusAnswer, Fault> {
        self.admit(2)?;
        let no: u64 = asset_id.as_str()[3..].parse().unwrap();
        let (mut state, now) = (self.state(), Instant::now());
        let polls = state.polls.entry(no).or_default();
        let before = polls.len() as u64;
        polls.push(now);
        if let Some(answer) = (self.0.script)(no, before) {
            return answer;
        }
        let Some(&(arrived, size)) = state.arrived.get(&no) else {
            return Ok(StatusAnswer::Absent);
        };
        let done = arrived + self.0.processing.draw(self.0.seed, no);
        if now >= done {
            state.lag += now.duration_since(done).as_secs_f64();
        }
        let status = if now >= done {
            UploadStatus::Success
        } else {
            UploadStatus::Uploading
        };
        Ok(StatusAnswer::Found {
            status,
            file_size: Some(size),
        })
    }

    async fn direct(&self, _body: FileBody) -> Result<AssetId, SendFault> {
        Err(SendFault::Refused(Fault::NotFound("direct".to_owned())))
    }

    async fn delete(&self, _asset_id: &AssetId) -> Result<(), Fault> {
        Err(Fault::NotFound("delete".to_owned()))
    }

    async fn download(
        &self,
        _asset_id: &AssetId,
        _sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<u64, Fault> {
        Err(Fault::NotFound("download".to_owned()))
    }
}

/// When the last poll of a clairvoyant would find the last of `files` done: it knows when each is done
/// and calls at the same rates, one file each `period` and one poll a second.
pub(crate) fn clairvoyant(processing: Processing, seed: u64, files: u64, period: Duration) -> f64 {
    let done = |no: u64| {
        let draw = processing.draw(seed, no).as_secs_f64();
        period.as_secs_f64() * f64::from(u32::try_from(no).unwrap()) + draw
    };
    let mut done: Vec<f64> = (0..files).map(done).collect();
    done.sort_by(f64::total_cmp);
    done.iter().fold(-1.0, |last, at| (last + 1.0).max(*at))
}

/// What a run against the model came to.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Polls a file.
    pub(crate) polls: f64,
    /// The run's time over that of the clairvoyant.
    pub(crate) stretch: f64,
    /// Seconds from being done to the poll that says so, on average.
    pub(crate) lag: f64,
    /// Calls that came too early.
    pub(crate) violations: u64,
}

/// Uploads `files` files at one request a second, but one file each `period`, on a paused clock.
pub(crate) async fn rehearse(
    files: u32,
    processing: Processing,
    seed: u64,
    period: u32,
) -> Figures {
    let folder = library(files);
    let mut settings = settings(folder.path());
    settings.rates.upload = 1.0 / f64::from(period);
    let model = Model::new(processing, seed, true);
    let start = Instant::now();
    let summary = upload(settings, folder.path(), &model, |_: &Event| {}).await;
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(summary.counts.success, u64::from(files));
    let state = model.state();
    let every = Duration::from_secs(period.into());
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 polls")]
    let polls = state.polls.values().map(Vec::len).sum::<usize>() as f64;
    Figures {
        polls: polls / f64::from(files),
        stretch: seconds / clairvoyant(processing, seed, files.into(), every),
        lag: state.lag / f64::from(files),
        violations: state.violations,
    }
}

/// A folder with so many small files, and room for a report beside them.
pub(crate) fn library(files: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("library")).unwrap();
    for no in 0..files {
        let path = folder.path().join(format!("library/{no:06}.mp4"));
        std::fs::write(path, no.to_string()).unwrap();
    }
    folder
}

/// The defaults: one request a second for each endpoint.
pub(crate) fn settings(folder: &Path) -> Settings {
    let base = "https://api.example/serve/api/v2";
    let mut settings = Settings::new("sk-mavi-model", base, folder.join("report.csv")).unwrap();
    settings.rates = Rates::default();
    settings
}

/// Uploads a library to a model.
pub(crate) async fn upload(
    settings: Settings,
    folder: &Path,
    model: &Model,
    listener: impl mavi_upload::Listener,
) -> Summary {
    let source = Walk::new(vec![folder.join("library")], WalkOptions::default());
    run_with(
        settings,
        model.clone(),
        Box::new(source),
        listener,
        Shutdown::new(),
    )
    .await
    .unwrap()
}
