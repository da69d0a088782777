//! The run in words: the same for bars, plain lines and the end.

use std::time::Duration;

use crate::cli::display::estimate::{Binds, left};
use crate::cli::display::progress::Board;
use crate::cli::format::{counted, duration, size, size_of};

const SECOND: Duration = Duration::from_secs(1);

/// `signing 1 · sending 4 · confirming 23 · done 402 of 1000 files · failed 2`; what is zero and may
/// stay so is left out.
pub(crate) fn stages(board: &Board) -> String {
    let stages = board.stages();
    let mut parts = vec![
        format!("signing {}", stages.signing),
        format!("sending {}", stages.sending),
        format!("confirming {}", stages.confirming),
        format!(
            "done {} of {}{}",
            board.done(),
            at_least(board),
            counted(board.files(), "file")
        ),
    ];
    let counts = [
        ("again later", board.deferred()),
        ("pending", board.pending),
        ("failed", board.failed),
    ];
    let some = counts.iter().filter(|(_, count)| *count > 0);
    parts.extend(some.map(|(word, count)| format!("{word} {count}")));
    parts.join(" · ")
}

/// `12.3 MB of at least 40.0 GB · 5.2 MB/s · 2h 3m left, bound by the line`; without the pace when
/// all bytes are there, and without a time that is less than a second.
pub(crate) fn progress(board: &Board, bytes_a_second: f64) -> String {
    let (sent, all) = (board.bytes_sent(), board.bytes());
    let mut parts = vec![format!(
        "{} of {}{}",
        size(sent),
        at_least(board),
        size(all)
    )];
    if sent < all || !board.listed {
        parts.push(format!("{}/s", size_of(bytes_a_second)));
    }
    parts.extend(
        left(board, bytes_a_second).map(|(time, binds)| match binds {
            Binds::Outage => format!("{} is away: waiting", board.away.join(" and ")),
            _ if time < SECOND => format!("bound by {binds}"),
            _ => format!("{} left, bound by {binds}", duration(time)),
        }),
    );
    parts.join(" · ")
}

fn at_least(board: &Board) -> &'static str {
    if board.listed { "" } else { "at least " }
}
