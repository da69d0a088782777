//! Files on their way: a bounded set of workers that share slots, limiters and one recorder.
//!
//! Each file is one task that reads top to bottom in `worker`; what may follow what is decided in
//! `machine`. Knows neither HTTP nor `SQLite` nor the terminal.
//!
//! | part | duty |
//! |---|---|
//! | `workers` | takes jobs, starts a worker for each, and sees all of them to their end |
//! | `feed` | jobs out of the ledger, in input order |
//! | `context` | what all workers of a run share |
//! | `worker` | one file, from its job to its end |
//! | `machine` | what may follow what; decides and does nothing |
//! | `watchdog` | breaks off an upload that stands still |
//! | `dedupe` | which bytes are on their way |
//! | `concurrency` | how many uploads at once |

mod concurrency;
mod context;
mod dedupe;
mod feed;
mod machine;
mod watchdog;
mod worker;
mod workers;

pub use concurrency::Concurrency;
pub(crate) use concurrency::ConcurrencyController;
pub(crate) use context::RunContext;
pub use context::Via;
pub(crate) use machine::{Step, UploadMachine};
pub(crate) use workers::run;

pub use crate::poll::ConfirmPolicy;
