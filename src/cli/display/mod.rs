//! What a person, or a program, sees of a run while it goes on.
//!
//! The listener counts and never waits; a thread of its own draws, so that a terminal that is
//! stopped, or a slow line, stops no upload.
//!
//! | part | duty |
//! |---|---|
//! | `state` | what listener and thread share |
//! | `progress`, `estimate` | the run in numbers, and when it will end; pure |
//! | `messages`, `status_line`, `closing` | an event, a moment, the end in words; pure |
//! | `view` | a moment as it is drawn; pure |
//! | `thread` | the thread |
//! | `renderer` | bars, or plain lines |
//! | `json` | objects for programs |

mod closing;
mod estimate;
mod json;
mod messages;
mod progress;
mod renderer;
mod state;
mod status_line;
mod thread;
mod verbosity;
mod view;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::cli::config::args::display::{DisplayArgs, ProgressMode};
use crate::cli::display::state::SharedState;
use crate::cli::display::verbosity::Verbosity;
use crate::cli::format::counted;
use crate::cli::output::say;

use mavi_upload::event::Event;
use mavi_upload::run::Summary;

/// How long the last view may take: a terminal that is stopped does not hold the exit.
const LAST: Duration = Duration::from_secs(1);

/// The display of one run.
#[derive(Debug)]
pub(crate) struct Display {
    shared: Arc<SharedState>,
    verbosity: Verbosity,
    start: Instant,
    /// Closed when the thread has drawn its last.
    drawing: Receiver<()>,
}

impl Display {
    /// Begins to draw, once there is something to show.
    pub(crate) fn start(args: DisplayArgs) -> Self {
        let (shared, verbosity) = (Arc::new(SharedState::default()), Verbosity::of(args));
        let (alive, drawing) = channel();
        let view = Arc::clone(&shared);
        let draw = move || {
            thread::draw(&view, verbosity);
            drop(alive);
        };
        // Without the thread nothing is drawn, and the run goes on.
        let _ = std::thread::Builder::new()
            .name("display".to_owned())
            .spawn(draw);
        Self {
            shared,
            verbosity,
            start: Instant::now(),
            drawing,
        }
    }

    /// The listener of the run.
    pub(crate) fn listener(&self) -> impl FnMut(&Event) + Send + 'static {
        let (shared, verbosity) = (Arc::clone(&self.shared), self.verbosity);
        move |event| shared.lock().hear(event, verbosity)
    }

    /// Says a line among what is drawn.
    pub(crate) fn voice(&self) -> impl FnOnce(String) + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move |line| shared.lock().words.push(line)
    }

    /// Draws what is left and stops; says how the run ended. `ended` is its summary, its exit code
    /// and its report, where it came to an end.
    pub(crate) fn end(self, ended: Option<(&Summary, u8, &Path)>) {
        let is_json = self.verbosity.mode == ProgressMode::Json;
        let object = ended.filter(|_| is_json);
        self.shared
            .end(object.map(|(summary, code, _)| json::ended(summary, code)));
        // Nothing is sent: this waits for the thread to end.
        let _ = self.drawing.recv_timeout(LAST);
        if self.verbosity.quiet {
            return;
        }
        for line in self.last_words(ended.map(|(summary, _, report)| (summary, report))) {
            say(&line);
        }
    }

    fn last_words(&self, ended: Option<(&Summary, &Path)>) -> Vec<String> {
        let state = self.shared.lock();
        let mut lines = Vec::new();
        let more = state.run.failed.saturating_sub(messages::NAMED_FAILURES);
        if more > 0 {
            let more = counted(more, "more failed row");
            lines.push(format!("and {more}: see the report"));
        }
        lines.extend(state.failures.lines());
        lines.extend(state.slots.clone());
        if let Some((summary, report)) = ended {
            let (time, bound) = (self.start.elapsed(), state.bound());
            lines.extend(closing::summary(summary, report, time, bound));
        }
        lines
    }
}
