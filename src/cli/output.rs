//! What mavi writes: words for people to stderr, data to stdout.
//!
//! A closed terminal or pipe is no error: no one is left to read.

use std::io::Write as _;

use crate::cli::{color, live};
use mavi_upload::text::harmless;

/// Writes a line to stderr, above the live lines. No byte of it is one that a terminal obeys.
pub(crate) fn say(line: &str) {
    let line = harmless(line);
    live::above(|| {
        let _ = writeln!(anstream::stderr(), "{}", color::with_prefix(&line));
    });
}

/// Writes a line of data to stdout.
pub(crate) fn print(line: &str) {
    let _ = writeln!(anstream::stdout(), "{line}");
}

/// Writes whole text to stdout.
pub(crate) fn print_bytes(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}
