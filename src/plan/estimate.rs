//! The least time that a run takes, and what binds. Pure.
//!
//! Everything goes on at once, so each resource is reckoned by itself: an endpoint by its calls and
//! its period, what moves bytes by their number. The longest of these binds, and is the forecast.
//! Behind an endpoint's last call the last file's bytes still have to go, and behind those the look
//! that confirms them.

use std::fmt;
use std::time::Duration;

use jiff::civil::Time;

use super::{Survey, Terms};

/// What a run may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// The account's limit on *sign* calls.
    Sign,
    /// The account's limit on starts of uploads.
    Send,
    /// The account's limit on *status* calls.
    Status,
    /// The line.
    Line,
    /// The limit that was set for the line.
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
pub struct Outlook {
    /// By resource, as far as they are known.
    pub limits: Vec<Limit>,
}

impl Outlook {
    /// What binds, and how long it takes; `None` where there is nothing to do, or nothing known.
    #[must_use]
    pub fn binding(&self) -> Option<Limit> {
        // Behind the last call its file still moves: where that is all, it is the line that binds.
        // Of equal calls the first holds up the others.
        let longest = self.limits.iter().rev();
        let longest = longest.max_by_key(|limit| (limit.time, !limit.resource.is_endpoint()));
        longest.copied()
    }
}

/// Reckons the least time of a run that begins at this time of day.
#[must_use]
pub fn outlook(survey: &Survey, terms: &Terms, now: Time) -> Outlook {
    let flow = Flow { survey, terms, now };
    let limits = [
        (
            Resource::Sign,
            flow.calls(survey.calls.sign, terms.rates.sign),
        ),
        (
            Resource::Send,
            flow.calls(survey.calls.send, terms.rates.upload),
        ),
        (
            Resource::Status,
            flow.calls(survey.calls.status, terms.rates.poll),
        ),
        (Resource::Line, flow.line()),
        (Resource::Bandwidth, flow.bandwidth()),
        (Resource::Disk, flow.disk()),
        (Resource::Hashing, flow.hashing()),
    ];
    let known = limits.into_iter();
    let limits = known.filter_map(|(resource, time)| {
        Some(Limit {
            resource,
            time: time?,
        })
    });
    Outlook {
        limits: limits.collect(),
    }
}

struct Flow<'a> {
    survey: &'a Survey,
    terms: &'a Terms,
    now: Time,
}

#[expect(clippy::cast_precision_loss, reason = "a forecast")]
impl Flow<'_> {
    /// So many calls, of so many a second, and what follows the last.
    fn calls(&self, count: u64, a_second: f64) -> Option<Duration> {
        let gaps = count.checked_sub(1).filter(|_| a_second > 0.0)?;
        let up = self.survey.up();
        let last_file = self.moving(up.bytes / up.count.max(1));
        Some(seconds(gaps as f64 / a_second) + last_file + self.look())
    }

    /// How long so many bytes take over the line.
    fn moving(&self, bytes: u64) -> Duration {
        let line = self.terms.line;
        let over_line = line.map(|line| seconds(bytes as f64 / line));
        let as_set = self.terms.bandwidth.time_for(bytes, self.now, line);
        as_set.or(over_line).unwrap_or_default()
    }

    /// The time from a file's last byte to the look that confirms it, as far as a run guesses it
    /// before it knows the service.
    fn look(&self) -> Duration {
        self.terms.poll_interval.unwrap_or_default()
    }

    fn line(&self) -> Option<Duration> {
        let bytes = self.up_bytes()?;
        self.terms
            .line
            .map(|line| seconds(bytes / line) + self.look())
    }

    fn bandwidth(&self) -> Option<Duration> {
        self.up_bytes()?;
        let bytes = self.survey.up().bytes;
        let time = self
            .terms
            .bandwidth
            .time_for(bytes, self.now, self.terms.line)?;
        Some(time + self.look())
    }

    fn up_bytes(&self) -> Option<f64> {
        let bytes = self.survey.up().bytes;
        (bytes > 0).then_some(bytes as f64)
    }

    fn disk(&self) -> Option<Duration> {
        let read = self.survey.speeds?.read;
        Some(seconds(self.survey.read() as f64 / read))
    }

    /// An upload hashes on a thread of its own.
    fn hashing(&self) -> Option<Duration> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let threads = self.terms.concurrency.most().get().min(cores);
        let hash = self.survey.speeds?.hash * threads as f64;
        Some(seconds(self.survey.read() as f64 / hash))
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests;
