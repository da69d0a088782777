//! A plan as one JSON object, for programs.
//!
//! Described in `docs/plan.md`; a change that breaks a reader raises [`VERSION`].

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::cli::commands::plan::forecast::Plan;
use mavi_upload::model::dollars_a_day;
use mavi_upload::plan::{Causes, Duplicates, Speeds};
use mavi_upload::text::plain;

/// The format's version, as `v`.
const VERSION: u32 = 2;

pub(crate) fn of(plan: &Plan) -> Value {
    let workload = &plan.workload;
    let up = workload.up();
    let a_day = dollars_a_day(up.bytes);
    json!({
        "v": VERSION,
        "ledger": path(&plan.ledger),
        "ledger_is_new": !plan.ledger_exists,
        "rows": {
            "total": workload.rows,
            "refused": workload.refused.rows(),
            "duplicate": workload.duplicate_rows,
            "duplicate_of_refused": workload.refused_duplicate_rows,
        },
        "left_out": workload.left_out,
        "files": {
            "to_upload": up,
            "new": workload.new,
            "allotted": workload.allotted,
            "outdated": workload.outdated,
            "touched": workload.touched,
            "sent": workload.sent,
            "confirmed": workload.confirmed,
        },
        "dedupe": workload.duplicates.map(dedupe),
        "refusals": causes(&workload.refused),
        "warnings": causes(&workload.warnings),
        "calls": workload.calls,
        "speeds": workload.speeds.map(speeds),
        "seconds": times(plan),
        "time_zone": plan.zone,
        "estimate": plan.estimate.binding().map(|binding| json!({
            "seconds": seconds(binding.time),
            "limited_by": binding.resource.word(),
        })),
        "storage": { "dollars_a_day": a_day, "dollars_for_30_days": a_day * 30.0 },
    })
}

fn dedupe(duplicates: Duplicates) -> Value {
    let saved = dollars_a_day(duplicates.shared.bytes);
    json!({ "shared": duplicates.shared, "read": duplicates.read, "dollars_a_day_saved": saved })
}

fn causes(causes: &Causes) -> Vec<Value> {
    let cause = |(code, cause): (&str, &mavi_upload::plan::CauseSummary)| {
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
    let limits = plan.estimate.limits.iter();
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
