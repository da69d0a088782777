//! Watches over one upload: breaks it off when it stands still, and reports how it ended. Neither
//! reads the file nor calls the service.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::Instant;

use super::machine::SendReport;
use crate::api::{Fault, SendFault};
use crate::body::BodyProgress;

/// An upload has no total limit, but this long without a byte accepted, or read, ends it.
pub(super) const STALL: Duration = Duration::from_secs(60);

/// How long the answer may take after the last byte, and how much longer for a large file.
const ANSWER: Duration = Duration::from_secs(120);
const ANSWER_BYTES_PER_SECOND: u64 = 50_000_000;

/// What the kernels on the way may still hold of a body once its last byte was accepted.
const BUFFERED: u64 = 8 << 20;

/// An upload that moved fewer bytes than this in so long is reported: it holds a slot.
const SLOW: Duration = Duration::from_secs(300);
const SLOW_BYTES: u64 = 300 * 10_000;

/// How often the byte count is read.
const TICK: Duration = Duration::from_secs(1);

/// Watches over one upload to its end. `progress` is that of the body that `upload` sends; `slow`
/// receives the bytes a second of an upload that hardly moves, every five minutes.
pub(super) async fn watch_upload<T>(
    progress: BodyProgress,
    upload: impl Future<Output = Result<T, SendFault>>,
    slow: impl Fn(u64),
) -> SendReport<T> {
    let result = tokio::select! {
        result = upload => result,
        fault = stalled(&progress) => Err(fault),
        never = report_slow(&progress, slow) => match never {},
    };
    SendReport {
        result,
        begun: progress.has_begun(),
        digest: progress.digest().filter(|_| progress.is_complete()),
        body_fault: progress.fault().cloned(),
    }
}

/// How long the answer may take after the last byte of `size` was accepted, which took so long: on
/// a slow line much of the body is still under way by then.
fn answer_limit(size: u64, took: Duration) -> Duration {
    let under_way = took.as_secs().saturating_mul(BUFFERED) / size.max(BUFFERED);
    ANSWER + Duration::from_secs(size / ANSWER_BYTES_PER_SECOND + under_way)
}

/// Reports an upload that hardly moves though nothing of ours holds it back.
async fn report_slow(progress: &BodyProgress, slow: impl Fn(u64)) -> Infallible {
    loop {
        let before = progress.taken();
        tokio::time::sleep(SLOW).await;
        let moved = progress.taken() - before;
        if progress.has_begun()
            && !progress.is_complete()
            && !progress.is_throttled()
            && moved < SLOW_BYTES
        {
            slow(moved / SLOW.as_secs());
        }
    }
}

/// Ends when the upload makes no progress any more.
async fn stalled(progress: &BodyProgress) -> SendFault {
    let (mut taken, mut since) = (0, Instant::now());
    let mut begun = since;
    loop {
        tokio::time::sleep(TICK).await;
        // Before its first byte an upload waits for its permit and its connection, which have limits
        // of their own; and one that `--bandwidth` holds back stands still for no fault of the line.
        if progress.taken() != taken || !progress.has_begun() || progress.is_throttled() {
            (taken, since) = (progress.taken(), Instant::now());
            if !progress.has_begun() {
                begun = since;
            }
            continue;
        }
        let limit = answer_limit(progress.length(), since - begun);
        if progress.is_complete() && since.elapsed() >= limit {
            let text = format!("no answer {} s after the last byte", limit.as_secs());
            return SendFault::Refused(Fault::Timeout(text));
        }
        if !progress.is_complete() && since.elapsed() >= STALL {
            if progress.is_starved() {
                progress.stall();
                return SendFault::Aborted;
            }
            let text = format!("no byte was accepted for {} s", STALL.as_secs());
            return SendFault::Refused(Fault::Timeout(text));
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
