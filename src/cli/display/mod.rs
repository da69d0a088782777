//! What a person or a program is shown of a run while it goes on.
//!
//! The listener counts and never waits. A thread of its own writes, so that a stopped terminal or a
//! slow remote one stops no upload.
//!
//! | part | duty |
//! |---|---|
//! | `thread` | the thread |
//! | `state` | what listener and thread share |
//! | `renderer` | bars, or plain lines |
//! | `view`, `json` | a moment for people; events and moments for programs |
//! | `messages`, `closing` | an event and the end in words; pure |
//! | `estimate` | throughput, time left, and what limits it; pure |
//! | `progress` | the state of the run, gathered from events; pure |
//! | `verbosity` | how much is shown |

mod closing;
mod estimate;
mod json;
mod messages;
mod progress;
mod renderer;
mod state;
mod thread;
mod verbosity;
mod view;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::cli::config::args::display::{DisplayArgs, ProgressMode};
use crate::cli::display::messages::NAMED_FAILURES;
use crate::cli::display::state::SharedState;
use crate::cli::display::verbosity::Verbosity;
use crate::cli::format::counted;
use crate::cli::output::say;
use mavi_upload::event::Event;
use mavi_upload::run::Summary;

/// How long the last tick may take: a stopped terminal does not hold the exit.
const LAST: Duration = Duration::from_secs(1);

/// The display of one run.
#[derive(Debug)]
pub(crate) struct Display {
    shared: Arc<SharedState>,
    verbosity: Verbosity,
    start: Instant,
    /// Closed when the thread has written its last.
    thread: Receiver<()>,
}

impl Display {
    pub(crate) fn start(args: DisplayArgs) -> Self {
        let (shared, verbosity) = (Arc::new(SharedState::default()), Verbosity::of(args));
        let (alive, thread) = channel();
        let of_thread = Arc::clone(&shared);
        let show = move || {
            thread::show(&of_thread, verbosity);
            drop(alive);
        };
        // Without the thread nothing is shown, and the run continues.
        let _ = std::thread::Builder::new()
            .name("display".to_owned())
            .spawn(show);
        Self {
            shared,
            verbosity,
            start: Instant::now(),
            thread,
        }
    }

    /// The listener of the run.
    pub(crate) fn listener(&self) -> impl FnMut(&Event) + Send + 'static {
        let (shared, verbosity) = (Arc::clone(&self.shared), self.verbosity);
        move |event| shared.lock().observe(event, verbosity)
    }

    /// Shows a line with the messages of events.
    pub(crate) fn messenger(&self) -> impl FnOnce(String) + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move |line| shared.lock().messages.push(line)
    }

    /// Shows what is left, stops, and sums the run up. `ended` is its summary, its exit code and its
    /// report, where it came to an end.
    pub(crate) fn end(self, ended: Option<(&Summary, u8, &Path)>) {
        let is_json = self.verbosity.mode == ProgressMode::Json;
        let object = ended.filter(|_| is_json);
        self.shared
            .end(object.map(|(summary, code, _)| json::ended(summary, code)));
        // Nothing is ever sent: this waits for the thread to end.
        let _ = self.thread.recv_timeout(LAST);
        if self.verbosity.quiet {
            return;
        }
        for line in self.closing_lines(ended.map(|(summary, _, report)| (summary, report))) {
            say(&line);
        }
    }

    fn closing_lines(&self, ended: Option<(&Summary, &Path)>) -> Vec<String> {
        let state = self.shared.lock();
        let mut lines = Vec::new();
        let more = state.run.failed.saturating_sub(NAMED_FAILURES);
        if more > 0 {
            let more = counted(more, "more failed row");
            lines.push(format!("and {more}: see the report"));
        }
        lines.extend(state.failures.lines());
        lines.extend(state.concurrency.clone());
        if let Some((summary, report)) = ended {
            let (time, bottleneck) = (self.start.elapsed(), state.bottleneck());
            lines.extend(closing::summary(summary, report, time, bottleneck));
        }
        lines
    }
}
