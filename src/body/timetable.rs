//! What may leave at which time of day: `--bandwidth`, as it is written and as it is meant.
//!
//! Pure, save for the time of day; `bandwidth` applies it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use jiff::civil::Time;

/// The least rate, in bytes a second: a lower one would be a stop.
pub(super) const LEAST_RATE: u64 = 1024;

/// Seconds of a day; one hour more or less where clocks change does not matter to a forecast.
const DAY: f64 = 86_400.0;

/// What may leave at which time of day.
///
/// Written as `20M` (bytes a second), `off` (no limit), or as times with rates: `08:00,5M 19:00,off`.
/// A rate holds until the next time; the last one holds over midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable(Vec<(Time, BandwidthRate)>);

/// Bytes a second; `None` for no limit.
pub(super) type BandwidthRate = Option<u64>;

/// Why a text is no [`Timetable`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no bandwidth: write 20M, off, or times with rates such as \"08:00,5M 19:00,off\""
)]
pub struct ParseTimetableError(String);

impl FromStr for Timetable {
    type Err = ParseTimetableError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |part: &str| ParseTimetableError(part.to_owned());
        if let Some(rate) = parse_rate(text.trim()) {
            return Ok(Self(vec![(Time::midnight(), rate)]));
        }
        let mut entries = Vec::new();
        for part in text.split_whitespace() {
            let (time, rate) = part.split_once(',').ok_or_else(|| wrong(part))?;
            let time = Time::strptime("%H:%M", time).map_err(|_| wrong(part))?;
            entries.push((time, parse_rate(rate).ok_or_else(|| wrong(part))?));
        }
        entries.sort_by_key(|(time, _)| *time);
        if entries.is_empty() || entries.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(wrong(text));
        }
        Ok(Self(entries))
    }
}

/// `None` for what is neither a rate nor `off`.
fn parse_rate(text: &str) -> Option<BandwidthRate> {
    if text == "off" {
        return Some(None);
    }
    let rate = text.parse::<ByteSize>().ok()?.as_u64();
    (rate >= LEAST_RATE).then_some(Some(rate))
}

impl fmt::Display for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate =
            |rate: BandwidthRate| rate.map_or_else(|| "off".to_owned(), |rate| format!("{rate}B"));
        if let [(_, only)] = self.0.as_slice() {
            return f.write_str(&rate(*only));
        }
        for (i, (time, entry)) in self.0.iter().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            let time = time.strftime("%H:%M");
            write!(f, "{gap}{time},{}", rate(*entry))?;
        }
        Ok(())
    }
}

impl Default for Timetable {
    /// No limit at any time.
    fn default() -> Self {
        Self(vec![(Time::midnight(), None)])
    }
}

impl Timetable {
    /// What may leave at a time of day.
    fn rate_at(&self, now: Time) -> BandwidthRate {
        let begun = self.0.iter().rev().find(|(time, _)| *time <= now);
        begun.or(self.0.last()).and_then(|(_, rate)| *rate)
    }

    /// Whether it says anything at all.
    pub(super) fn has_limit(&self) -> bool {
        self.0.iter().any(|(_, rate)| rate.is_some())
    }

    /// Whether the limit depends on the time of day, and so on the time zone.
    #[must_use]
    pub fn changes_by_day(&self) -> bool {
        self.0.windows(2).any(|pair| pair[0].1 != pair[1].1)
    }

    /// What may leave now.
    pub(super) fn rate(&self) -> BandwidthRate {
        match self.0.as_slice() {
            [(_, only)] => *only,
            _ => self.rate_at(jiff::ZonedDateTime::now().time()),
        }
    }

    /// How long so many bytes take at least, from a time of day on, over a connection that carries
    /// `line` bytes a second (`None`: no end). `None` where there is no limit at any time.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a forecast")]
    pub fn time_for(&self, bytes: u64, from: Time, line: Option<f64>) -> Option<Duration> {
        if !self.has_limit() {
            return None;
        }
        let rate_at = |now| match (self.rate_at(now), line) {
            (Some(rate), Some(line)) => line.min(rate as f64),
            (Some(rate), None) => rate as f64,
            (None, line) => line.unwrap_or(f64::INFINITY),
        };
        let windows = self.windows(from);
        let a_day: f64 = windows
            .iter()
            .map(|(begins, seconds)| rate_at(*begins) * seconds)
            .sum();
        // Whole days at once: a slow line may take years.
        let days = (bytes as f64 / a_day).floor();
        let mut left = if days > 0.0 {
            bytes as f64 % a_day
        } else {
            bytes as f64
        };
        let mut time = days * DAY;
        for (begins, seconds) in windows {
            let needs = left / rate_at(begins);
            if needs <= seconds {
                time += needs;
                break;
            }
            left -= rate_at(begins) * seconds;
            time += seconds;
        }
        Some(Duration::try_from_secs_f64(time).unwrap_or(Duration::MAX))
    }

    /// The day from a time of day on, as stretches of one rate: where each begins, and its seconds.
    fn windows(&self, from: Time) -> Vec<(Time, f64)> {
        let later = self.0.iter().map(|(time, _)| *time);
        let mut begins: Vec<_> = later.filter(|time| *time != from).collect();
        begins.push(from);
        begins.sort_by_key(|time| (*time < from, *time));
        let ends = begins.iter().skip(1).chain([&from]);
        let seconds = |(begin, end): (&Time, &Time)| {
            let seconds = begin.duration_until(*end).as_secs_f64();
            (
                *begin,
                if seconds > 0.0 {
                    seconds
                } else {
                    seconds + DAY
                },
            )
        };
        begins.iter().zip(ends).map(seconds).collect()
    }
}

#[cfg(test)]
mod tests;
