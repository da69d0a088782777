//! A stable part of all assets: the same one each time, and a larger one contains a smaller. Pure.

use std::fmt;
use std::str::FromStr;

/// The number of keys, 2^64.
const ALL: f64 = 18_446_744_073_709_551_616.0;

/// A share of all assets, chosen by their ids alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AssetSample {
    percent: f64,
    /// The first key that is not taken; `None` takes all.
    end: Option<u64>,
}

/// Why a text is no sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a share of the assets such as 10% or 0.5%, above 0% and up to 100%")]
pub struct SampleError;

impl AssetSample {
    /// Every asset.
    pub const WHOLE: Self = Self {
        percent: 100.0,
        end: None,
    };

    /// How many of a hundred assets are taken, on average.
    #[must_use]
    pub fn percent(&self) -> f64 {
        self.percent
    }

    /// Whether every asset is taken.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.end.is_none()
    }

    /// Whether the asset with this key is taken. Keys are evenly spread hashes.
    pub(super) fn takes(&self, key: u64) -> bool {
        self.end.is_none_or(|end| key < end)
    }
}

impl Default for AssetSample {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl FromStr for AssetSample {
    type Err = SampleError;

    fn from_str(text: &str) -> Result<Self, SampleError> {
        let percent = text.trim().strip_suffix('%').ok_or(SampleError)?;
        let percent: f64 = percent.trim().parse().map_err(|_| SampleError)?;
        if !(percent > 0.0 && percent <= 100.0) {
            return Err(SampleError);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and below 2^64 where it is used"
        )]
        let end = (percent / 100.0 * ALL) as u64;
        Ok(Self {
            percent,
            end: (percent < 100.0).then_some(end),
        })
    }
}

impl fmt::Display for AssetSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.percent)
    }
}

#[cfg(test)]
mod tests;
