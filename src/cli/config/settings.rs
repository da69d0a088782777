//! The command line as it is meant: every option checked and turned into the library's types.
//!
//! Errors in them are found here, before anything is sent.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::config::args::service::{ServiceArgs, ViaArg, ViaArgs};
use crate::cli::config::args::upload::{InputArgs, PathArgs, SpeedArgs, UploadArgs};
use crate::cli::config::environment::Environment;
use crate::cli::config::key::{KeyFound, key, warn_when_readable_by_others};
use crate::cli::exit::CommandError;
use crate::cli::output::say;
use mavi_upload::api::{Address, HttpSettings};
use mavi_upload::model::{ApiKey, Rates};
use mavi_upload::report::is_same;
use mavi_upload::run::{
    BASE_URL, ConfirmPolicy, DIRECT_SIZE, MAX_SIZE, Paths, RetryPolicy, Rules, Settings, Via,
};
use mavi_upload::source::{
    Filter, Manifest, ManifestInput, ManifestOptions, Source, Walk, WalkOptions,
};

fn usage(error: impl std::fmt::Display) -> CommandError {
    CommandError::Usage(error.to_string())
}

/// Which service, and the key to it.
pub(crate) struct Access {
    pub(crate) base_url: String,
    pub(crate) api_key: String,
    /// Where the key was found, in words.
    pub(crate) found: String,
}

/// The settings of a run against this service. `default_rate` holds where no rate was given.
pub(crate) fn settings(
    args: &UploadArgs,
    access: &Access,
    default_rate: f64,
) -> Result<Settings, CommandError> {
    check_report(args)?;
    let Paths { report, ledger } = paths(&args.paths);
    let mut settings = Settings::new(&access.api_key, &access.base_url, report).map_err(usage)?;
    settings.address =
        Address::parse(&access.base_url, &args.service.storage_host).map_err(usage)?;
    settings.ledger = ledger;
    let (speed, wait) = (&args.speed, &args.wait);
    settings.concurrency = speed.concurrency;
    settings.rates = rates(speed, default_rate);
    settings.bandwidth = speed.bandwidth.clone();
    settings.max_outage = Some(wait.max_outage).filter(|longest| !longest.is_zero());
    settings.retry = RetryPolicy {
        retries: wait.retries,
        delay: wait.retry_delay,
        max_delay: wait.retry_max_delay.max(wait.retry_delay),
    };
    settings.confirm = ConfirmPolicy {
        poll_interval: poll_interval(speed),
        timeout: (!speed.no_confirm).then_some(wait.confirm_timeout),
    };
    settings.via = via(args.via);
    settings.rules = rules(&args.input, settings.via);
    settings.dedupe = args.input.dedupe;
    settings.overwrite = args.replace.overwrite;
    settings.adopt_ledger = args.replace.adopt_ledger;
    settings.no_proxy = args.service.no_proxy;
    settings.ca_pem = ca_pem(&args.service)?;
    Ok(settings)
}

/// Where the report and the ledger are.
pub(crate) fn paths(args: &PathArgs) -> Paths {
    Paths::new(&args.report, args.ledger.as_deref())
}

/// The report goes to a file, which is not the run's own input.
fn check_report(args: &UploadArgs) -> Result<(), CommandError> {
    let report = &args.paths.report;
    if report == Path::new("-") {
        return Err(usage(
            "--report -: a report grows with its run and needs a file: give it a name, and write it to stdout \
             afterwards with mavi report -o -",
        ));
    }
    let manifest = args.input.manifest.as_deref();
    if manifest.is_some_and(|manifest| is_same(manifest, report)) {
        let text = "is the manifest, which is never overwritten: give the report another name";
        return Err(usage(format!("--report {}: {text}", report.display())));
    }
    Ok(())
}

/// Calls a second; `default` where none are given.
pub(crate) fn rates(speed: &SpeedArgs, default: f64) -> Rates {
    Rates {
        sign: speed.sign_rate.unwrap_or(default),
        upload: speed.upload_rate.unwrap_or(default),
        poll: speed.poll_rate.unwrap_or(default),
    }
}

