//! What is said of an event, above what is drawn. Pure.

use std::path::Path;

use crate::cli::format::{duration, size_of};
use mavi_upload::event::{ConcurrencyChange, Event};
use mavi_upload::text::plain;

/// Failed rows that are named one by one.
pub(crate) const NAMED_FAILURES: u64 = 100;

/// An event in words, where it is worth any; `failed` rows there are by now.
pub(crate) fn of(event: &Event, failed: u64, verbose: bool) -> Option<String> {
    let text = match event {
        Event::Failed { path, refusal } if failed <= NAMED_FAILURES => {
            format!("failed: {}: {refusal}", shown(path))
        }
        // The last place left for it.
        Event::Unwritten { path, asset_id } => {
            format!(
                "allotted and not written down: {asset_id} for {}",
                shown(path)
            )
        }
        Event::ServiceDown { host } => {
            format!("{} does not answer: asking once a minute", plain(host))
        }
        Event::ServiceUp { host } => format!("{} answers again: going on", plain(host)),
        Event::Warning(text) => format!("warning: {}", plain(text)),
        event if verbose => return in_detail(event),
        _ => return None,
    };
    Some(text)
}

/// What only `-v` says.
fn in_detail(event: &Event) -> Option<String> {
    Some(match event {
        Event::Skipped {
            path,
            asset_id,
            confirmed_at,
        } => {
            format!(
                "skipped: {}: {asset_id}, confirmed {confirmed_at}",
                shown(path)
            )
        }
        Event::Deferred { path, refusal } => format!("again later: {}: {refusal}", shown(path)),
        Event::Abandoned {
            path,
            asset_id,
            reason,
        } => format!("given up: {}: {asset_id}: {reason}", shown(path)),
        Event::Throttled { pause, rate, .. } => {
            let (pause, rate) = (duration(*pause), (rate * 100.0).round() / 100.0);
            format!("told to slow down: waiting {pause}, then {rate} calls a second")
        }
        Event::Concurrency(choice) => slots(choice),
        _ => return None,
    })
}

/// What became of the number of uploads, and what it moves.
pub(crate) fn slots(choice: &ConcurrencyChange) -> String {
    format!("{choice} ({}/s)", size_of(choice.bytes_per_second))
}

fn shown(path: &Path) -> String {
    plain(&path.to_string_lossy())
}
