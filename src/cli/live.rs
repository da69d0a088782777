//! The lines that are drawn over again at the bottom of the terminal, and the words that scroll by
//! above them.

use std::sync::LazyLock;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The most redraws a second: a terminal over a slow line is shared with whoever types on it.
const REDRAWS: u8 = 10;

/// One for the process, as the terminal is.
static LINES: LazyLock<MultiProgress> =
    LazyLock::new(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(REDRAWS)));

/// One more line at the bottom, by a template of indicatif's.
pub(super) fn line(template: &str) -> ProgressBar {
    let line = LINES.add(ProgressBar::new(0));
    if let Ok(style) = ProgressStyle::with_template(template) {
        line.set_style(style.progress_chars("━╸ "));
    }
    line
}

/// Takes a line away for good.
pub(super) fn remove(line: &ProgressBar) {
    line.finish_and_clear();
    LINES.remove(line);
}

/// Says something above the lines.
pub(super) fn above(say: impl FnOnce()) {
    LINES.suspend(say);
}
