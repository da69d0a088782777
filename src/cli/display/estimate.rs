//! How fast a run goes, when it will end, and what limits it.
//!
//! The time left is the longest of three: the bytes left at the present throughput, the files left at
//! the rate of starts, and the confirmations left at the rate of status checks.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use crate::cli::display::progress::RunProgress;

/// Throughput is that of the last so many seconds.
const WINDOW: Duration = Duration::from_secs(30);

/// Samples closer together than this are one.
const SAMPLE: Duration = Duration::from_millis(500);

/// Files that must be confirmed before their status checks outweigh the guess of one a file.
const FEW: f64 = 20.0;

/// How much longer the bytes must take than the account's limits to count as the bottleneck.
const CLEARLY: f64 = 1.25;

/// What a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bottleneck {
    /// Bytes: the connection, or `--bandwidth`.
    UploadSpeed,
    /// Starts: one sign and one send a file.
    AccountLimit,
    /// Status checks: at least one a file.
    Confirmation,
    /// The service cannot be reached.
    Outage,
}

impl Bottleneck {
    /// The word for programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::UploadSpeed => "upload_speed",
            Self::AccountLimit => "account_limit",
            Self::Confirmation => "confirmation",
            Self::Outage => "outage",
        }
    }
}

impl fmt::Display for Bottleneck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UploadSpeed => "limited by your upload speed",
            Self::AccountLimit => "limited by the account's rate",
            Self::Confirmation => "waiting for the service",
            Self::Outage => "waiting for the service to be reachable",
        })
    }
}

/// The bytes sent at some moments of the last half minute.
#[derive(Debug, Default)]
pub(crate) struct Throughput(VecDeque<(Instant, u64)>);

impl Throughput {
    /// Takes how many bytes were sent by `now`, and returns bytes a second over the window.
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

/// The time left and what limits it; `None` while neither can be known.
#[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
pub(crate) fn time_left(run: &RunProgress, bytes_a_second: f64) -> Option<(Duration, Bottleneck)> {
    if !run.down.is_empty() {
        return Some((Duration::MAX, Bottleneck::Outage));
    }
    let at = |count: u64, a_second: f64| match a_second {
        0.0 => 0.0,
        _ => count as f64 / a_second,
    };
    let bytes_left = run.bytes().saturating_sub(run.bytes_sent());
    // A rate of 0 is no limit: the other one counts.
    let starts = match run.rates.sign.min(run.rates.upload) {
        0.0 => run.rates.sign.max(run.rates.upload),
        lower => lower,
    };
    // Status checks per file, as the run has needed so far; few files say little yet.
    let polls_a_file = (run.polls as f64 + FEW) / (run.confirmed as f64 + FEW);
    let confirmations = run.rates.poll / polls_a_file.clamp(1.0, 4.0);
    let times = [
        (at(bytes_left, bytes_a_second), Bottleneck::UploadSpeed),
        (at(run.files_left(), starts), Bottleneck::AccountLimit),
        (
            at(run.confirmations_left(), confirmations),
            Bottleneck::Confirmation,
        ),
    ];
    // Bytes that leave at the rate of starts look like a slow connection: it is the bottleneck only
    // where it is clearly the slowest.
    let weight = |(seconds, bottleneck): &(f64, Bottleneck)| match bottleneck {
        Bottleneck::UploadSpeed => *seconds,
        _ => *seconds * CLEARLY,
    };
    let (seconds, bottleneck) = times
        .into_iter()
        .max_by(|a, b| weight(a).total_cmp(&weight(b)))?;
    let is_known = seconds > 0.0 && (bytes_left == 0 || bytes_a_second > 0.0);
    let time = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    is_known.then_some((time, bottleneck))
}

#[cfg(test)]
mod tests;
