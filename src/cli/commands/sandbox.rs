//! `mavi sandbox`: runs the service in small until a signal ends it.

use std::process::ExitCode;

use crate::cli::config::args::sandbox::SandboxArgs;
use crate::cli::exit::{self, CommandError};
use crate::cli::output::{print, say};
use crate::cli::signals::Signals;
use mavi_sandbox::{Faults, PerEndpoint, Sandbox, SandboxConfig, Stats};

pub(crate) async fn run(args: SandboxArgs) -> Result<ExitCode, CommandError> {
    let mut signals = Signals::subscribe()?;
    let started = Sandbox::start(config(args)?).await;
    let sandbox = started.map_err(|error| CommandError::Local(format!("sandbox: {error}")))?;
    print(&format!(
        "export MEMORIES_V2_BASE_URL={}",
        sandbox.base_url()
    ));
    print(&format!("export MEMORIES_API_KEY={}", sandbox.api_key()));
    say(
        "serving until Ctrl-C; its assets: GET /sandbox/assets, its statistics: GET /sandbox/stats",
    );
    signals.next().await;
    for line in summary(&sandbox.stats()) {
        say(&line);
    }
    sandbox.stop().await;
    Ok(ExitCode::from(exit::DONE))
}

fn config(args: SandboxArgs) -> Result<SandboxConfig, CommandError> {
    let mut faults = match &args.faults {
        None => Faults::default(),
        Some(file) => Faults::read(file)
            .map_err(|error| CommandError::Usage(format!("{}: {error}", file.display())))?,
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

fn summary(stats: &Stats) -> Vec<String> {
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
