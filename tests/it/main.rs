//! All integration tests, as one program: linked once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod cli;
mod common;
mod dedupe;
mod direct;
mod hard_names;
mod inspect;
#[cfg(unix)]
mod kill;
mod limits;
mod looks;
mod meddler;
mod model;
mod report;
mod retries;
mod sandbox;
mod signals;
mod upload;
