//! One upload of one file: streamed, watched over, and reported as what it was.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::Instant;

use super::SendReport;
use crate::api::{Fault, SendFault};
use crate::body::Transit;

/// An upload has no total limit, but this long without a byte accepted, or read, ends it.
pub(super) const STALL: Duration = Duration::from_secs(60);

/// How long the answer may take after the last byte, and how much longer for a large file.
const ANSWER: Duration = Duration::from_secs(120);
const ANSWER_BYTES_PER_SECOND: u64 = 50_000_000;

/// What the kernels on the way may still hold of a body once its last byte was accepted.
const BUFFERED: u64 = 8 << 20;

/// An upload that moved fewer bytes than this in so long is told of: it holds a slot.
const SLOW: Duration = Duration::from_secs(300);
const SLOW_BYTES: u64 = 300 * 10_000;

/// How often the byte count is looked at.
const TICK: Duration = Duration::from_secs(1);

/// Watches over one upload to its end. `transit` is that of the parcel that `upload` sends;
/// `slow` is told the bytes a second of an upload that hardly moves, every five minutes.
pub(super) async fn transfer<T>(
    transit: Transit,
    upload: impl Future<Output = Result<T, SendFault>>,
    slow: impl Fn(u64),
) -> SendReport<T> {
    let result = tokio::select! {
        result = upload => result,
        fault = stalled(&transit) => Err(fault),
        never = crawling(&transit, slow) => match never {},
    };
    SendReport {
        result,
        begun: transit.has_begun(),
        digest: transit.digest().filter(|_| transit.is_complete()),
        body_fault: transit.fault().cloned(),
    }
}

/// How long the answer may take after the last byte of `size` was accepted, which took so long: on
/// a slow line much of the body is still under way by then.
fn patience(size: u64, took: Duration) -> Duration {
    let under_way = took.as_secs().saturating_mul(BUFFERED) / size.max(BUFFERED);
    ANSWER + Duration::from_secs(size / ANSWER_BYTES_PER_SECOND + under_way)
}

/// Tells of an upload that hardly moves though nothing of ours holds it back.
async fn crawling(transit: &Transit, slow: impl Fn(u64)) -> Infallible {
    loop {
        let before = transit.taken();
        tokio::time::sleep(SLOW).await;
        let moved = transit.taken() - before;
        if transit.has_begun() && !transit.is_complete() && !transit.is_held() && moved < SLOW_BYTES
        {
            slow(moved / SLOW.as_secs());
        }
    }
}

/// Ends when the upload makes no progress any more.
async fn stalled(transit: &Transit) -> SendFault {
    let (mut taken, mut since) = (0, Instant::now());
    let mut begun = since;
    loop {
        tokio::time::sleep(TICK).await;
        // Before its first byte an upload waits for its turn and its connection, which have limits
        // of their own; and one that `--bandwidth` holds back stands still for no fault of the line.
        if transit.taken() != taken || !transit.has_begun() || transit.is_held() {
            (taken, since) = (transit.taken(), Instant::now());
            if !transit.has_begun() {
                begun = since;
            }
            continue;
        }
        let patience = patience(transit.length(), since - begun);
        if transit.is_complete() && since.elapsed() >= patience {
            let text = format!("no answer {} s after the last byte", patience.as_secs());
            return SendFault::Refused(Fault::Timeout(text));
        }
        if !transit.is_complete() && since.elapsed() >= STALL {
            if transit.is_starved() {
                transit.stall();
                return SendFault::Aborted;
            }
            let text = format!("no byte was accepted for {} s", STALL.as_secs());
            return SendFault::Refused(Fault::Timeout(text));
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write as _;
    use std::os::fd::OwnedFd;
    use std::pin::Pin;

    use http_body::Body as _;

    use super::*;
    use crate::body::{BodyFault, LocalFile, Parcel, ParcelOptions};

    /// Takes whatever comes, as storage does.
    async fn take(mut parcel: Parcel) -> Result<(), SendFault> {
        loop {
            let frame = std::future::poll_fn(|context| Pin::new(&mut parcel).poll_frame(context));
            match frame.await {
                Some(Ok(_)) => {}
                Some(Err(_)) => return Err(SendFault::Aborted),
                None => return Ok(()),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn case_084_a_minute_without_a_byte_from_the_disk_breaks_the_upload_off() {
        let (pipe, mut disk) = std::io::pipe().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1_000_000).unwrap();
        let file = LocalFile::read_from(OwnedFd::from(pipe).into(), file.path());
        disk.write_all(&[7; 1000]).unwrap();
        let parcel = Parcel::start(file, "a.mp4", ParcelOptions::default());
        let transit = parcel.transit().clone();
        let upload = tokio::spawn(transfer(transit, take(parcel), |_| {}));
        // The disk's thread holds the paused clock: it is moved by hand.
        for _ in 0..59 {
            tokio::task::yield_now().await;
            tokio::time::advance(TICK).await;
        }
        assert!(!upload.is_finished());
        for _ in 0..5 {
            tokio::task::yield_now().await;
            tokio::time::advance(TICK).await;
        }
        let report = upload.await.unwrap();
        assert_eq!(report.result, Err(SendFault::Aborted));
        assert_eq!(
            (report.body_fault, report.digest),
            (Some(BodyFault::Stalled), None)
        );
        drop(disk);
    }

    #[test]
    fn case_038_a_fast_upload_waits_two_minutes_for_its_answer_and_a_slow_one_for_its_buffers() {
        let seconds = |size, took| patience(size, Duration::from_secs(took)).as_secs();
        assert_eq!(seconds(1_000, 0), 120);
        assert_eq!(seconds(5_000_000_000, 100), 220);
        // 1 KB a second, all of it still in the kernel when the last byte was accepted.
        assert_eq!(seconds(100_000, 100), 220);
    }
}
