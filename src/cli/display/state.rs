//! What the listener and the display's thread share: one adds events, the other takes what is to be
//! shown.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::config::args::display::ProgressMode;
use crate::cli::display::closing::FailuresByCause;
use crate::cli::display::estimate::Bottleneck;
use crate::cli::display::json;
use crate::cli::display::messages::{concurrency, message};
use crate::cli::display::progress::RunProgress;
use crate::cli::display::verbosity::Verbosity;
use mavi_upload::event::{ChangeReason, Event};

#[derive(Debug, Default)]
pub(crate) struct SharedState {
    state: Mutex<DisplayState>,
    over: Condvar,
}

#[derive(Debug, Default)]
pub(crate) struct DisplayState {
    pub(crate) run: RunProgress,
    pub(crate) failures: FailuresByCause,
    /// Messages for people, and objects for programs, that were not written yet.
    pub(crate) messages: Vec<String>,
    pub(crate) objects: Vec<String>,
    /// The object that comes after all others.
    pub(crate) ended: Option<Value>,
    /// Ticks by what was waited for.
    pub(crate) waits: HashMap<Bottleneck, u32>,
    /// The last choice of `-j auto`, in words.
    pub(crate) concurrency: Option<String>,
    over: bool,
}

impl SharedState {
    pub(crate) fn lock(&self) -> MutexGuard<'_, DisplayState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next tick, or for the end. Returns whether it is the end.
    pub(crate) fn wait_for_end(&self, tick: Duration) -> bool {
        let waited = self
            .over
            .wait_timeout_while(self.lock(), tick, |state| !state.over);
        waited.map_or_else(|error| error.into_inner().0.over, |(state, _)| state.over)
    }

    /// The run is over, and this object is the last.
    pub(crate) fn end(&self, ended: Option<Value>) {
        let mut state = self.lock();
        state.over = true;
        state.ended = ended;
        self.over.notify_all();
    }
}

impl DisplayState {
    pub(crate) fn observe(&mut self, event: &Event, verbosity: Verbosity) {
        self.run.observe(event, Instant::now());
        self.failures.observe(event);
        if let Event::Concurrency(change) = event
            && change.why != ChangeReason::Trial
        {
            self.concurrency = Some(concurrency(change));
        }
        if verbosity.mode == ProgressMode::Json {
            self.objects.extend(json::event(event));
        }
        let message = message(event, self.run.failed, verbosity.verbose);
        self.messages.extend(message.filter(|_| !verbosity.quiet));
    }

    /// What was waited for most of the time.
    pub(crate) fn bottleneck(&self) -> Option<Bottleneck> {
        let most = self.waits.iter().max_by_key(|(_, ticks)| **ticks);
        most.map(|(bottleneck, _)| *bottleneck)
    }
}
