//! What the listener and the drawing thread share: one hears, the other takes what there is to show.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::config::args::display::ProgressMode;
use crate::cli::display::closing::FailuresByCause;
use crate::cli::display::estimate::Bottleneck;
use crate::cli::display::json;
use crate::cli::display::messages;
use crate::cli::display::progress::RunProgress;
use crate::cli::display::verbosity::Verbosity;
use mavi_upload::event::{ChangeReason, Event};

#[derive(Debug, Default)]
pub(crate) struct SharedState {
    state: Mutex<DisplayState>,
    over: Condvar,
}

/// The run as it was heard so far.
#[derive(Debug, Default)]
pub(crate) struct DisplayState {
    pub(crate) run: RunProgress,
    pub(crate) failures: FailuresByCause,
    /// Words for people, and objects for programs, that were not written yet.
    pub(crate) words: Vec<String>,
    pub(crate) objects: Vec<String>,
    /// The object that comes after all others.
    pub(crate) ended: Option<Value>,
    /// How many beats each thing was waited for.
    pub(crate) waits: HashMap<Bottleneck, u32>,
    /// What became of `-j auto`, in words.
    pub(crate) slots: Option<String>,
    over: bool,
}

impl SharedState {
    pub(crate) fn lock(&self) -> MutexGuard<'_, DisplayState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next beat, or for the end. Gives whether it is the end.
    pub(crate) fn beat(&self, pause: Duration) -> bool {
        let waited = self
            .over
            .wait_timeout_while(self.lock(), pause, |state| !state.over);
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
    pub(crate) fn hear(&mut self, event: &Event, verbosity: Verbosity) {
        self.run.hear(event, Instant::now());
        self.failures.hear(event);
        if let Event::Concurrency(choice) = event
            && choice.why != ChangeReason::Trial
        {
            self.slots = Some(messages::slots(choice));
        }
        if verbosity.mode == ProgressMode::Json {
            self.objects.extend(json::event(event));
        }
        let words = messages::of(event, self.run.failed, verbosity.verbose);
        self.words.extend(words.filter(|_| !verbosity.quiet));
    }

    /// What was waited for most of the time.
    pub(crate) fn bound(&self) -> Option<Bottleneck> {
        let most = self.waits.iter().max_by_key(|(_, beats)| **beats);
        most.map(|(bottleneck, _)| *bottleneck)
    }
}
