//! One file a command: what it does, step by step, and what it shows.
//!
//! The work is the library's, and the terminal is known to `output`, `ask` and `display` alone.

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
