//! The files of a run that took longest: a heap from which the shortest time is dropped.
//! Knows no event.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::ledger::SlowFile;

/// The most files that are stored.
const KEPT: usize = 200;

#[derive(Debug, Default)]
pub(super) struct Slowest {
    files: BinaryHeap<Reverse<ByTime>>,
    is_changed: bool,
}

#[derive(Debug)]
struct ByTime(SlowFile);

impl ByTime {
    fn time(&self) -> u64 {
        self.0.ended_ms - self.0.begun_ms
    }
}

impl Ord for ByTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time().cmp(&other.time())
    }
}

impl PartialOrd for ByTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ByTime {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for ByTime {}

impl Slowest {
    pub(super) fn offer(&mut self, file: SlowFile) {
        let file = Reverse(ByTime(file));
        if self.files.len() < KEPT {
            self.files.push(file);
        } else if self.files.peek().is_some_and(|least| file < *least)
            && let Some(mut least) = self.files.peek_mut()
        {
            *least = file;
        } else {
            return;
        }
        self.is_changed = true;
    }

    /// All of them, where any changed since the last call.
    pub(super) fn changed(&mut self) -> Option<Vec<SlowFile>> {
        if !std::mem::take(&mut self.is_changed) {
            return None;
        }
        Some(self.files.iter().map(|file| file.0.0.clone()).collect())
    }
}
