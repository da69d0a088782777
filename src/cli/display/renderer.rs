//! Draws pictures: bars on a terminal, a plain line now and then elsewhere.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::cli::display::view::Picture;
use crate::cli::live;
use crate::cli::output::say;

/// Draws pictures.
pub(crate) trait Painter {
    /// The run looks like this now.
    fn paint(&mut self, picture: &Picture, now: Instant);
    /// The run is over.
    fn end(&mut self) {}
}

/// A bar, and lines of words below it.
pub(crate) struct Bars {
    bytes: ProgressBar,
    words: ProgressBar,
    /// Columns for names: what was once so wide stays so, and the numbers beside it stand still.
    names: usize,
}

impl Bars {
    pub(crate) fn new() -> Self {
        Self {
            bytes: live::line("{wide_bar} {percent:>3}%"),
            words: live::line("{msg}"),
            names: 0,
        }
    }
}

impl Painter for Bars {
    fn paint(&mut self, picture: &Picture, _: Instant) {
        // An input without bytes (all done before) is shown as done.
        let nothing = u64::from(picture.bytes == 0);
        self.bytes.set_length(picture.bytes.max(1));
        self.bytes.set_position(picture.bytes_sent.max(nothing));
        let width = usize::from(console::Term::stderr().size().1);
        // The last line is left to the cursor, and to what the terminal writes there.
        self.names = self.names.max(picture.name_width());
        let words = picture.words(width, self.names);
        self.words.set_message(words.join("\n") + "\n");
    }

    fn end(&mut self) {
        // What scrolled by stays; the bar has said what it had to say.
        live::remove(&self.bytes);
        live::remove(&self.words);
    }
}

/// Plain lines: when there is something to say, every 10 s for a minute, every minute after that.
pub(crate) struct Lines {
    start: Instant,
    next: Duration,
}

impl Lines {
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

impl Painter for Lines {
    fn paint(&mut self, picture: &Picture, now: Instant) {
        if self.is_due(now) {
            say(&format!("{} | {}", picture.stages, picture.progress));
        }
    }
}

/// No pictures, words alone: with `--progress none` and `--progress json`.
pub(crate) struct Words;

impl Painter for Words {
    fn paint(&mut self, _: &Picture, _: Instant) {}
}

#[cfg(test)]
mod tests;
