//! How a run ended, in numbers counted from its events. Writes nothing.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use crate::api::HttpBuildError;
use crate::event::{Event, Listener};
use crate::ledger::{Counts, LedgerError, TimelineChange};
use crate::recorder::{RecordError, WeakRecorder};
use crate::report::ReportError;
use crate::shutdown::StopCause;
use crate::timeline::{BEAT, Timeline};

/// How a run ended.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Rows by status; they add up to the input's rows.
    pub counts: Counts,
    /// What happened on the way.
    pub tally: Tally,
    /// The account or the service made it stop.
    pub cause: Option<StopCause>,
    /// It was asked to stop.
    pub interrupted: bool,
}

/// What happened in a run, counted from its events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Bytes of the files whose bytes were sent whole.
    pub bytes_sent: u64,
    /// Files whose bytes were sent whole.
    pub sent: u64,
    /// Files whose bytes another file's asset holds already.
    pub shared: u64,
    /// Rows that an earlier run had finished.
    pub skipped: u64,
    /// Status checks of assets.
    #[serde(rename = "status_checks")]
    pub polls: u64,
    /// Throttle answers.
    pub throttles: u64,
    /// Answers that were lost and may have held an asset id. Such an asset holds no bytes.
    pub possible_orphans: u64,
}

/// Why a run could not start or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The HTTP client.
    #[error(transparent)]
    Http(HttpBuildError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The report.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Writing failed under way.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Tally {
    fn count(&mut self, event: &Event) {
        match event {
            Event::Sent { size, .. } => {
                self.sent += 1;
                self.bytes_sent += size;
            }
            Event::Shared { .. } => self.shared += 1,
            Event::Skipped { .. } => self.skipped += 1,
            Event::Polled { .. } => self.polls += 1,
            Event::Throttled { .. } => self.throttles += 1,
            Event::AnswerLost { .. } => self.possible_orphans += 1,
            _ => {}
        }
    }
}

/// How often the timeline of the run is written down.
const WRITE_EACH: Duration = Duration::from_secs(5);

/// Passes events to the listener, in order, until the run is over, and has its timeline written
/// down. Returns the counts, and what of the timeline is left to write.
pub(super) async fn listen(
    mut events: mpsc::UnboundedReceiver<Event>,
    mut listener: impl Listener,
    recorder: WeakRecorder,
) -> (Tally, Option<TimelineChange>) {
    let (mut tally, mut timeline) = (Tally::default(), Timeline::new(Instant::now()));
    let mut beats = tokio::time::interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut written = Instant::now();
    loop {
        tokio::select! {
            biased;
            event = events.recv() => {
                let Some(event) = event else { break };
                tally.count(&event);
                timeline.observe(&event, Instant::now());
                listener.on_event(&event);
            }
            now = beats.tick() => {
                timeline.beat(now);
                if now - written >= WRITE_EACH && recorder.record_timeline(|| timeline.change()) {
                    written = now;
                }
            }
        }
    }
    timeline.beat(Instant::now());
    (tally, timeline.change())
}
