//! What the driver is told: the next thing to do, and how the way ended.

use std::time::Duration;

use super::Fact;
use crate::model::{Asset, AssetId};
use crate::shutdown::StopCause;

/// A pause before the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// Which attempt failed, from 1: the pause grows with it.
    pub attempt: u32,
    /// The pause is at least this long, at a retry delay of one second.
    pub at_least: Duration,
}

/// How a file's work in this run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The service confirmed the asset.
    Confirmed,
    /// The bytes are up; the service took longer than the limit.
    Pending,
    /// Given up.
    Failed,
    /// Given up until the run's second pass.
    Deferred,
    /// The run cannot go on.
    Stopped(StopCause),
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<'a> {
    /// Ask for an asset (or send the file directly, which brings one). Needs the file open and an
    /// upload slot.
    Sign,
    /// Write a fact down; go on only when it is on disk.
    Record(&'a Fact),
    /// Pause.
    Rest(Rest),
    /// Send the file to this asset. Needs the file open and an upload slot.
    Send(&'a Asset),
    /// Look at an asset whose upload ended in doubt; so many looks settled nothing yet.
    Resolve(&'a AssetId, u32),
    /// Look at an asset whose bytes are up, when that is likely to be worth it.
    Confirm(&'a Asset),
    /// Read the file and hash it.
    Hash,
    /// The end.
    End(&'a End),
}
