//! How many uploads at once, as it is asked for. Knows no upload.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

/// Where the search begins; also the number of slots by default.
pub(super) const SEED: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// Where the search ends. More uploads than this help only lines that lose one packet in a hundred.
pub(super) const MOST: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// How many uploads at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concurrency {
    /// This many.
    Fixed(NonZeroUsize),
    /// As many as fill the line.
    Auto,
}

impl Concurrency {
    /// The most there can be.
    #[must_use]
    pub fn most(self) -> NonZeroUsize {
        match self {
            Self::Fixed(number) => number,
            Self::Auto => MOST,
        }
    }

    /// How many there are to begin with.
    pub(super) fn first(self) -> usize {
        match self {
            Self::Fixed(number) => number.get(),
            Self::Auto => SEED.get(),
        }
    }
}

impl Default for Concurrency {
    fn default() -> Self {
        Self::Fixed(SEED)
    }
}

impl From<NonZeroUsize> for Concurrency {
    fn from(number: NonZeroUsize) -> Self {
        Self::Fixed(number)
    }
}

impl FromStr for Concurrency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            _ if text == "auto" => Ok(Self::Auto),
            Ok(number) => Ok(Self::Fixed(number)),
            Err(_) => Err("expected a number of uploads, 1 or more, or auto".to_owned()),
        }
    }
}

impl fmt::Display for Concurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(number) => number.fmt(f),
            Self::Auto => f.write_str("auto"),
        }
    }
}

#[cfg(test)]
mod tests;
