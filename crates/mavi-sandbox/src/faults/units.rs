//! Durations, amounts and the like, as a script writes them. It knows no keys.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// A duration, `"1m 30s"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time(pub(super) Duration);

/// A duration, or `"forever"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stall {
    For(Duration),
    Forever,
}

/// How much of a body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Amount {
    All,
    Bytes(u64),
    /// From 0 to 1.
    Share(f64),
}

/// How often a body's text is sent: a number, or `"endless"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Times(usize),
    Endless,
}

/// Slow bodies are sent in segments of a tenth of a second.
const SEGMENTS_PER_SECOND: u64 = 10;

/// Bytes per second, at least one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByteRate(pub(super) NonZeroU64);

impl ByteRate {
    /// The size of a segment.
    pub(crate) fn segment(self) -> u64 {
        (self.0.get() / SEGMENTS_PER_SECOND).max(1)
    }

    /// How long so many bytes take.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a pause need not be exact beyond 53 bits"
    )]
    pub(crate) fn time_for(self, bytes: usize) -> Duration {
        Duration::from_secs(1).mul_f64(bytes as f64 / self.0.get() as f64)
    }
}

impl Amount {
    /// In bytes, of a body of `length`; `None` is all of it, as is a share of an unknown length.
    pub(crate) fn of(self, length: Option<u64>) -> Option<u64> {
        match self {
            Self::All => None,
            Self::Bytes(bytes) => Some(bytes),
            Self::Share(share) => length.map(|length| part(length, share)),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a body need not be exact beyond 53 bits"
)]
fn part(length: u64, share: f64) -> u64 {
    ((length as f64 * share) as u64).min(length)
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = humantime::parse_duration(text);
        parsed.map(Self).map_err(|error| error.to_string())
    }
}

impl FromStr for Stall {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "forever" => Ok(Self::Forever),
            _ => text.parse().map(|Time(time)| Self::For(time)),
        }
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let percent = text
            .strip_suffix('%')
            .and_then(|text| text.trim().parse::<f64>().ok());
        match (text, percent) {
            ("all", _) => Ok(Self::All),
            ("none", _) => Ok(Self::Bytes(0)),
            (_, Some(percent)) if (0.0..=100.0).contains(&percent) => {
                Ok(Self::Share(percent / 100.0))
            }
            _ => Err("not an amount".to_owned()),
        }
    }
}

impl FromStr for Repeat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "endless" => Ok(Self::Endless),
            _ => Err("not a number of times".to_owned()),
        }
    }
}

/// Reads a value from a text, and from a number where `number` makes one of it.
struct Written<T> {
    expected: &'static str,
    number: fn(u64) -> Option<T>,
}

impl<T: FromStr<Err = String>> Visitor<'_> for Written<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        let unexpected = de::Unexpected::Str(text);
        text.parse()
            .map_err(|_| E::invalid_value(unexpected, &self))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        let value = u64::try_from(number).ok().and_then(self.number);
        value.ok_or_else(|| E::invalid_value(de::Unexpected::Signed(number), &self))
    }
}

macro_rules! written {
    ($type:ty, $expected:literal, $number:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let (expected, number) = ($expected, $number);
                deserializer.deserialize_any(Written { expected, number })
            }
        }
    };
}

written!(Time, "a duration such as \"30s\"", |_| None);
written!(Stall, "a duration such as \"30s\", or \"forever\"", |_| {
    None
});
written!(
    Amount,
    "a number of bytes, a share such as \"50%\", \"all\" or \"none\"",
    |bytes| Some(Self::Bytes(bytes))
);
written!(Repeat, "a number of times, or \"endless\"", |times| {
    usize::try_from(times).ok().map(Self::Times)
});
