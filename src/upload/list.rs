//! The listing: reads the source, looks at each file, and hands rows to the recorder in batches.
//!
//! It runs ahead of the uploads on a thread of its own. The ledger is the queue, so running ahead
//! costs disk and no memory, and totals are known early.

use crate::ledger::Listing;
use crate::pipeline::Stop;
use crate::plan::{Rules, Seen, check};
use crate::record::{Halted, Recorder};
use crate::source::{Candidate, Source};

/// Rows handed over at a time, once the first ones are on their way.
const MOST_ROWS: usize = 256;

/// Lists a source to its end; blocking. An interrupt does not end it, since every input row belongs
/// in the report; local trouble does.
///
/// # Errors
/// When the recorder has stopped.
pub(super) fn list(
    source: Box<dyn Source>,
    rules: &Rules,
    recorder: &Recorder,
    stop: &Stop,
) -> Result<(), Halted> {
    let mut batch = Vec::new();
    // The first upload does not wait for a full batch: batches start small and grow.
    let mut size = 1;
    for (no, candidate) in (0..).zip(source) {
        if stop.calls().is_cancelled() {
            return Err(Halted);
        }
        batch.push(look_at(no, candidate, rules));
        if batch.len() >= size {
            recorder.admit_blocking(std::mem::take(&mut batch))?;
            size = (size * 2).min(MOST_ROWS);
        }
    }
    if !batch.is_empty() {
        recorder.admit_blocking(batch)?;
    }
    recorder.end_listing_blocking()
}

fn look_at(no: u64, candidate: Candidate, rules: &Rules) -> Listing {
    let seen = match &candidate.refusal {
        Some(refusal) => Err(refusal.clone()),
        None => check(&candidate.path, rules).map(|stamp| Seen::from(&stamp)),
    };
    Listing {
        no,
        candidate,
        seen,
    }
}
