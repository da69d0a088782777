//! What a run would do, how long it would take at least, and what it would cost: nothing is sent,
//! asked for or written.
//!
//! It reads the same source, rules and ledger as a run, and asks the same state machine where each
//! file's work begins, so that it has no rule of its own. Memory grows by some bytes a row.
//!
//! | part | duty |
//! |---|---|
//! | `survey` | goes through the input and counts: what goes up, what is done, what fails |
//! | `calls` | what a file costs the account, from where it stands |
//! | `causes` | rows by cause, an example each |
//! | `paths` | the same path on two rows |
//! | `duplicates` | files with the same bytes |
//! | `preflight` | what the service would choke on, seen in the file itself |
//! | `disk` | how fast this machine reads and hashes |
//! | `estimate` | the least time, and what binds; pure |

mod calls;
mod causes;
mod disk;
mod duplicates;
mod estimate;
mod paths;
mod preflight;
mod survey;

use std::time::Duration;

pub use calls::Calls;
pub use causes::{Cause, Causes};
pub use disk::Speeds;
pub use duplicates::Twins;
pub use estimate::{Limit, Outlook, Resource, outlook};
pub use preflight::{Warning, preflight};
pub use survey::{Survey, survey};

use crate::body::Timetable;
use crate::decision::Rules;
use crate::ledger::{LedgerError, ScratchError};
use crate::model::Rates;
use crate::pipeline::{Concurrency, Via};

/// On what terms a run would go.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Which files are taken.
    pub rules: Rules,
    /// How files go up.
    pub via: Via,
    /// Calls a second.
    pub rates: Rates,
    /// Uploads in flight.
    pub concurrency: Concurrency,
    /// Bytes a second for all uploads together, by the time of day.
    pub bandwidth: Timetable,
    /// What the line carries, in bytes a second, where that is known.
    pub line: Option<f64>,
    /// The shortest time between two looks at one asset; `None`: confirmation is not waited for.
    pub poll_interval: Option<Duration>,
    /// Files with the same bytes share one upload and one asset.
    pub dedupe: bool,
    /// Look into the files.
    pub preflight: bool,
}

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The table in which files with the same bytes are found.
    #[error("the temporary table for --dedupe: {0}; make room there or set SQLITE_TMPDIR")]
    Table(#[from] ScratchError),
}
