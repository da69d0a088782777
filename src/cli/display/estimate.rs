//! How fast a run goes, when it will end, and what holds it up.
//!
//! The time left is the longest of three: the bytes left at the line's throughput, the files left at the
//! account's throughput, and the looks left at theirs. Whichever is the longest is what bottleneck.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use crate::cli::display::progress::RunProgress;

/// The throughput is that of the last so many seconds.
const WINDOW: Duration = Duration::from_secs(30);

/// Samples closer together than this are one.
const SAMPLE: Duration = Duration::from_millis(500);

/// Files that must be confirmed before their looks weigh more than one look a file does.
const FEW: f64 = 20.0;

/// How much longer the line must take than the account's limits to be what bottleneck.
const CLEARLY: f64 = 1.25;

/// What a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bottleneck {
    /// Bytes: the line, or `--bandwidth`.
    Line,
    /// Starts: one sign and one send a file.
    AccountLimit,
    /// Looks: one a file, at the least.
    Confirmation,
    /// The service does not answer.
    Outage,
}

impl Bottleneck {
    /// The word for programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::AccountLimit => "account_limit",
            Self::Confirmation => "confirmation",
            Self::Outage => "outage",
        }
    }
}

impl fmt::Display for Bottleneck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "the line",
            Self::AccountLimit => "the account's limit",
            Self::Confirmation => "confirmation",
            Self::Outage => "an outage",
        })
    }
}

/// The bytes sent at some moments of the last half minute.
#[derive(Debug, Default)]
pub(crate) struct Throughput(VecDeque<(Instant, u64)>);

impl Throughput {
    /// Hears how many bytes were sent by `now`; gives bytes a second over the window.
    pub(crate) fn sample(&mut self, now: Instant, bytes: u64) -> f64 {
        if self.0.back().is_none_or(|(at, _)| now - *at >= SAMPLE) {
            self.0.push_back((now, bytes));
        }
        // One sample older than the window stays, so that the window is never shorter than that.
        while self.0.get(1).is_some_and(|(at, _)| now - *at > WINDOW) {
            self.0.pop_front();
        }
        let Some((since, before)) = self.0.front() else {
            return 0.0;
        };
        let seconds = (now - *since).as_secs_f64();
        // A POST that broke takes its bytes back.
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let moved = bytes.saturating_sub(*before) as f64;
        if seconds > 0.0 { moved / seconds } else { 0.0 }
    }
}

/// What is left and what bottleneck; `None` while nothing can be said.
#[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
pub(crate) fn left(run: &RunProgress, bytes_a_second: f64) -> Option<(Duration, Bottleneck)> {
    if !run.away.is_empty() {
        return Some((Duration::MAX, Bottleneck::Outage));
    }
    let at = |count: u64, a_second: f64| match a_second {
        0.0 => 0.0,
        _ => count as f64 / a_second,
    };
    let bytes_left = run.bytes().saturating_sub(run.bytes_sent());
    let starts = run.rates.sign.min(run.rates.upload);
    let starts = if starts > 0.0 {
        starts
    } else {
        run.rates.sign.max(run.rates.upload)
    };
    // So many looks a file did the run take so far; few files say little yet.
    let looks_a_file = (run.looks as f64 + FEW) / (run.confirmed as f64 + FEW);
    let looks_a_file = looks_a_file.clamp(1.0, 4.0);
    let times = [
        (at(bytes_left, bytes_a_second), Bottleneck::Line),
        (at(run.files_left(), starts), Bottleneck::AccountLimit),
        (
            at(run.looks_left(), run.rates.poll / looks_a_file),
            Bottleneck::Confirmation,
        ),
    ];
    // Bytes that leave at the account's throughput make a slow line of any: it bottleneck only where it is
    // clearly the slowest.
    let weight = |(seconds, bottleneck): &(f64, Bottleneck)| match bottleneck {
        Bottleneck::Line => *seconds,
        _ => *seconds * CLEARLY,
    };
    let (seconds, bottleneck) = times
        .into_iter()
        .max_by(|a, b| weight(a).total_cmp(&weight(b)))?;
    let known = seconds > 0.0 && (bytes_left == 0 || bytes_a_second > 0.0);
    known.then(|| {
        (
            Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX),
            bottleneck,
        )
    })
}

#[cfg(test)]
mod tests;
