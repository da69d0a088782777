//! `mavi upload`: sets a run up, watches over it, and says how it ended.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::args::UploadArgs;
use super::display::Display;
use super::exit::{self, Failure, GO_ON};
use super::signals::{self, Signals};
use super::{say, settings};
use crate::api::{AccountFault, Address};
use crate::ledger::{Ledger, LedgerError, Reader};
use crate::pipeline::Stop;
use crate::report;
use crate::retry::StopCause;
use crate::sandbox::{Processing, Sandbox, SandboxConfig};
use crate::upload::{RunError, Settings, run as upload};

/// The embedded sandbox: no limits, hardly any processing.
const PROCESSING: Duration = Duration::from_millis(200);

/// How often the embedded sandbox is asked.
const SANDBOX_POLL: Duration = Duration::from_millis(100);

pub(super) async fn run(args: UploadArgs) -> Result<ExitCode, Failure> {
    let signals = Signals::subscribe()?;
    let sandbox = if args.sandbox {
        Some(start_sandbox().await?)
    } else {
        None
    };
    let (settings, key_from) = if let Some(sandbox) = &sandbox {
        let settings = sandbox_settings(&args, sandbox)?;
        (settings, "the sandbox".to_owned())
    } else {
        let (key, found) = settings::api_key(&args.service)?;
        if args.display.verbose > 0 {
            say(&format!("API key from {found}"));
        }
        let settings = settings::settings(&args, &args.service.base_url, &key, 1.0)?;
        (settings, found)
    };
    let source = settings::source(&args, &settings)?;
    if sandbox.is_some() {
        discard(&settings.ledger)?;
    }
    if !args.display.quiet {
        let new = if settings.ledger.exists() {
            ""
        } else {
            " (new: nothing is known of earlier uploads)"
        };
        say(&format!("ledger {}{new}", settings.ledger.display()));
    }
    let report = settings.report.clone();
    let stop = Stop::new();
    let stopping = if args.pace.drain {
        "nothing new starts, uploads under way finish"
    } else {
        "nothing new starts, uploads under way are broken off"
    };
    let display = Display::start(&args.display, settings.rates);
    let tell = display.voice();
    let signal = signals::watch(signals, stop.clone(), args.pace.drain, stopping, tell);
    let summary = upload(settings, source, display.listener(), stop).await;
    let signal = signal.get().copied();
    let ended = summary.as_ref().ok();
    display.end(
        ended.map(|summary| (summary, exit::code(summary, signal))),
        &report,
    );
    let summary = summary?;
    let code = exit::code(&summary, signal);
    if let Some(cause) = &summary.cause {
        let key = match cause {
            StopCause::Account(AccountFault::BadKey | AccountFault::NoPermission) => {
                format!("; the key came from {key_from}")
            }
            _ => String::new(),
        };
        say(&format!("stopped: {cause}{key}"));
    }
    if code >= exit::ACCOUNT {
        say(GO_ON);
    }
    Ok(ExitCode::from(code))
}

async fn start_sandbox() -> Result<Sandbox, Failure> {
    let processing = Processing {
        median: PROCESSING,
        sigma: 0.0,
    };
    let config = SandboxConfig {
        rate: 0.0,
        processing,
        ..SandboxConfig::default()
    };
    let started = Sandbox::start(config).await;
    started.map_err(|error| Failure::Local(format!("sandbox: {error}")))
}

/// A run against the embedded sandbox has a ledger of its own, remade each time, since the
/// sandbox forgets its assets; and it may replace the report that it wrote before.
fn sandbox_settings(args: &UploadArgs, sandbox: &Sandbox) -> Result<Settings, Failure> {
    let mut settings = settings::settings(args, sandbox.base_url(), sandbox.api_key(), 0.0)?;
    if args.output.ledger.is_none() {
        settings.ledger = settings.report.with_file_name("mavi-sandbox.db");
    }
    if args.pace.poll_interval.is_none() {
        settings.confirm.poll_interval = SANDBOX_POLL;
    }
    settings.overwrite |= report::is_ours(&settings.report).unwrap_or(false);
    Ok(settings)
}

/// Makes way for a new ledger, unless what stands there is anything but an earlier sandbox's.
fn discard(ledger: &Path) -> Result<(), Failure> {
    let theirs = match Reader::open(ledger).and_then(|ledger| ledger.identity()) {
        Ok(identity) => identity.map(|identity| identity.base_url),
        Err(LedgerError::Missing { .. }) => None,
        Err(error) => return Err(RunError::from(error).into()),
    };
    let of_a_sandbox = |url: &String| Address::parse(url, &[]).is_ok_and(|url| url.is_loopback());
    if let Some(theirs) = theirs.filter(|theirs| !of_a_sandbox(theirs)) {
        return Err(Failure::Usage(format!(
            "ledger {}: belongs to {theirs} and is not replaced by a sandbox's: give --ledger \
             another file",
            ledger.display()
        )));
    }
    Ok(Ledger::discard(ledger).map_err(RunError::from)?)
}
