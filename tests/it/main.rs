//! All integration tests, as one program: linked once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod api_answers;
mod api_faults;
mod cli;
mod common;
mod dedupe;
mod direct;
mod docs;
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
mod scene;
mod signals;
mod storage_faults;
mod upload;
