//! One file's way through the service, as a state machine without input or output.
//!
//! [`UploadMachine::step`] says what to do next; the worker (`pipeline::worker`) does it and reports
//! what came of it; the machine moves on. Everything that must be written down is a step of its own,
//! so the order of commits and calls is decided here and nowhere else. The rule behind all of it: the
//! service has no list of assets and no idempotency key, so a doubt is settled by a poll, never by
//! sending again.
//!
//! | part | duty |
//! |---|---|
//! | `step` | the border with the worker: steps, ends, reports of uploads |
//! | `state` | where a file is on its way |
//! | `attempts` | what a file has used up in this run, and when that is too much |
//! | `evidence` | what the answers about an asset settle |
//! | `upload_machine` | from state to step; another try, another asset, or the end |
//! | `send` | what the end of an upload leads to |
//! | `poll` | what the status of an asset leads to |
//! | `duplicate` | what another file of the same bytes leads to |

mod attempts;
mod duplicate;
mod evidence;
mod poll;
mod send;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod upload_machine;

pub(crate) use step::{End, SendReport, Step};
pub(crate) use upload_machine::UploadMachine;
