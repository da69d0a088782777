//! `mavi sandbox`: the service in small, until a signal ends it.

use std::process::ExitCode;

use super::args::SandboxArgs;
use super::exit::{self, Failure};
use super::signals::Signals;
use super::{give, say};
use crate::sandbox::{Sandbox, SandboxConfig};

pub(super) async fn run(args: SandboxArgs) -> Result<ExitCode, Failure> {
    let config = SandboxConfig {
        listen: args.listen,
        rate: args.rate,
        processing: args.processing,
        keep: args.keep,
        ..SandboxConfig::default()
    };
    let mut signals = Signals::subscribe()?;
    let started = Sandbox::start(config).await;
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
    let stats = sandbox.stats();
    say(&format!(
        "{} calls, {} too early, {} assets, {} bytes received",
        stats.calls.total(),
        stats.violations.total(),
        stats.assets,
        stats.bytes_received,
    ));
    sandbox.stop().await;
    Ok(ExitCode::from(exit::DONE))
}
