//! Shows views: bars on a terminal, a plain line now and then elsewhere.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::cli::display::view::RunView;
use crate::cli::live;
use crate::cli::output::say;

pub(crate) trait Renderer {
    fn render(&mut self, view: &RunView, now: Instant);
    /// The run is over.
    fn end(&mut self) {}
}

/// A bar, and lines of text below it.
pub(crate) struct BarRenderer {
    bytes: ProgressBar,
    text: ProgressBar,
    /// Columns for names. They never shrink, so that the numbers beside them stand still.
    names: usize,
}

impl BarRenderer {
    pub(crate) fn new() -> Self {
        Self {
            bytes: live::line("{wide_bar} {percent:>3}%"),
            text: live::line("{msg}"),
            names: 0,
        }
    }
}

impl Renderer for BarRenderer {
    fn render(&mut self, view: &RunView, _: Instant) {
        // An input without bytes (all done before) is shown as done.
        let nothing = u64::from(view.bytes == 0);
        self.bytes.set_length(view.bytes.max(1));
        self.bytes.set_position(view.bytes_sent.max(nothing));
        let width = usize::from(console::Term::stderr().size().1);
        // The last line is left to the cursor, and to what the terminal writes there.
        self.names = self.names.max(view.name_width());
        let lines = view.lines(width, self.names);
        self.text.set_message(lines.join("\n") + "\n");
    }

    fn end(&mut self) {
        live::remove(&self.bytes);
        live::remove(&self.text);
    }
}

/// Plain lines: after a second, every 10 s for a minute, every minute after that.
pub(crate) struct LineRenderer {
    start: Instant,
    next: Duration,
}

impl LineRenderer {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            start: now,
            next: Duration::from_secs(1),
        }
    }

    /// Whether a line is due; sets when the next one is.
    fn is_due(&mut self, now: Instant) -> bool {
        let age = now.duration_since(self.start);
        if age < self.next {
            return false;
        }
        let step = if age < Duration::from_secs(60) {
            10
        } else {
            60
        };
        self.next = Duration::from_secs((age.as_secs() / step + 1) * step);
        true
    }
}

impl Renderer for LineRenderer {
    fn render(&mut self, view: &RunView, now: Instant) {
        if self.is_due(now) {
            say(&format!("{} | {}", view.stages, view.progress));
        }
    }
}

/// No views, messages alone: with `--progress none` and `--progress json`.
pub(crate) struct NoRenderer;

impl Renderer for NoRenderer {
    fn render(&mut self, _: &RunView, _: Instant) {}
}

#[cfg(test)]
mod tests;
