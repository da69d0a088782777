//! The page's lists in words: causes, failures, runs, the slowest files, assets. Pure.

use serde::Serialize;

use super::figures::{count, rate, real, share, size, thousandths, time};
use super::gantt::{SlowestFile, result};
use super::series;
use crate::ledger::{AssetTotal, FailedRow, FailureCause, JobSurvey, RunTimeline};
use crate::model::advice;
use crate::text::plain;

#[derive(Debug, Serialize)]
pub(super) struct CauseRow {
    code: String,
    count: String,
    bytes: String,
    share: String,
    width: f64,
    example: String,
    error: String,
    advice: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub(super) struct RunRow {
    number: i64,
    began: String,
    end: String,
    took: String,
    bytes: String,
    rate: String,
    sent: String,
    confirmed: String,
    failed: String,
    throttles: String,
    retries: String,
}

#[derive(Debug, Serialize)]
pub(super) struct FailureRow {
    row: String,
    file: String,
    bytes: String,
    attempts: u64,
    code: String,
    error: String,
}

#[derive(Debug, Serialize)]
pub(super) struct SlowRow {
    file: String,
    bytes: String,
    took: String,
    waited: String,
    sent: String,
    confirmed: String,
    result: &'static str,
}

pub(super) fn causes(causes: &[FailureCause], failed: u64) -> Vec<CauseRow> {
    let row = |cause: &FailureCause| CauseRow {
        code: plain(&cause.code),
        count: count(cause.total.count),
        bytes: size(cause.total.bytes),
        share: share(cause.total.count, failed),
        width: thousandths(cause.total.count, failed),
        example: plain(&cause.example.to_string_lossy()),
        error: plain(&cause.error),
        advice: what_to_do(&cause.code),
    };
    causes.iter().map(row).collect()
}

/// As [`advice`], and for the causes whose own words leave it open.
fn what_to_do(code: &str) -> Option<&'static str> {
    advice(code).or_else(|| {
        Some(match code {
            "unsupported_media" | "unsupported_type" => {
                "convert the files to a format that the service lists, or leave them out"
            }
            "bad_request" => "read the service's message: it does not accept the file or its name",
            "too_large" | "storage_413" => "make the files smaller, or leave them out",
            "permission" => {
                "make the files and their folders readable, then run the same command again"
            }
            "changed" | "sha256_mismatch" => {
                "find the program that writes to the files, then run the same command again"
            }
            "io" | "read_stall" => "check the disk, then run the same command again",
            "url_expired" | "storage_denied" | "redirect" | "size_mismatch" => {
                "run the same command again; if the files still fail, contact the service"
            }
            _ => return None,
        })
    })
}

pub(super) fn run_row(run: &RunTimeline, survey: &JobSurvey, is_running: bool) -> RunRow {
    let sum = series::sum(&run.buckets);
    let is_last = survey
        .timelines
        .last()
        .is_some_and(|last| last.times == run.times);
    let end = match &run.times.ended_at {
        Some(at) => minute(at),
        None if is_last && is_running => "still running".to_owned(),
        None => "cut short".to_owned(),
    };
    RunRow {
        number: run.times.number,
        began: minute(&run.times.started_at),
        end,
        took: time(run.took_ms),
        bytes: size(sum.bytes),
        rate: rate(real(sum.bytes) * 1000.0 / real(run.took_ms.max(1))),
        sent: count(sum.sent),
        confirmed: count(sum.confirmed),
        failed: count(sum.failed),
        throttles: count(sum.throttles.iter().sum()),
        retries: count(sum.retries),
    }
}

pub(super) fn failure(row: &FailedRow) -> FailureRow {
    FailureRow {
        row: count(row.no + 1),
        file: plain(&row.path.to_string_lossy()),
        bytes: row.bytes.map(size).unwrap_or_default(),
        attempts: row.attempts,
        code: plain(&row.code),
        error: plain(&row.error),
    }
}

pub(super) fn slow_row(slow: &SlowestFile<'_>) -> SlowRow {
    let file = slow.file;
    let spent = |from: u64, to: u64| time(to.saturating_sub(from));
    SlowRow {
        file: plain(&file.path.to_string_lossy()),
        bytes: size(file.size),
        took: time(slow.took_ms()),
        waited: spent(file.begun_ms, file.sending_ms),
        sent: spent(file.sending_ms, file.sent_ms),
        confirmed: spent(file.sent_ms, file.ended_ms),
        result: result(file.status),
    }
}

pub(super) fn assets(survey: &JobSurvey) -> Vec<[String; 3]> {
    let row = |asset: &AssetTotal| {
        let reason = asset.reason.as_deref();
        let reason = reason.map_or(String::new(), |reason| format!(": {}", plain(reason)));
        let state = format!("{}{reason}", plain(&asset.state));
        [state, count(asset.total.count), size(asset.total.bytes)]
    };
    survey.assets.iter().map(row).collect()
}

/// `2026-01-02T03:04:05.678Z` as `2026-01-02 03:04 UTC`.
pub(super) fn minute(time: &str) -> String {
    match (time.get(..10), time.get(11..16)) {
        (Some(day), Some(minute)) => format!("{} {} UTC", plain(day), plain(minute)),
        _ => plain(time),
    }
}
