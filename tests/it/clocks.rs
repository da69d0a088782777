//! Clocks that jump under the real binary: the wall's tells only when a URL expires, and the steady
//! one may find that much time has passed at once.

use std::fs;

use mavi_sandbox::Sandbox;

use crate::common::scripted;
use crate::job::Job;
use crate::running::{End, Running, until};
use crate::shim::faulty;

const DAY: i64 = 24 * 60 * 60;

/// The first upload of `a.mp4` stops half-way, and then breaks off; `b.mp4` is not done at once.
const TROUBLES: &str = r"
    [[rule]]
    call = 'send'
    file = 'a.mp4'
    times = 1
    then = { read = '50%', stall = '500ms', end = 'reset' }

    [[rule]]
    call = 'status'
    file = 'b.mp4'
    times = 1
    then = { set = { 'data.resource.0.upload_status' = 'UPLOADING' } }
";

/// A run whose clocks jump by so many seconds while one file is half sent and the other waits to be
/// confirmed. `None` where clocks cannot be made to.
async fn jumped(wall: i64, steady: i64) -> Option<(Job, End)> {
    let job = Job::at(Sandbox::start(scripted(TROUBLES)).await.unwrap());
    job.bench.file("a.mp4", 1_000_000);
    job.bench.file("b.mp4", 1000);
    let jump = job.folder().join("jump");
    let args = [
        "--confirm-timeout",
        "1m",
        "--poll-interval",
        "300ms",
        "library",
    ];
    let faults = [
        ("SHIM_JUMP", jump.to_str().unwrap()),
        ("SHIM_WALL", &wall.to_string()),
        ("SHIM_STEADY", &steady.to_string()),
    ];
    let running = Running::heard(faulty(job.command(&args), &faults)?);
    until(|| {
        let calls = job.sandbox.stats().calls;
        calls.send == 2 && calls.status > 0
    })
    .await;
    fs::write(&jump, "").unwrap();
    let end = running.end().await;
    Some((job, end))
}

#[tokio::test(flavor = "multi_thread")]
async fn case_056_a_wall_clock_that_jumps_matters_to_the_life_of_a_url_alone() {
    // A signed URL is good for 26 hours; of one from the future, storage is the judge.
    for (wall, assets) in [(DAY, 2), (-DAY, 2), (2 * DAY, 3)] {
        let Some((job, end)) = jumped(wall, 0).await else {
            return;
        };
        end.is(0, &["2 success"]);
        job.all_stored_once(2);
        assert_eq!(
            job.sandbox.assets().len(),
            assets,
            "{wall} s: {}",
            end.words
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_126_ten_minutes_that_pass_at_once_cost_no_row() {
    let ten_minutes = 600;
    let Some((job, end)) = jumped(ten_minutes, ten_minutes).await else {
        return;
    };
    end.is(0, &["2 success", " in 10m "]);
    job.all_stored_once(2);
    assert_eq!(job.sandbox.assets().len(), 2);
}
