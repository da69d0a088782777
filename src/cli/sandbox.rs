//! `mavi sandbox`: the service in small, until a signal ends it.

use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use super::args::SandboxArgs;
use super::exit::{self, Failure};
use super::signals::Signals;
use super::{give, say};
use mavi_sandbox::{Endpoint, Faults, LimitChange, PerEndpoint, Sandbox, SandboxConfig, Stats};

pub(super) async fn run(args: SandboxArgs) -> Result<ExitCode, Failure> {
    let mut signals = Signals::subscribe()?;
    let started = Sandbox::start(config(args)?).await;
    let sandbox = started.map_err(|error| Failure::Local(format!("sandbox: {error}")))?;
    give(&format!(
        "export MEMORIES_V2_BASE_URL={}",
        sandbox.base_url()
    ));
    give(&format!("export MEMORIES_API_KEY={}", sandbox.api_key()));
    say(
        "serving until Ctrl-C; what it holds: GET /sandbox/assets, what it saw: GET /sandbox/stats",
    );
    signals.next().await;
    for line in told(&sandbox.stats()) {
        say(&line);
    }
    sandbox.stop().await;
    Ok(ExitCode::from(exit::DONE))
}

fn config(args: SandboxArgs) -> Result<SandboxConfig, Failure> {
    let mut faults = match &args.faults {
        None => Faults::default(),
        Some(file) => Faults::read(file)
            .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?,
    };
    if let Some(seed) = args.seed {
        faults = faults.with_seed(seed);
    }
    Ok(SandboxConfig {
        listen: args.listen,
        rate: args.rate.rate,
        limit_style: args.limit_style.into(),
        limits: args.rate.changes,
        faults,
        processing: args.processing,
        keep: args.keep,
        seed: args.seed.unwrap_or(0),
        ..SandboxConfig::default()
    })
}

/// What is said of a sandbox at its end.
fn told(stats: &Stats) -> Vec<String> {
    let mut lines = vec![format!(
        "{} calls, {} too early{}, {} assets, {} bytes received",
        stats.calls.total(),
        stats.violations.total(),
        by_endpoint(&stats.violations),
        stats.assets,
        stats.bytes_received,
    )];
    lines.extend(
        stats
            .faults
            .iter()
            .map(|(name, times)| format!("{name}: {times}")),
    );
    lines
}

/// The endpoints whose number is not 0, in parentheses.
fn by_endpoint(numbers: &PerEndpoint) -> String {
    let named = [
        ("sign", numbers.sign),
        ("send", numbers.send),
        ("status", numbers.status),
        ("direct", numbers.direct),
        ("delete", numbers.delete),
    ];
    let some = named.iter().filter(|(_, number)| *number > 0);
    let parts: Vec<_> = some
        .map(|(name, number)| format!("{name} {number}"))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}

/// `--rate`: the rate at the start, and its changes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RateSchedule {
    rate: f64,
    changes: Vec<LimitChange>,
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
