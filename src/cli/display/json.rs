//! `--progress json`: events, and how the run stands, one object a line on stdout, for programs.
//!
//! Described in `docs/progress.md`; a change that breaks a reader raises [`VERSION`].

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::display::estimate::{Bottleneck, time_left};
use crate::cli::display::progress::RunProgress;
use mavi_upload::event::Event;
use mavi_upload::model::{AssetId, RowFailure};
use mavi_upload::run::Summary;

/// The format's version, in every object as `v`.
const VERSION: u32 = 2;

/// An event as a line; `None` for what programs need not know.
pub(crate) fn event(event: &Event) -> Option<String> {
    let value = of_run(event)
        .or_else(|| of_asset(event))
        .or_else(|| of_file(event));
    value.map(line)
}

fn of_run(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Started {
            ledger,
            ledger_is_new,
            ..
        } => {
            json!({"event": "started", "ledger": text(ledger), "ledger_is_new": ledger_is_new})
        }
        Event::LeftOut { count } => json!({"event": "left_out", "count": count}),
        Event::ListingEnded => json!({"event": "listed"}),
        Event::Throttled {
            endpoint,
            pause,
            rate,
        } => {
            json!({"event": "throttled", "endpoint": endpoint.word(), "pause_seconds": pause.as_secs_f64(), "rate": rate})
        }
        Event::ServiceDown { host } => json!({"event": "service_down", "host": host}),
        Event::ServiceUp { host } => json!({"event": "service_up", "host": host}),
        Event::Warning(text) => json!({"event": "warning", "text": text}),
        _ => return None,
    })
}

/// Bytes on their way into an asset.
fn of_asset(event: &Event) -> Option<Value> {
    let with = |mut value: Value, name: &str, more: Value| {
        value[name] = more;
        value
    };
    Some(match event {
        Event::Sending {
            path,
            size,
            asset_id,
            ..
        } => asset("sending", path, *size, asset_id.as_ref()),
        Event::Sent {
            path,
            size,
            asset_id,
            sha256,
        } => {
            let sent = asset("sent", path, *size, Some(asset_id));
            with(sent, "sha256", sha256.to_string().into())
        }
        Event::Confirmed {
            path,
            size,
            asset_id,
        } => asset("confirmed", path, *size, Some(asset_id)),
        Event::Shared {
            path,
            size,
            asset_id,
            confirmed,
        } => {
            let shared = asset("shared", path, *size, Some(asset_id));
            with(shared, "confirmed", (*confirmed).into())
        }
        _ => return None,
    })
}

/// The other events of files.
fn of_file(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Skipped {
            path,
            asset_id,
            confirmed_at,
        } => {
            json!({"event": "skipped", "path": text(path), "asset_id": asset_id, "confirmed_at": confirmed_at})
        }
        Event::Signing { path } => json!({"event": "signing", "path": text(path)}),
        Event::Retrying {
            path,
            attempt,
            pause,
        } => {
            json!({"event": "retrying", "path": text(path), "attempt": attempt, "pause_seconds": pause.as_secs_f64()})
        }
        Event::Abandoned {
            path,
            asset_id,
            reason,
        } => {
            json!({"event": "abandoned", "path": text(path), "asset_id": asset_id, "reason": reason})
        }
        Event::Failed { path, failure } => failed_row("failed", path, failure),
        Event::Deferred { path, failure } => failed_row("deferred", path, failure),
        Event::Pending { path, asset_id } => {
            json!({"event": "pending", "path": text(path), "asset_id": asset_id})
        }
        _ => return None,
    })
}

fn asset(event: &str, path: &Path, size: u64, asset_id: Option<&AssetId>) -> Value {
    json!({"event": event, "path": text(path), "bytes": size, "asset_id": asset_id})
}

fn failed_row(event: &str, path: &Path, why: &RowFailure) -> Value {
    json!({"event": event, "path": text(path), "error_code": why.code.word(), "error": why.text})
}

/// How the run stands, as a line.
pub(crate) fn progress(run: &RunProgress, bytes_a_second: f64) -> String {
    let stages = run.stages();
    let left = time_left(run, bytes_a_second);
    let seconds_left = left
        .filter(|(_, bottleneck)| *bottleneck != Bottleneck::Outage)
        .map(|(time, _)| time.as_secs());
    line(json!({
        "event": "progress",
        "rows": run.rows,
        "rows_final": run.listed,
        "duplicates": run.duplicates,
        "done": run.done(),
        "failed": run.failed,
        "pending": run.pending,
        "deferred": run.deferred(),
        "preparing": stages.preparing,
        "sending": stages.sending,
        "processing": stages.processing,
        "bytes": run.bytes(),
        "bytes_sent": run.bytes_sent(),
        "bytes_per_second": bytes_a_second.round(),
        "status_checks": run.polls,
        "throttles": run.throttles,
        "seconds_left": seconds_left,
        "limited_by": left.map(|(_, bottleneck)| bottleneck.word()),
    }))
}

/// The end of the run, as an object that is to become a line when it is written.
pub(crate) fn ended(summary: &Summary, exit_code: u8) -> Value {
    json!({
        "event": "ended",
        "counts": summary.counts,
        "tally": summary.tally,
        "stopped_by": summary.cause.as_ref().map(ToString::to_string),
        "exit_code": exit_code,
    })
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Adds version and time to an object. Whatever a terminal could obey is written as an escape, also
/// where JSON would let it stand.
pub(crate) fn line(mut value: Value) -> String {
    value["v"] = VERSION.into();
    value["time"] = format!("{:.3}", Timestamp::now()).into();
    let text = value.to_string();
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if mavi_upload::text::is_harmless(character) {
            safe.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    safe
}

#[cfg(test)]
mod tests;
