//! Uploads whole media libraries to the memories.ai MAVI service, and says which file became which
//! asset.
//!
//! ```text
//! source ──> plan ──> pipeline: sign -> send -> confirm ──facts──> record ──> ledger ──> report
//! (manifest, (skip,    one task a file, bounded; `protocol`        (the one   (SQLite)   (CSV)
//!  walk)      refuse,  decides, `life` does, `pace` holds back)     writer)
//!             work)         │                                          │
//!                           └──────────────── event ───────────────────┴──> listeners
//! ```
//!
//! | room | duty |
//! |---|---|
//! | [`source`] | names files: a manifest or a walk, one candidate at a time |
//! | [`plan`] | decides what to do with a candidate; pure |
//! | [`pipeline`] | takes one file through sign, send and confirm; the state machine is `protocol` |
//! | [`api`] | the wire: one attempt a call, one meaning an answer |
//! | [`body`] | a file as a request body: streamed, hashed, broken off when it changes |
//! | [`pace`] | the account's limits, as a decorator around the wire |
//! | [`looks`] | which asset is looked at next, and when: learns how long the service takes |
//! | [`retry`] | what a fault leads to: policy, rules, counts |
//! | [`record`] | the one writer: group commits, then answers |
//! | [`ledger`] | what must never be forgotten |
//! | [`report`] | the ledger's projection that people read |
//! | [`event`] | the border between work and display |
//! | [`upload`] | connects the rooms to one run |
//! | [`forecast`] | what a run would do and how long it would take, without one |
//! | [`orphans`] | deletes assets that nothing uses any more, when asked to |
//! | [`verify`] | asks again about every asset of a report |
//! | [`doctor`] | what a run would meet: checks that give facts |
//! | `calls` | the calls of the two commands: one asset at a time, paced and tried again |
//!
//! The command line lives in `cli` (feature `cli`); the rest knows no terminal. The package
//! `mavi-sandbox` is the service in small, to try things on.
//!
//! # Example
//!
//! ```no_run
//! use mavi_upload::source::{Filter, Source, Walk, WalkOptions};
//! use mavi_upload::{BASE_URL, Event, Settings, Stop, run};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let key = std::env::var("MEMORIES_API_KEY")?;
//! let settings = Settings::new(&key, BASE_URL, "report.csv")?;
//! let source = Walk::new(vec!["videos".into()], WalkOptions::default());
//! let print = |event: &Event| println!("{event:?}");
//! let summary = run(settings, Box::new(source), print, Stop::new()).await?;
//! println!("{} files are up", summary.counts.success);
//! # Ok(())
//! # }
//! ```

pub mod api;
pub mod body;
mod client;
mod clock;
mod crash;
pub mod decision;
pub mod doctor;
pub mod event;
#[cfg(test)]
#[path = "../tests/internal/fuzz.rs"]
mod fuzz;
pub mod ledger;
pub mod model;
pub mod orphans;
pub mod pipeline;
pub mod plan;
pub mod poll;
pub mod rate_limit;
pub mod recorder;
pub mod report;
pub mod retry;
pub mod run;
pub mod shutdown;
pub mod source;
pub mod text;
mod timeline;
pub mod verify;

pub use event::{Event, Listener};
pub use run::{BASE_URL, RunError, Settings, Summary, run};
pub use shutdown::Shutdown;
