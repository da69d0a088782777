//! What the listener and the drawing thread share: one hears, the other takes what there is to show.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::config::args::display::Progress;
use crate::cli::display::closing::Failures;
use crate::cli::display::estimate::Binds;
use crate::cli::display::json;
use crate::cli::display::messages;
use crate::cli::display::progress::Board;
use crate::cli::display::verbosity::Taste;
use mavi_upload::event::{ChangeReason, Event};

#[derive(Debug, Default)]
pub(crate) struct Shared {
    state: Mutex<State>,
    over: Condvar,
}

/// The run as it was heard so far.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) board: Board,
    pub(crate) failures: Failures,
    /// Words for people, and objects for programs, that were not written yet.
    pub(crate) words: Vec<String>,
    pub(crate) objects: Vec<String>,
    /// The object that comes after all others.
    pub(crate) ended: Option<Value>,
    /// How many beats each thing was waited for.
    pub(crate) waits: HashMap<Binds, u32>,
    /// What became of `-j auto`, in words.
    pub(crate) slots: Option<String>,
    over: bool,
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
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

impl State {
    pub(crate) fn hear(&mut self, event: &Event, taste: Taste) {
        self.board.hear(event, Instant::now());
        self.failures.hear(event);
        if let Event::Concurrency(choice) = event
            && choice.why != ChangeReason::Trial
        {
            self.slots = Some(messages::slots(choice));
        }
        if taste.shown == Progress::Json {
            self.objects.extend(json::event(event));
        }
        let words = messages::of(event, self.board.failed, taste.verbose);
        self.words.extend(words.filter(|_| !taste.quiet));
    }

    /// What was waited for most of the time.
    pub(crate) fn bound(&self) -> Option<Binds> {
        let most = self.waits.iter().max_by_key(|(_, beats)| **beats);
        most.map(|(binds, _)| *binds)
    }
}
