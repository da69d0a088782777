//! The lines at the bottom of the terminal that are redrawn in place. What they show is decided
//! elsewhere.

use std::io;
use std::sync::LazyLock;

use console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

/// The most redraws a second: a remote terminal is slow, and is also typed on.
const REDRAWS: u8 = 10;

/// One for the process, as the terminal is.
static LINES: LazyLock<MultiProgress> =
    LazyLock::new(|| MultiProgress::with_draw_target(target(Term::buffered_stderr())));

fn target(term: Term) -> ProgressDrawTarget {
    if term.is_term() {
        ProgressDrawTarget::term_like_with_hz(Box::new(Screen(term)), REDRAWS)
    } else {
        ProgressDrawTarget::hidden()
    }
}

/// One more line at the bottom, by a template of indicatif's.
pub(crate) fn line(template: &str) -> ProgressBar {
    let line = LINES.add(ProgressBar::new(0));
    if let Ok(style) = ProgressStyle::with_template(template) {
        line.set_style(style.progress_chars("━╸ "));
    }
    line
}

/// Removes a line.
pub(crate) fn remove(line: &ProgressBar) {
    line.finish_and_clear();
    LINES.remove(line);
}

/// Runs what writes to the terminal, above the lines.
pub(crate) fn above(say: impl FnOnce()) {
    LINES.suspend(say);
}

/// A terminal whose cursor rests at the left edge between two redraws. indicatif leaves it at the
/// right one. There the `^C` that a terminal writes by itself begins a line that indicatif does not
/// count: the lines would be redrawn one too low, and the first of them stay on the screen.
#[derive(Debug)]
struct Screen(Term);

impl TermLike for Screen {
    fn width(&self) -> u16 {
        self.0.size().1
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        // A closed terminal is no error.
        let _ = self.0.write_str("\r").and_then(|()| self.0.flush());
        Ok(())
    }
}
