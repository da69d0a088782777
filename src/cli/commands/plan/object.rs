//! A plan as one JSON object, for programs.
//!
//! Described in `docs/plan.md`; a change that breaks a reader raises [`VERSION`].

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::cli::commands::plan::forecast::Plan;
use mavi_upload::model::dollars_a_day;
use mavi_upload::plan::{Causes, Speeds, Twins};
use mavi_upload::text::plain;

/// The format's version, as `v`.
const VERSION: u32 = 2;

pub(crate) fn of(plan: &Plan) -> Value {
    let survey = &plan.survey;
    let up = survey.up();
    let a_day = dollars_a_day(up.bytes);
    json!({
        "v": VERSION,
        "ledger": path(&plan.ledger),
        "ledger_is_new": !plan.ledger_exists,
        "rows": {
            "total": survey.rows,
            "refused": survey.refused.rows(),
            "duplicate": survey.duplicate_rows,
            "duplicate_of_refused": survey.duplicates_refused,
        },
        "files": {
            "to_upload": up,
            "new": survey.new,
            "allotted": survey.allotted,
            "outdated": survey.outdated,
            "touched": survey.touched,
            "sent": survey.sent,
            "confirmed": survey.confirmed,
        },
        "dedupe": survey.twins.map(dedupe),
        "refusals": causes(&survey.refused),
        "warnings": causes(&survey.warnings),
        "calls": survey.calls,
        "speeds": survey.speeds.map(speeds),
        "seconds": times(plan),
        "estimate": plan.outlook.binding().map(|binding| json!({
            "seconds": seconds(binding.time),
            "limited_by": binding.resource.word(),
        })),
        "storage": { "dollars_a_day": a_day, "dollars_for_30_days": a_day * 30.0 },
    })
}

fn dedupe(twins: Twins) -> Value {
    let saved = dollars_a_day(twins.shared.bytes);
    json!({ "shared": twins.shared, "read": twins.read, "dollars_a_day_saved": saved })
}

fn causes(causes: &Causes) -> Vec<Value> {
    let cause = |(code, cause): (&str, &mavi_upload::plan::Cause)| {
        json!({
            "code": code,
            "rows": cause.rows,
            "text": plain(&cause.text),
            "example": path(&cause.example),
        })
    };
    causes.by_frequency().into_iter().map(cause).collect()
}

fn speeds(speeds: Speeds) -> Value {
    json!({
        "read_bytes_per_second": speeds.read,
        "hash_bytes_per_second": speeds.hash,
        "sample_bytes": speeds.sample,
    })
}

fn times(plan: &Plan) -> Map<String, Value> {
    let limits = plan.outlook.limits.iter();
    let time = limits.map(|limit| (limit.resource.word().to_owned(), seconds(limit.time)));
    time.collect()
}

/// To the millisecond: more is not meant.
fn seconds(time: Duration) -> Value {
    json!((time.as_secs_f64() * 1e3).round() / 1e3)
}

fn path(path: &Path) -> String {
    plain(&path.to_string_lossy())
}
