//! Events as messages for people. Pure.

use crate::cli::format::{duration, left_out, shown, size_of};
use mavi_upload::event::{ConcurrencyChange, Event};
use mavi_upload::text::plain;

/// Failed rows that are named one by one.
pub(crate) const NAMED_FAILURES: u64 = 100;

/// The message of an event, where it has one; `failed` rows there are by now.
pub(crate) fn message(event: &Event, failed: u64, verbose: bool) -> Option<String> {
    Some(match event {
        Event::Failed { path, failure } if failed <= NAMED_FAILURES => {
            format!("failed: {}: {failure}", shown(path))
        }
        // The last place left for it.
        Event::Unwritten { path, asset_id } => {
            format!("reserved but not recorded: {asset_id} for {}", shown(path))
        }
        Event::ServiceDown { host } => {
            format!(
                "{} cannot be reached: trying again once a minute",
                plain(host)
            )
        }
        Event::ServiceUp { host } => format!("{} can be reached again", plain(host)),
        Event::LeftOut { count } => left_out(*count),
        Event::Warning(text) => format!("warning: {}", plain(text)),
        event if verbose => return detail(event),
        _ => return None,
    })
}

/// What only `-v` shows.
fn detail(event: &Event) -> Option<String> {
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
        Event::SystemFile { path } => format!("left out: {}: of the system", shown(path)),
        Event::Deferred { path, failure } => format!("again later: {}: {failure}", shown(path)),
        Event::Abandoned {
            path,
            asset_id,
            reason,
        } => format!("abandoned: {}: {asset_id}: {reason}", shown(path)),
        Event::Throttled { pause, rate, .. } => {
            let (pause, rate) = (duration(*pause), (rate * 100.0).round() / 100.0);
            format!("rate-limited by the service: waiting {pause}, then {rate} calls a second")
        }
        Event::Concurrency(change) => concurrency(change),
        _ => return None,
    })
}

/// How many uploads run at once, why, and what they carry.
pub(crate) fn concurrency(change: &ConcurrencyChange) -> String {
    format!("{change} ({}/s)", size_of(change.bytes_per_second))
}
