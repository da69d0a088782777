use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::pin::Pin;

use http_body::Body as _;

use super::*;
use crate::body::{BodyFault, FileBody, FileBodyOptions, LocalFile};

/// Takes whatever comes, as storage does.
async fn take(mut body: FileBody) -> Result<(), SendFault> {
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context));
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
    let body = FileBody::start(file, "a.mp4", FileBodyOptions::default());
    let progress = body.progress().clone();
    let upload = tokio::spawn(watch_upload(progress, take(body), |_| {}));
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
    let seconds = |size, took| answer_limit(size, Duration::from_secs(took)).as_secs();
    assert_eq!(seconds(1_000, 0), 120);
    assert_eq!(seconds(5_000_000_000, 100), 220);
    // 1 KB a second, all of it still in the kernel when the last byte was accepted.
    assert_eq!(seconds(100_000, 100), 220);
}
