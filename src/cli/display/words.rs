//! The run in words: the same for bars, plain lines and the end.

use std::time::Duration;

use bytesize::ByteSize;

use super::board::Board;
use super::estimate::{Binds, left};

const SECOND: Duration = Duration::from_secs(1);

/// `signing 1 · sending 4 · confirming 23 · done 402 of 1000 files · failed 2`; what is zero and may
/// stay so is left out.
pub(super) fn stages(board: &Board) -> String {
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
pub(super) fn progress(board: &Board, bytes_a_second: f64) -> String {
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

/// `1 row`, `2 rows`
pub(in crate::cli) fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// Bytes in decimal units, as the service bills them.
pub(in crate::cli) fn size(bytes: u64) -> String {
    ByteSize(bytes).display().si().to_string()
}

pub(in crate::cli) fn size_of(bytes: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate for people"
    )]
    let bytes = bytes as u64;
    size(bytes)
}

/// Two units at the most: seconds do not matter beside hours.
pub(in crate::cli) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {seconds}s"),
        (0, ..) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

/// Cuts the middle out of `text`, so that it is at most `width` columns: a file's name is told by
/// its beginning and by its end.
pub(super) fn cut_middle(text: &str, width: usize) -> String {
    if console::measure_text_width(text) <= width {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let (mut head, mut tail) = (characters.len() / 2, characters.len() / 2);
    loop {
        let cut: String = characters[..head]
            .iter()
            .chain(&['…'])
            .chain(&characters[tail..])
            .collect();
        if console::measure_text_width(&cut) <= width || (head == 0 && tail == characters.len()) {
            return cut;
        }
        // Three of the beginning go for each two of the end, where the extension is.
        if head * 2 > (characters.len() - tail) {
            head -= 1;
        } else {
            tail += 1;
        }
    }
}

#[cfg(test)]
mod tests;
