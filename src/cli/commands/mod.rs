//! One file a command: what it does, step by step, and what it shows.
//!
//! A command knows the terminal only through `output`, `ask` and `display`.

pub(crate) mod describe;
pub(crate) mod doctor;
pub(crate) mod orphan_total;
pub(crate) mod orphans;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod sandbox;
pub(crate) mod status;
pub(crate) mod upload;
pub(crate) mod verify;
