//! The listing: reads the source, inspects each file, and hands rows to the recorder in batches.
//! Decides nothing about them.
//!
//! It runs ahead of the uploads on a thread of its own. The ledger is the queue, so running ahead
//! costs disk and no memory, and totals are known early.

use crate::decision::{Rules, inspect_candidate};
use crate::event::{Event, WeakEvents};
use crate::ledger::Listing;
use crate::recorder::{PendingRows, RecorderStopped, WeakRecorder};
use crate::shutdown::Shutdown;
use crate::source::{Notice, NoticeKind, Source, candidates};

/// Rows handed over at a time, once the first ones are on their way: enough to make a commit's cost
/// vanish, few enough that a fact about an upload hardly waits behind them.
const MOST_ROWS: usize = 2048;

/// Lists a source to its end; blocking. An interrupt does not end it, since every input row belongs
/// in the report; local trouble does.
pub(super) fn list(
    source: Box<dyn Source>,
    rules: &Rules,
    recorder: &WeakRecorder,
    events: &WeakEvents,
    shutdown: &Shutdown,
) -> Result<(), RecorderStopped> {
    let mut batches = Batches {
        recorder,
        rows: Vec::new(),
        // The first upload does not wait for a full batch: batches start small and grow.
        size: 1,
        under_way: None,
    };
    let mut left_out = 0;
    let notice = |notice: Notice| match notice.kind {
        NoticeKind::LinkLoop => events.send(Event::Warning(notice.to_string())),
        NoticeKind::SystemFile => {
            left_out += 1;
            events.send(Event::SystemFile { path: notice.path });
        }
    };
    for (no, candidate) in (0..).zip(candidates(source, notice)) {
        if shutdown.abort_calls().is_cancelled() {
            return Err(RecorderStopped);
        }
        let version = inspect_candidate(&candidate, rules);
        batches.add(Listing {
            no,
            candidate,
            version,
        })?;
    }
    if left_out > 0 {
        events.send(Event::LeftOut { count: left_out });
    }
    batches.end()?;
    recorder.upgrade()?.end_listing_blocking()
}

/// Rows on their way to the recorder. While it takes one batch in, the next is made ready; so there
/// are never more than two in memory.
struct Batches<'a> {
    recorder: &'a WeakRecorder,
    rows: Vec<Listing>,
    size: usize,
    under_way: Option<PendingRows>,
}

impl Batches<'_> {
    fn add(&mut self, row: Listing) -> Result<(), RecorderStopped> {
        self.rows.push(row);
        if self.rows.len() >= self.size {
            self.hand_over()?;
            self.size = (self.size * 2).min(MOST_ROWS);
        }
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), RecorderStopped> {
        if let Some(earlier) = self.under_way.take() {
            earlier.wait()?;
        }
        let rows = std::mem::take(&mut self.rows);
        self.under_way = Some(self.recorder.upgrade()?.admit_blocking(rows)?);
        Ok(())
    }

    fn end(mut self) -> Result<(), RecorderStopped> {
        self.hand_over()?;
        self.under_way.map_or(Ok(()), PendingRows::wait)
    }
}
