//! A whole run, from settings and a source to a summary: sets the rooms up and connects them.
//!
//! Decides nothing about files and knows no terminal.

pub mod fd_limit;
mod list;
mod paths;
mod settings;
mod summary;

use std::sync::Arc;

use tokio::task::JoinHandle;

pub use crate::body::{ParseTimetableError, Timetable};
pub use crate::decision::{DIRECT_SIZE, MAX_SIZE, Rules};
pub use crate::pipeline::{Concurrency, ConfirmPolicy, Via};
pub use crate::retry::RetryPolicy;
pub use paths::{Paths, absolute_path, own_files};
pub use settings::{BASE_URL, Settings, SettingsError};
use summary::Tally;
pub use summary::{RunError, Summary};

use crate::api::{HttpService, Service};
use crate::body::Bandwidth;
use crate::client::identify;
use crate::event::{Event, Events, Listener};
use crate::ledger::{Durability, Identity, Ledger, LedgerError, Op, RunRecord, TimelineChange};
use crate::pipeline;
use crate::pipeline::{ConcurrencyController, RunContext};
use crate::poll::PollScheduler;
use crate::rate_limit::{CooldownPolicy, OutagePolicy, RateLimitPolicy, RateLimited};
use crate::recorder::{RecordError, Recorder, recorder};
use crate::report::{self, ReportError, Tail};
use crate::retry::Budget;
use crate::shutdown::Shutdown;
use crate::source::{Cells, Source};

/// Uploads everything a source names to the MAVI service and writes the report.
///
/// What `listener` receives, and when, is in [`Event`]. `shutdown` ends the run early; whatever way it
/// ends, the same call goes on where it stopped.
///
/// # Errors
/// When nothing could be started (settings, ledger, report), or when the ledger or the report
/// cannot be written any more. Rows that failed are no error: see [`Summary`].
///
/// # Cancellation
/// Dropping the future stops everything at once; what is committed is kept, and the report is
/// rebuilt by the next run.
pub async fn run(
    settings: Settings,
    source: Box<dyn Source>,
    listener: impl Listener,
    shutdown: Shutdown,
) -> Result<Summary, RunError> {
    let service = HttpService::new(settings.http()).map_err(RunError::Http)?;
    run_with(settings, service, source, listener, shutdown).await
}

/// As [`run`], with a service of one's own.
///
/// # Errors
/// As [`run`].
pub async fn run_with<S: Service>(
    mut settings: Settings,
    service: S,
    source: Box<dyn Source>,
    listener: impl Listener,
    shutdown: Shutdown,
) -> Result<Summary, RunError> {
    let too_few = fd_limit::lower(&mut settings.concurrency);
    let (ledger, run, tail) = begin(&settings, &service, source.columns().clone()).await?;
    let ledger_is_new = ledger.is_new();

    let (events, received) = Events::channel();
    let (recorder, writer) = recorder(ledger, run.clone(), tail, events.clone(), shutdown.clone());
    let tally = tokio::spawn(summary::listen(received, listener, recorder.downgrade()));
    events.send(Event::Started {
        ledger: settings.ledger.clone(),
        ledger_is_new,
        rates: settings.rates,
    });
    if let Some(words) = too_few {
        events.send(Event::Warning(words));
    }
    let writing = tokio::spawn(writer.run());

    let service = RateLimited::new(
        service,
        settings.address.host(),
        settings.rates,
        limits(&settings, !ledger_is_new),
        events.clone(),
        shutdown.draining().clone(),
    );
    work(&settings, service, source, recorder, events, &shutdown).await;
    finish(&run, writing, tally, shutdown).await
}

/// Opens the ledger and claims the report, and begins the run in both.
async fn begin<S: Service>(
    settings: &Settings,
    service: &S,
    columns: Cells,
) -> Result<(Ledger, RunRecord, Tail), RunError> {
    report::apart(&settings.report, &settings.ledger)?;
    if !settings.ledger.exists() {
        // Before the ledger: none is made for a report that cannot be written.
        report::claim(&settings.report, None, settings.overwrite)?;
    }
    let mut ledger = open_ledger(settings, service).await?;
    report::claim(&settings.report, Some(&ledger), settings.overwrite)?;
    // Before this one is begun, which would be the latest then.
    let earlier = ledger.latest_run()?;
    let run = ledger.begin_run(&settings.report, columns)?;
    let tail = Tail::begin(&run, earlier.as_ref(), &ledger)?;
    Ok((ledger, run, tail))
}