pub(crate) fn poll_interval(speed: &SpeedArgs) -> Duration {
    let default = ConfirmPolicy::default().poll_interval;
    speed.poll_interval.unwrap_or(default)
}

pub(crate) fn via(args: ViaArgs) -> Via {
    match args.via {
        ViaArg::SignedUrl => Via::SignedUrl,
        ViaArg::Direct => Via::Direct,
    }
}

/// Which files are taken, by the way they are sent.
pub(crate) fn rules(input: &InputArgs, via: Via) -> Rules {
    let largest = input.max_size.map_or(MAX_SIZE, |size| size.as_u64());
    Rules {
        max_size: match via {
            Via::SignedUrl => largest,
            Via::Direct => largest.min(DIRECT_SIZE - 1),
        },
        all_types: input.all_files,
    }
}

/// How the service is called, for commands other than upload.
pub(crate) fn http(args: &ServiceArgs) -> Result<HttpSettings, CommandError> {
    let access = access(args)?;
    let address = Address::parse(&access.base_url, &args.storage_host).map_err(usage)?;
    let key = ApiKey::parse(&access.api_key).map_err(usage)?;
    Ok(HttpSettings {
        ca_pem: ca_pem(args)?,
        no_proxy: args.no_proxy,
        ..HttpSettings::new(address, key)
    })
}

/// The certificates to trust beside the system's.
pub(crate) fn ca_pem(args: &ServiceArgs) -> Result<Option<Vec<u8>>, CommandError> {
    let pem = args.ca_cert.as_deref();
    pem.map(|path| read("--ca-cert", path)).transpose()
}

fn read(option: &str, path: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path).map_err(|error| usage(format!("{option} {}: {error}", path.display())))
}

/// The source that the command names; a manifest is checked whole.
pub(crate) fn source(
    input: &InputArgs,
    own_files: Vec<PathBuf>,
) -> Result<Box<dyn Source>, CommandError> {
    if let Some(manifest) = &input.manifest {
        return manifest_source(manifest, input);
    }
    let InputArgs {
        include,
        exclude,
        all_files,
        follow,
        system_files,
        ..
    } = input;
    let filter = Filter::new(include, exclude, *all_files).map_err(usage)?;
    let options = WalkOptions {
        filter,
        follow: *follow,
        system_files: *system_files,
        own_files,
    };
    Ok(Box::new(Walk::new(input.paths.clone(), options)))
}

fn manifest_source(manifest: &Path, input: &InputArgs) -> Result<Box<dyn Source>, CommandError> {
    let delimiter = match input.delimiter.map(u8::try_from) {
        Some(Err(_)) => return Err(usage("--delimiter: expected one ASCII character")),
        Some(Ok(delimiter)) => Some(delimiter),
        None => None,
    };
    let from = if manifest == Path::new("-") {
        ManifestInput::stdin()
    } else {
        ManifestInput::File(manifest.to_owned())
    };
    let options = ManifestOptions {
        root: input.root.clone(),
        path_map: input.path_map.clone(),
        delimiter,
        lenient: input.lenient,
    };
    let manifest = Manifest::open(from, options).map_err(usage)?;
    if manifest.rows() == 0 {
        say("warning: the manifest has a header and no rows: 0 files");
    }
    Ok(Box::new(manifest))
}

/// Finds out where the service is and reads the key.
pub(crate) fn access(args: &ServiceArgs) -> Result<Access, CommandError> {
    let environment = Environment::read(args.env_file.as_deref())?;
    let KeyFound { text, found, .. } = key(args, &environment)?;
    for file in [&args.env_file, &args.api_key_file].into_iter().flatten() {
        warn_when_readable_by_others(file);
    }
    Ok(Access {
        base_url: base_url(args),
        api_key: text,
        found,
    })
}

/// Where the service is.
pub(crate) fn base_url(args: &ServiceArgs) -> String {
    let given = args.base_url.clone().filter(|url| !url.trim().is_empty());
    given.unwrap_or_else(|| BASE_URL.to_owned())
}
