//! How a run goes, kept small: computed from its events, sampled on a beat, cut into buckets of its
//! own time.
//!
//! Pure: the caller passes the time, and no clock is read.

mod buckets;
mod listener;
mod slowest;
mod tracker;

pub(crate) use buckets::BEAT;
pub(crate) use listener::Timeline;