/// What the calls keep to; `resumed`: an earlier run may have called just now.
fn limits(settings: &Settings, resumed: bool) -> RateLimitPolicy {
    RateLimitPolicy {
        cooldown: CooldownPolicy {
            first: settings.retry.delay,
            longest: settings.retry.max_delay,
        },
        outage: OutagePolicy::new(&settings.retry, settings.max_outage),
        in_flight: settings.concurrency.most(),
        resumed,
    }
}

/// Lists the input and sees every file through; returns when both have ended.
async fn work<S: Service>(
    settings: &Settings,
    service: RateLimited<S>,
    source: Box<dyn Source>,
    recorder: Recorder,
    events: Events,
    shutdown: &Shutdown,
) {
    let listing = {
        let (recorder, rules) = (recorder.downgrade(), settings.rules);
        let (events, shutdown) = (events.downgrade(), shutdown.clone());
        tokio::task::spawn_blocking(move || {
            list::list(source, &rules, &recorder, &events, &shutdown)
        })
    };
    let context = Arc::new(RunContext {
        service,
        recorder: recorder.clone(),
        events,
        via: settings.via,
        bandwidth: Bandwidth::new(settings.bandwidth.clone()).map(Arc::new),
        concurrency: ConcurrencyController::new(settings.concurrency),
        retry: settings.retry,
        budget: Budget::new(settings.retry.max_delay),
        confirm: settings.confirm,
        polls: PollScheduler::new(settings.confirm, most_polls(settings)),
        claims: settings.dedupe.then(Arc::default),
        shutdown: shutdown.clone(),
    });
    // A recorder that stopped, or a listing that broke off with it, is reported by the recorder.
    let _ = pipeline::run(context).await;
    // A listing that hangs on a disk that does not answer is left behind.
    tokio::select! {
        _ = listing => {}
        () = shutdown.abort_calls().cancelled() => {}
    }
    // Last: the writer ends when no recorder is left.
    drop(recorder);
}

/// Polls under way at once: where their rate is limited the next one leaves after an answer anyway.
fn most_polls(settings: &Settings) -> usize {
    if settings.rates.poll > 0.0 {
        1
    } else {
        settings.concurrency.most().get()
    }
}

/// Ends the run in ledger and report: the recorder's end, the report in its final form, the summary.
async fn finish(
    run: &RunRecord,
    writing: JoinHandle<Result<Ledger, LedgerError>>,
    tally: JoinHandle<(Tally, Option<TimelineChange>)>,
    shutdown: Shutdown,
) -> Result<Summary, RunError> {
    let written = writing.await.map_err(|_| LedgerError::panicked())?;
    let (tally, timeline) = tally.await.unwrap_or_default();
    let mut ledger = written.map_err(ReportError::from).map_err(RecordError)?;
    let run = run.clone();
    let closing = tokio::task::spawn_blocking(move || {
        let counts = report::rewrite(&ledger, &run)?;
        let (run, report) = (run.id, report::version(&run.report));
        let timeline = timeline.map(|change| Op::Timeline { run, change });
        let end = timeline.into_iter().chain([Op::EndRun { run, report }]);
        ledger.commit(Durability::Synced, &end.collect::<Vec<_>>())?;
        Ok::<_, ReportError>(counts)
    });
    let counts = closing.await.map_err(|_| LedgerError::panicked())?;
    let counts = counts.map_err(RecordError)?;
    let interrupted = shutdown.draining().is_cancelled() && shutdown.cause().is_none();
    Ok(Summary {
        counts,
        tally,
        cause: shutdown.cause().cloned(),
        interrupted,
    })
}

/// Opens the ledger and makes sure that it belongs to this service and account.
async fn open_ledger<S: Service>(settings: &Settings, service: &S) -> Result<Ledger, RunError> {
    let mut ledger = Ledger::open(&settings.ledger)?;
    let identity = Identity {
        base_url: settings.address.as_str().to_owned(),
        account: settings.api_key.fingerprint(),
    };
    identify(&mut ledger, &identity, settings.adopt_ledger, service).await?;
    Ok(ledger)
}
