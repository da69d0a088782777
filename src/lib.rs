//! Uploads whole media libraries to the memories.ai MAVI service and reports which file became which
//! asset.
//!
//! ```text
//! source ──> decision ──> pipeline: sign -> send -> poll ──facts──> recorder ──> ledger ──> report
//! (manifest,  (skip,       one task a file, bounded: `machine`       (the one     (SQLite)   (CSV)
//!  walk)       refuse,     decides, `worker` acts,                    writer)
//!              work)       `rate_limit` spaces the calls)                │
//!                            └──────────────── event ────────────────────┴──> listeners
//! ```
//!
//! Each room imports only from levels below its own; a test keeps it so.
//!
//! | level | room | duty |
//! |---|---|---|
//! | 9 | [`mod@run`] | wires the rooms to one upload run |
//! | | [`plan`] | what a run would do and how long it would take, without one |
//! | | [`doctor`] | checks what a run would meet |
//! | 8 | `pipeline` | takes one file through sign, send and confirm |
//! | | [`verify`] | asks the service again about every asset of a report |
//! | | [`orphans`] | deletes assets that nothing uses any more, on request |
//! | 7 | `poll` | which asset is asked about next, and when |
//! | | `client` | one call about one asset, paced and tried again |
//! | 6 | `recorder` | the one writer: group commits, then answers |
//! | | `rate_limit` | the account's limits and the circuit breaker, as a decorator around the wire |
//! | 5 | [`report`] | the ledger's projection that people read |
//! | | `timeline` | how a run goes over time, computed from its events |
//! | | `retry` | what a fault leads to: policy, rules, budget |
//! | 4 | [`ledger`] | what must never be forgotten |
//! | | [`shutdown`] | the request to stop, and its cause |
//! | 3 | [`api`] | the wire: one attempt a call, one meaning an answer |
//! | | [`event`] | the border between work and display |
//! | | `decision` | skip, refuse or work; pure |
//! | 2 | [`source`] | names files: a manifest or a walk, one candidate at a time |
//! | | `body` | a file as a request body: streamed, hashed, broken off when it changes |
//! | 1 | [`model`] | the nouns that all rooms share |
//! | | [`text`], `clock`, `crash` | foreign words made fit to be shown; tokio's clock; kill points of tests |
//!
//! The binary `mavi` adds the command line. The package `mavi-sandbox` is the service in small, for
//! trying things out and for tests. `docs/architecture.md` walks a file, a chunk, a signed URL, a
//! Ctrl-C and a refused call through these rooms.
//!
//! # Example
//!
//! ```no_run
//! use mavi_upload::source::{Filter, Source, Walk, WalkOptions};
//! use mavi_upload::{BASE_URL, Event, Settings, Shutdown, run};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let key = std::env::var("MEMORIES_API_KEY")?;
//! let settings = Settings::new(&key, BASE_URL, "report.csv")?;
//! let source = Walk::new(vec!["videos".into()], WalkOptions::default());
//! let print = |event: &Event| println!("{event:?}");
//! let summary = run(settings, Box::new(source), print, Shutdown::new()).await?;
//! println!("{} files are up", summary.counts.success);
//! # Ok(())
//! # }
//! ```

pub mod api;
mod body;
mod client;
mod clock;
mod crash;
mod decision;
pub mod doctor;
pub mod event;
#[cfg(test)]
#[path = "../tests/internal/fuzz.rs"]
mod fuzz;
pub mod ledger;
pub mod model;
pub mod orphans;
mod pipeline;
pub mod plan;
mod poll;
mod rate_limit;
mod recorder;
pub mod report;
mod retry;
pub mod run;
pub mod shutdown;
pub mod source;
pub mod text;
mod timeline;
pub mod verify;

pub use event::{Event, Listener};
pub use run::{BASE_URL, RunError, Settings, Summary, run};
pub use shutdown::Shutdown;

/// What the benchmarks measure by itself. No part of the library's face: it changes without notice.
#[doc(hidden)]
pub mod internals {
    pub use crate::body::{FileBodyOptions, LocalFile};
    pub use crate::event::Events;
    pub use crate::recorder::{Recorder, admissions, recorder};
}
