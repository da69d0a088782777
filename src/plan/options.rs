//! On what terms a plan is made. Knows no command line.

use std::time::Duration;

use crate::body::Timetable;
use crate::decision::Rules;
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
