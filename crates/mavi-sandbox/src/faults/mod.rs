//! Scripts of faults: which calls go wrong, and how. The format is described in `docs/sandbox.md`.
//!
//! Pure: a script is read and checked, and an action chosen; `inject` carries it out. Each file imports only from
//! rows below its own:
//!
//! | file | duty |
//! |---|---|
//! | `check` | a script becomes rules and limits, or an error that says what to change |
//! | `check_action` | the same for what a rule does |
//! | `choose` | which rule acts on a call |
//! | `script` | the script as it is written, decoded |
//! | `rule` | a checked rule |
//! | `action` | what a rule does, once checked |
//! | `units`, `error` | durations, amounts and the like, as they are written; why a text is no script |

pub(crate) mod action;
mod check;
mod check_action;
pub(crate) mod choose;
mod error;
mod rule;
mod script;
pub(crate) mod units;

use std::path::Path;
use std::str::FromStr;

pub use self::error::FaultsError;

use self::choose::Rules;
use crate::limits::LimitChange;

/// The built-in presets.
const PRESETS: &str = include_str!("presets.toml");

/// A checked script of faults; the default has none.
///
/// ```
/// # use mavi_sandbox::Faults;
/// let faults: Faults = r#"
///     [[rule]]
///     call = "sign"
///     first = 3
///     then = "throttle"
/// "#
/// .parse()?;
/// # Ok::<_, mavi_sandbox::FaultsError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub(crate) rules: Rules,
    pub(crate) limits: Vec<LimitChange>,
}

impl Faults {
    /// Reads a script from a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is no script; the error does not name the file.
    pub fn read(path: &Path) -> Result<Self, FaultsError> {
        std::fs::read_to_string(path)?.parse()
    }

    /// The same script with other draws for its shares.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.rules.seed = seed;
        self
    }

    /// The names under which [`crate::Stats::faults`] counts.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.rules.names()
    }
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rules, limits) = check::script(text, PRESETS)?;
        Ok(Self { rules, limits })
    }
}

#[cfg(test)]
mod tests;
