//! Points at which the kill matrix ends the process, as a `kill -9` from outside would.
//!
//! They exist in this library's own unit tests and nowhere else: in any other build they are empty
//! functions.

#[cfg(test)]
#[cfg(unix)]
#[path = "../tests/internal/crash/mod.rs"]
mod armed;

#[cfg(all(test, unix))]
pub(crate) use armed::point;

/// A place where a process may be killed; `name` says what has just happened, or is about to.
#[cfg(not(all(test, unix)))]
#[inline]
pub(crate) fn point(_name: &'static str) {}
