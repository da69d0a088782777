//! The options of a plan. Knows no command line.

use std::time::Duration;

use crate::body::Timetable;
use crate::decision::Rules;
use crate::model::Rates;
use crate::pipeline::{Concurrency, Via};

/// On what options a run would go.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// Which files are taken.
    pub rules: Rules,
    /// How files are uploaded.
    pub via: Via,
    /// Calls a second.
    pub rates: Rates,
    /// Uploads in flight.
    pub concurrency: Concurrency,
    /// Bytes a second for all uploads together, by the time of day.
    pub bandwidth: Timetable,
    /// The upload speed of the connection in bytes a second, where it is known.
    pub line: Option<f64>,
    /// The shortest time between two polls of one asset; `None`: confirmation is not waited for.
    pub poll_interval: Option<Duration>,
    /// Files with the same bytes share one upload and one asset.
    pub dedupe: bool,
    /// Whether files are inspected.
    pub preflight: bool,
}
