//! Calls a second, as they are typed.

use std::str::FromStr;
use std::time::Duration;

use mavi_sandbox::{Endpoint, LimitChange};

/// One rate; 0 is no limit.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate >= 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("expected requests per second, such as 1 or 0.5; 0 for no limit".to_owned()),
    }
}

/// `--rate`: the rate at the start, and its changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RateSchedule {
    pub(crate) rate: f64,
    pub(crate) changes: Vec<LimitChange>,
}

impl FromStr for RateSchedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut schedule = Self {
            rate: 1.0,
            changes: Vec::new(),
        };
        for item in text.split(',').map(str::trim) {
            let (after, rest) = match item.split_once(':') {
                None => (Duration::ZERO, item),
                Some((after, rest)) => {
                    let after = humantime::parse_duration(after);
                    (after.map_err(|_| no_rate(item))?, rest)
                }
            };
            let (endpoints, number) = match rest.split_once('=') {
                None => (Vec::new(), rest),
                Some((name, number)) => {
                    (vec![endpoint(name).ok_or_else(|| no_rate(item))?], number)
                }
            };
            let rate = number.parse::<f64>().ok();
            let rate = rate.filter(|rate| *rate >= 0.0 && rate.is_finite());
            let rate = rate.ok_or_else(|| no_rate(item))?;
            if after.is_zero() && endpoints.is_empty() {
                schedule.rate = rate;
                continue;
            }
            let (style, other_client) = (None, None);
            let rate = Some(rate);
            schedule.changes.push(LimitChange {
                after,
                endpoints,
                rate,
                style,
                other_client,
            });
        }
        Ok(schedule)
    }
}

fn endpoint(name: &str) -> Option<Endpoint> {
    match name {
        "sign" => Some(Endpoint::Sign),
        "send" => Some(Endpoint::Send),
        "status" => Some(Endpoint::Status),
        "direct" => Some(Endpoint::Direct),
        "delete" => Some(Endpoint::Delete),
        _ => None,
    }
}

fn no_rate(item: &str) -> String {
    format!(
        "{item:?} is not a rate: write calls per second (`1`, 0 for no limit), for one call (`send=2`; sign, send, \
         status, direct, delete), from a time on (`30s:0.5`, `30s:send=2`)"
    )
}

#[cfg(test)]
mod tests;
