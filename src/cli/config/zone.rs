//! The time zone that the times of `--bandwidth` are meant in: a machine's is often not its owner's.
//!
//! jiff finds it, and reads it again while a run goes on; here it is named, or refused.

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;

use crate::cli::exit::CommandError;
use mavi_upload::run::Timetable;
use mavi_upload::text::plain;

/// The zone in words; `None` where the timetable says the same all day.
pub(crate) fn zone_of(timetable: &Timetable) -> Result<Option<String>, CommandError> {
    if !timetable.changes_by_day() {
        return Ok(None);
    }
    zone().map(Some).map_err(CommandError::Usage)
}

/// The zone of this process, in words; else what is wrong with `TZ`.
pub(crate) fn zone() -> Result<String, String> {
    let variable = std::env::var_os("TZ").map(|text| plain(&text.to_string_lossy()));
    match (TimeZone::try_system(), variable) {
        (Ok(zone), variable) => {
            let name = zone.iana_name().map(str::to_owned).or(variable);
            let now = ZonedDateTime::now().strftime("%:z").to_string();
            Ok(match name.filter(|name| !name.is_empty()) {
                Some(name) => format!("{name} (now UTC{now})"),
                None => format!("UTC{now}"),
            })
        }
        (Err(_), Some(text)) => Err(format!(
            "TZ={text}: no time zone of this name is known here, and the times of --bandwidth need \
             one: set TZ to one such as Europe/Berlin, or unset it"
        )),
        (Err(_), None) => Ok("UTC, as the system names no time zone".to_owned()),
    }
}
