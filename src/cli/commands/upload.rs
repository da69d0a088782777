//! `mavi upload`: prepares a run, shows it, and returns how it ended. The run itself is the library's.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use crate::cli::config::args::upload::UploadArgs;
use crate::cli::config::key::warn_when_readable_by_others;
use crate::cli::config::settings::{self, Access};
use crate::cli::config::zone::zone_of;
use crate::cli::display::Display;
use crate::cli::exit::{self, CommandError, GO_ON};
use crate::cli::output::say;
use crate::cli::signals::Signals;
use mavi_sandbox::{Processing, Sandbox, SandboxConfig};
use mavi_upload::api::{AccountFault, Address};
use mavi_upload::ledger::{Ledger, LedgerError, Reader};
use mavi_upload::report;
use mavi_upload::run::{RunError, Settings, run as upload};
use mavi_upload::shutdown::{Shutdown, StopCause};
use mavi_upload::source::Source;

/// The embedded sandbox: no limits, hardly any processing.
const PROCESSING: Duration = Duration::from_millis(200);

/// How often the embedded sandbox is asked.
const SANDBOX_POLL: Duration = Duration::from_millis(100);

/// What a signal does to uploads under way, with and without `--drain`.
const FINISH: &str = "uploads under way finish";
const CANCEL: &str = "uploads under way are cancelled";

pub(crate) async fn run(args: UploadArgs) -> Result<ExitCode, CommandError> {
    let shutdown = Shutdown::new();
    let drain = args.wait.drain;
    let stopping = if drain { FINISH } else { CANCEL };
    let display = Display::start(args.display);
    let messenger = display.messenger();
    let signal = Signals::subscribe()?.watch(shutdown.clone(), drain, stopping, messenger);
    let sandbox = if args.sandbox {
        Some(start_sandbox().await?)
    } else {
        None
    };
    let of_sandbox = sandbox.as_ref().map(access_to);
    // Reads files and, for a key or a manifest that is piped in, waits for what is at the other end.
    let preparing = tokio::task::spawn_blocking(move || prepare(&args, of_sandbox));
    let prepared = tokio::select! {
        prepared = preparing => prepared.map_err(|_| CommandError::Local("a defect of mavi".to_owned()))?,
        () = shutdown.draining().cancelled() => {
            display.end(None);
            say(GO_ON);
            return Ok(signal.exit_code());
        }
    };
    let Prepared {
        settings,
        source,
        key_from,
    } = prepared?;
    let report = settings.report.clone();
    let summary = upload(settings, source, display.listener(), shutdown).await;
    let signal = signal.get();
    let ended = summary.as_ref().ok();
    display.end(ended.map(|summary| (summary, exit::code(summary, signal), report.as_path())));
    let summary = summary?;
    let code = exit::code(&summary, signal);
    exit::report_stop(stop_words(summary.cause.as_ref(), &key_from), code);
    Ok(ExitCode::from(code))
}

/// Why a run stopped, and where the key came from, where that may be the reason.
fn stop_words(cause: Option<&StopCause>, key_from: &str) -> Option<String> {
    let key = match cause? {
        StopCause::Account(AccountFault::BadKey | AccountFault::NoPermission) => {
            format!("; the key came from {key_from}")
        }
        _ => String::new(),
    };
    Some(format!("{}{key}", cause?))
}

/// A run, ready to begin.
struct Prepared {
    settings: Settings,
    source: Box<dyn Source>,
    /// Where the key was found, in words.
    key_from: String,
}

/// Everything that a run needs, checked.
fn prepare(args: &UploadArgs, of_sandbox: Option<Access>) -> Result<Prepared, CommandError> {
    let is_sandbox = of_sandbox.is_some();
    let (settings, key_from) = match of_sandbox {
        Some(access) => (sandbox_settings(args, &access)?, access.found),
        None => real_settings(args)?,
    };
    let zone = zone_of(&settings.bandwidth)?;
    let source = settings::source(&args.input, settings.own_files())?;
    if is_sandbox {
        discard(&settings.ledger)?;
    }
    let is_new = !settings.ledger.exists();
    if !is_new {
        warn_when_readable_by_others(&settings.ledger);
    }
    if !args.display.quiet {
        let new = if is_new {
            " (new: nothing is known of earlier uploads)"
        } else {
            ""
        };
        say(&format!("ledger {}{new}", settings.ledger.display()));
        if let Some(zone) = zone {
            say(&format!("times of day for --bandwidth are those of {zone}"));
        }
    }
    Ok(Prepared {
        settings,
        source,
        key_from,
    })
}

fn real_settings(args: &UploadArgs) -> Result<(Settings, String), CommandError> {
    let piped = |file: &Option<PathBuf>| file.as_deref() == Some(Path::new("-"));
    if piped(&args.input.manifest) && piped(&args.service.api_key_file) {
        let text = "the manifest and the key cannot both come from stdin: put one into a file";
        return Err(CommandError::Usage(text.to_owned()));
    }
    let access = settings::access(&args.service)?;
    if args.display.verbose > 0 {
        say(&format!("API key from {}", access.found));
    }
    Ok((settings::settings(args, &access, 1.0)?, access.found))
}

async fn start_sandbox() -> Result<Sandbox, CommandError> {
    let config = SandboxConfig {
        rate: 0.0,
        processing: Processing::always(PROCESSING),
        ..SandboxConfig::default()
    };
    let started = Sandbox::start(config).await;
    started.map_err(|error| CommandError::Local(format!("sandbox: {error}")))
}

fn access_to(sandbox: &Sandbox) -> Access {
    Access {
        base_url: sandbox.base_url().to_owned(),
        api_key: sandbox.api_key().to_owned(),
        found: "the sandbox".to_owned(),
    }
}

/// A run against the embedded sandbox has a ledger of its own, remade each time, since the
/// sandbox forgets its assets; and it may replace the report that it wrote before.
fn sandbox_settings(args: &UploadArgs, access: &Access) -> Result<Settings, CommandError> {
    let mut settings = settings::settings(args, access, 0.0)?;
    if args.paths.ledger.is_none() {
        settings.ledger = settings.report.with_file_name("mavi-sandbox.db");
    }
    if args.speed.poll_interval.is_none() {
        settings.confirm.poll_interval = SANDBOX_POLL;
    }
    settings.overwrite |= report::is_ours(&settings.report).unwrap_or(false);
    Ok(settings)
}

/// Removes the ledger of an earlier sandbox; any other is an error.
fn discard(ledger: &Path) -> Result<(), CommandError> {
    let theirs = match Reader::open(ledger).and_then(|ledger| ledger.identity()) {
        Ok(identity) => identity.map(|identity| identity.base_url),
        Err(LedgerError::Missing { .. }) => None,
        Err(error) => return Err(RunError::from(error).into()),
    };
    let of_a_sandbox = |url: &String| Address::parse(url, &[]).is_ok_and(|url| url.is_loopback());
    if let Some(theirs) = theirs.filter(|theirs| !of_a_sandbox(theirs)) {
        return Err(CommandError::Usage(format!(
            "ledger {}: belongs to {theirs} and is not replaced by a sandbox's: give --ledger \
             another file",
            ledger.display()
        )));
    }
    Ok(Ledger::discard(ledger).map_err(RunError::from)?)
}
