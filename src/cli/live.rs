//! The lines that are drawn over again at the bottom of the terminal, and the words that scroll by
//! above them.
//!
//! The cursor rests at the left below them. There the `^C` that a terminal writes by itself moves
//! nothing, and goes with the lines.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use console::{Term, measure_text_width};

/// What is on the terminal now: one for the process, as the terminal is.
static SHOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The terminal's rows and columns.
pub(super) fn size() -> (usize, usize) {
    let (rows, columns) = Term::stderr().size();
    (rows.into(), columns.into())
}

/// Draws these lines in place of those that are shown.
pub(super) fn show(lines: Vec<String>) {
    let mut shown = shown();
    // A terminal over a slow line is shared with whoever types on it.
    if *shown != lines {
        // A terminal that is gone is nobody to talk to, here and below.
        let _ = redraw(&shown, &lines);
        *shown = lines;
    }
}

/// Says something above the lines. They are gone until they are shown again.
pub(super) fn above(say: impl FnOnce()) {
    let mut shown = shown();
    let _ = redraw(&shown, &[]);
    shown.clear();
    say();
}

fn shown() -> MutexGuard<'static, Vec<String>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All in one write, so that nothing flickers.
fn redraw(old: &[String], new: &[String]) -> io::Result<()> {
    let term = Term::buffered_stderr();
    if !old.is_empty() {
        term.move_cursor_up(rows(old, size().1))?;
        term.clear_to_end_of_screen()?;
    }
    for line in new {
        term.write_line(line)?;
    }
    term.flush()
}

/// How many rows the lines take: more than there are lines where the terminal has become narrower
/// and folded them.
fn rows(lines: &[String], width: usize) -> usize {
    let rows = |line: &String| measure_text_width(line).div_ceil(width.max(1)).max(1);
    lines.iter().map(rows).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_the_terminal_folded_take_more_rows() {
        let lines = ["━━━━━━━━╸ 42%".to_owned(), String::new()];
        assert_eq!([13, 12, 6].map(|width| rows(&lines, width)), [2, 3, 4]);
    }
}
