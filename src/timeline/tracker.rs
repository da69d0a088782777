//! Where one file is on its way, and how much of it is counted. Pure: is told the time.

use tokio::time::Instant;

use super::buckets::Buckets;
use crate::body::BodyProgress;

/// A file on its way.
#[derive(Debug)]
pub(super) struct Way {
    /// Up to here its time is in the slots.
    pub(super) counted: Instant,
    pub(super) begun: Instant,
    pub(super) sending: Option<Instant>,
    pub(super) size: u64,
    pub(super) stage: Stage,
}

#[derive(Debug)]
pub(super) enum Stage {
    Waiting,
    /// Its bytes wait to go, or go: so many of them are in the slots.
    Uploading(BodyProgress, u64),
    Confirming {
        since: Instant,
    },
}

impl Way {
    pub(super) fn is_up(&self) -> bool {
        matches!(self.stage, Stage::Confirming { .. })
    }

    /// Counts the bytes and the time up to now, of a file that is not up yet.
    pub(super) fn count(&mut self, buckets: &mut Buckets, now: Instant) {
        let from = std::mem::replace(&mut self.counted, now);
        let begun = match &mut self.stage {
            Stage::Uploading(progress, counted) => {
                let taken = progress.file_bytes_taken();
                buckets.now().bytes += taken.saturating_sub(std::mem::replace(counted, taken));
                progress.begun_at()
            }
            _ => None,
        };
        self.sending = begun.or(self.sending);
        let turn = begun.map_or(now, |at| at.clamp(from, now));
        buckets.spend(from, turn, |bucket, time| bucket.waiting_ms += time);
        buckets.spend(turn, now, |bucket, time| bucket.sending_ms += time);
    }
}
