//! `--progress json`: what happens, one object a line on stdout, for programs.
//!
//! Described in `docs/progress.md`; a change that breaks a reader raises [`VERSION`].

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::display::estimate::{Bottleneck, left};
use crate::cli::display::progress::RunProgress;
use mavi_upload::event::Event;

/// The format's version, in every object as `v`.
const VERSION: u32 = 1;

/// An event as a line; `None` for what programs need not know.
pub(crate) fn event(event: &Event) -> Option<String> {
    let value = match event {
        Event::Started {
            ledger,
            ledger_is_new,
            ..
        } => {
            json!({"event": "started", "ledger": path(ledger), "ledger_is_new": ledger_is_new})
        }
        Event::ListingEnded => json!({"event": "listed"}),
        Event::Skipped {
            path: p,
            asset_id,
            confirmed_at,
        } => {
            json!({"event": "skipped", "path": path(p), "asset_id": asset_id, "confirmed_at": confirmed_at})
        }
        Event::Signing { path: p } => json!({"event": "signing", "path": path(p)}),
        Event::Sending {
            path: p,
            size,
            asset_id,
            ..
        } => {
            json!({"event": "sending", "path": path(p), "bytes": size, "asset_id": asset_id})
        }
        Event::Sent {
            path: p,
            size,
            asset_id,
            sha256,
        } => {
            json!({"event": "sent", "path": path(p), "bytes": size, "asset_id": asset_id, "sha256": sha256.to_string()})
        }
        Event::Confirmed {
            path: p,
            size,
            asset_id,
        } => {
            json!({"event": "confirmed", "path": path(p), "bytes": size, "asset_id": asset_id})
        }
        Event::Shared {
            path: p,
            size,
            asset_id,
            confirmed,
        } => {
            json!({"event": "shared", "path": path(p), "bytes": size, "asset_id": asset_id, "confirmed": confirmed})
        }
        Event::Retrying {
            path: p,
            attempt,
            pause,
        } => {
            json!({"event": "retrying", "path": path(p), "attempt": attempt, "pause_seconds": pause.as_secs_f64()})
        }
        Event::Abandoned {
            path: p,
            asset_id,
            reason,
        } => {
            json!({"event": "abandoned", "path": path(p), "asset_id": asset_id, "reason": reason})
        }
        Event::Failed { path: p, refusal } => {
            json!({"event": "failed", "path": path(p), "error_code": refusal.code.word(), "error": refusal.text})
        }
        Event::Deferred { path: p, refusal } => {
            json!({"event": "deferred", "path": path(p), "error_code": refusal.code.word(), "error": refusal.text})
        }
        Event::Pending { path: p, asset_id } => {
            json!({"event": "pending", "path": path(p), "asset_id": asset_id})
        }
        Event::Throttled {
            endpoint,
            pause,
            rate,
        } => {
            json!({"event": "throttled", "endpoint": endpoint.word(), "pause_seconds": pause.as_secs_f64(), "rate": rate})
        }
        Event::ServiceDown { host } => json!({"event": "away", "host": host}),
        Event::ServiceUp { host } => json!({"event": "back", "host": host}),
        Event::Warning(text) => json!({"event": "warning", "text": text}),
        _ => return None,
    };
    Some(line(value))
}

/// How the run stands, as a line.
pub(crate) fn progress(run: &RunProgress, bytes_a_second: f64) -> String {
    let stages = run.stages();
    let left = left(run, bytes_a_second);
    let eta = left
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
        "signing": stages.signing,
        "sending": stages.sending,
        "confirming": stages.confirming,
        "bytes": run.bytes(),
        "bytes_sent": run.bytes_sent(),
        "bytes_per_second": bytes_a_second.round(),
        "looks": run.looks,
        "throttles": run.throttles,
        "seconds_left": eta,
        "bound_by": left.map(|(_, bottleneck)| bottleneck.word()),
    }))
}

/// The end of the run, as an object that is to become a line when it is written.
pub(crate) fn ended(summary: &mavi_upload::run::Summary, exit_code: u8) -> Value {
    json!({
        "event": "ended",
        "counts": summary.counts,
        "tally": summary.tally,
        "stopped_by": summary.cause.as_ref().map(ToString::to_string),
        "exit_code": exit_code,
    })
}

fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Puts version and time to an object. Whatever a terminal could obey is written as an escape, also
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
