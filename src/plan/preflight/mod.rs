//! What the service would reject, found in the file itself: another format than its name says, a
//! recording that was cut off, a file that is still being written.
//!
//! Reads some bytes of a file, never its content. What it finds is a warning: the service decides
//! what it accepts.

mod boxes;
mod inspect;
mod magic;
mod warning;

pub(crate) use inspect::preflight;
pub(crate) use warning::Warning;
