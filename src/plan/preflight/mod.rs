//! What the service would choke on, seen in the file itself: another format than its name says, a
//! recording that was cut off, a file that somebody still writes.
//!
//! Reads some bytes of a file, never its content. What it finds is a warning: the service has the
//! last word on what it takes.

mod boxes;
mod inspect;
mod magic;
mod warning;

pub use inspect::preflight;
pub use warning::Warning;
