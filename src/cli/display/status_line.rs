//! The run in words: the same for bars, plain lines and the end.

use std::time::Duration;

use crate::cli::display::estimate::{Bottleneck, left};
use crate::cli::display::progress::RunProgress;
use crate::cli::format::{counted, duration, size, size_of};

const SECOND: Duration = Duration::from_secs(1);

/// `signing 1 · sending 4 · confirming 23 · done 402 of 1000 files · failed 2`; what is zero and may
/// stay so is left out.
pub(crate) fn stages(run: &RunProgress) -> String {
    let stages = run.stages();
    let mut parts = vec![
        format!("signing {}", stages.signing),
        format!("sending {}", stages.sending),
        format!("confirming {}", stages.confirming),
        format!(
            "done {} of {}{}",
            run.done(),
            at_least(run),
            counted(run.files(), "file")
        ),
    ];
    let counts = [
        ("again later", run.deferred()),
        ("pending", run.pending),
        ("failed", run.failed),
    ];
    let some = counts.iter().filter(|(_, count)| *count > 0);
    parts.extend(some.map(|(word, count)| format!("{word} {count}")));
    parts.join(" · ")
}

/// `12.3 MB of at least 40.0 GB · 5.2 MB/s · 2h 3m left, bound by the line`; without the throughput when
/// all bytes are there, and without a time that is less than a second.
pub(crate) fn progress(run: &RunProgress, bytes_a_second: f64) -> String {
    let (sent, all) = (run.bytes_sent(), run.bytes());
    let mut parts = vec![format!("{} of {}{}", size(sent), at_least(run), size(all))];
    if sent < all || !run.listed {
        parts.push(format!("{}/s", size_of(bytes_a_second)));
    }
    parts.extend(
        left(run, bytes_a_second).map(|(time, bottleneck)| match bottleneck {
            Bottleneck::Outage => format!("{} is away: waiting", run.away.join(" and ")),
            _ if time < SECOND => format!("bound by {bottleneck}"),
            _ => format!("{} left, bound by {bottleneck}", duration(time)),
        }),
    );
    parts.join(" · ")
}

fn at_least(run: &RunProgress) -> &'static str {
    if run.listed { "" } else { "at least " }
}
