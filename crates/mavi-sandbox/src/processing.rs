//! How long the sandbox takes to turn stored bytes into a usable asset.
//!
//! Pure arithmetic: it neither sleeps nor knows an asset. A draw is a function of the seed and the asset's allotment
//! index alone, so that a test or a script can compute the same one.

use std::f64::consts::TAU;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::random::{split_mix, unit};

/// How long an asset stays `UPLOADING` once its bytes are there.
///
/// Written `2s` (always two seconds) or `20s,0.5` (lognormal with that median and sigma).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Processing {
    /// Half of the assets are ready sooner.
    pub median: Duration,
    /// Standard deviation of the logarithm; 0 makes every asset take the median.
    pub sigma: f64,
}

impl Default for Processing {
    fn default() -> Self {
        Self::always(Duration::from_secs(2))
    }
}

impl Processing {
    /// The same time for every asset.
    #[must_use]
    pub fn always(time: Duration) -> Self {
        Self {
            median: time,
            sigma: 0.0,
        }
    }

    /// The time for the asset that was allotted as number `index` (from 0).
    ///
    /// The outputs `2 * index + 1` and `2 * index + 2` of `SplitMix64` seeded with `seed` become two numbers in
    /// (0, 1], `u` and `v`; `z = sqrt(-2 ln u) * cos(2 pi v)` and the time is `median * exp(sigma * z)`.
    #[must_use]
    pub fn draw(&self, seed: u64, index: u64) -> Duration {
        if self.sigma == 0.0 {
            return self.median;
        }
        let first = index.wrapping_mul(2).wrapping_add(1);
        let u = unit(split_mix(seed, first));
        let v = unit(split_mix(seed, first.wrapping_add(1)));
        let z = (-2.0 * u.ln()).sqrt() * (TAU * v).cos();
        let seconds = self.median.as_secs_f64() * (self.sigma * z).exp();
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

/// Why a text is no [`Processing`].
#[derive(Debug, thiserror::Error)]
pub enum ParseProcessingError {
    /// The part before the comma is no duration.
    #[error("{text:?} is not a duration such as `2s`")]
    Median {
        /// What was written.
        text: String,
        /// What is wrong with it.
        source: humantime::DurationError,
    },
    /// The part after the comma is no usable number.
    #[error("{0:?} is not a sigma, a number from 0 up such as `0.5`")]
    Sigma(String),
}

impl FromStr for Processing {
    type Err = ParseProcessingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (median, sigma) = text.split_once(',').unwrap_or((text, "0"));
        let (median, sigma) = (median.trim(), sigma.trim());
        let median = humantime::parse_duration(median).map_err(|source| {
            let text = median.to_owned();
            ParseProcessingError::Median { text, source }
        })?;
        match sigma.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(Self {
                median,
                sigma: number,
            }),
            _ => Err(ParseProcessingError::Sigma(sigma.to_owned())),
        }
    }
}

impl fmt::Display for Processing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let median = humantime::format_duration(self.median);
        if self.sigma == 0.0 {
            write!(f, "{median}")
        } else {
            write!(f, "{median},{}", self.sigma)
        }
    }
}

#[cfg(test)]
mod tests;
