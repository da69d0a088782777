//! Where one file is between its turn and its end, and how much of that is counted. Pure: the caller
//! passes the time.

use std::path::PathBuf;

use tokio::time::Instant;

use super::buckets::Buckets;
use crate::body::BodyProgress;
use crate::ledger::{SlowFile, Status};

#[derive(Debug)]
pub(super) struct FileTracker {
    /// Up to here its time is in the buckets.
    counted: Instant,
    begun: Instant,
    sending: Option<Instant>,
    size: u64,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Waiting,
    /// Its bytes wait to be sent or are sent: so many of them are in the buckets.
    Uploading(BodyProgress, u64),
    Confirming {
        since: Instant,
    },
}

impl FileTracker {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            counted: now,
            begun: now,
            sending: None,
            size: 0,
            stage: Stage::Waiting,
        }
    }

    pub(super) fn wait(&mut self, now: Instant) {
        self.enter(Stage::Waiting, now);
    }

    pub(super) fn upload(&mut self, size: u64, progress: &BodyProgress, now: Instant) {
        self.size = size;
        self.enter(Stage::Uploading(progress.clone(), 0), now);
    }

    pub(super) fn confirm(&mut self, now: Instant) {
        self.enter(Stage::Confirming { since: now }, now);
    }

    fn enter(&mut self, stage: Stage, now: Instant) {
        (self.stage, self.counted) = (stage, now);
    }

    pub(super) fn is_uploaded(&self) -> bool {
        matches!(self.stage, Stage::Confirming { .. })
    }

    /// Counts the bytes and the time up to now, of a file that is not uploaded yet.
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

    /// The file's times, once it ended.
    pub(super) fn finish(
        self,
        path: PathBuf,
        status: Status,
        buckets: &Buckets,
        now: Instant,
    ) -> SlowFile {
        let sent = match self.stage {
            Stage::Confirming { since } => since,
            _ => now,
        };
        let sending = self.sending.unwrap_or(sent).clamp(self.begun, sent);
        SlowFile {
            path,
            size: self.size,
            begun_ms: buckets.milliseconds(self.begun),
            sending_ms: buckets.milliseconds(sending),
            sent_ms: buckets.milliseconds(sent),
            ended_ms: buckets.milliseconds(now),
            status,
        }
    }
}
