//! The least time that a run takes, and what limits it. Pure.
//!
//! Everything runs at once, so each resource is estimated by itself: an endpoint by its calls and
//! its period, what moves bytes by their number. The longest time is the estimate. After an
//! endpoint's last call the last file's bytes are still to be sent, and after those comes the poll
//! that confirms them.

use std::fmt;
use std::time::Duration;

use jiff::civil::Time;

use super::{PlanOptions, Workload};

/// What a run may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// The account's limit on *sign* calls.
    Sign,
    /// The account's limit on starts of uploads.
    Send,
    /// The account's limit on *status* calls.
    Status,
    /// The upload speed of the connection.
    Line,
    /// The limit that was set for it.
    Bandwidth,
    /// Reading.
    Disk,
    /// SHA-256.
    Hashing,
}

impl Resource {
    fn is_endpoint(self) -> bool {
        matches!(self, Self::Sign | Self::Send | Self::Status)
    }

    /// The word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Send => "send",
            Self::Status => "status",
            Self::Line => "line",
            Self::Bandwidth => "bandwidth",
            Self::Disk => "disk",
            Self::Hashing => "hashing",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sign => "the account's limit on sign calls",
            Self::Send => "the account's limit on upload starts",
            Self::Status => "the account's limit on status calls",
            Self::Line => "your upload speed",
            Self::Bandwidth => "--bandwidth",
            Self::Disk => "the disk",
            Self::Hashing => "hashing",
        })
    }
}

/// The least time that one resource takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Which one.
    pub resource: Resource,
    /// How long.
    pub time: Duration,
}

/// How long a run takes at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// By resource, as far as they are known.
    pub limits: Vec<Limit>,
}

impl Estimate {
    /// What limits the run, and how long it takes; `None` where there is nothing to do, or nothing
    /// known.
    #[must_use]
    pub fn binding(&self) -> Option<Limit> {
        // After the last call its file is still sent: of equal times the line is the limit.
        // Of equal endpoints the first one delays the others.
        let longest = self.limits.iter().rev();
        let longest = longest.max_by_key(|limit| (limit.time, !limit.resource.is_endpoint()));
        longest.copied()
    }
}

/// Estimates the least time of a run that begins at this time of day.
#[must_use]
pub fn estimate(workload: &Workload, options: &PlanOptions, now: Time) -> Estimate {
    let times = Times {
        workload,
        options,
        now,
    };
    let (calls, rates) = (workload.calls, options.rates);
    let limits = [
        (Resource::Sign, times.calls(calls.sign, rates.sign)),
        (Resource::Send, times.calls(calls.send, rates.upload)),
        (Resource::Status, times.calls(calls.status, rates.poll)),
        (Resource::Line, times.line()),
        (Resource::Bandwidth, times.bandwidth()),
        (Resource::Disk, times.disk()),
        (Resource::Hashing, times.hashing()),
    ];
    let known = limits.into_iter();
    let limits = known.filter_map(|(resource, time)| {
        Some(Limit {
            resource,
            time: time?,
        })
    });
    Estimate {
        limits: limits.collect(),
    }
}

struct Times<'a> {
    workload: &'a Workload,
    options: &'a PlanOptions,
    now: Time,
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
impl Times<'_> {
    /// `count` calls at a rate, and what follows the last one.
    fn calls(&self, count: u64, a_second: f64) -> Option<Duration> {
        let gaps = count.checked_sub(1).filter(|_| a_second > 0.0)?;
        let up = self.workload.up();
        let last_file = self.moving(up.bytes / up.count.max(1));
        Some(seconds(gaps as f64 / a_second) + last_file + self.first_poll())
    }

    /// How long so many bytes take to be sent.
    fn moving(&self, bytes: u64) -> Duration {
        let line = self.options.line;
        let over_line = line.map(|line| seconds(bytes as f64 / line));
        let as_set = self.options.bandwidth.time_for(bytes, self.now, line);
        as_set.or(over_line).unwrap_or_default()
    }

    /// The time from a file's last byte to its first poll, as a run guesses it before it knows the
    /// service.
    fn first_poll(&self) -> Duration {
        self.options.poll_interval.unwrap_or_default()
    }

    fn line(&self) -> Option<Duration> {
        let bytes = self.up_bytes()?;
        self.options
            .line
            .map(|line| seconds(bytes / line) + self.first_poll())
    }

    fn bandwidth(&self) -> Option<Duration> {
        self.up_bytes()?;
        let bytes = self.workload.up().bytes;
        let time = self
            .options
            .bandwidth
            .time_for(bytes, self.now, self.options.line)?;
        Some(time + self.first_poll())
    }

    fn up_bytes(&self) -> Option<f64> {
        let bytes = self.workload.up().bytes;
        (bytes > 0).then_some(bytes as f64)
    }

    fn disk(&self) -> Option<Duration> {
        let read = self.workload.speeds?.read;
        Some(seconds(self.workload.read() as f64 / read))
    }

    /// An upload hashes on a thread of its own.
    fn hashing(&self) -> Option<Duration> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let threads = self.options.concurrency.most().get().min(cores);
        let hash = self.workload.speeds?.hash * threads as f64;
        Some(seconds(self.workload.read() as f64 / hash))
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests;
