//! The command line as it is meant: every option checked and turned into the library's types.
//!
//! Whatever is wrong is found here, before anything is sent.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::{InputArgs, PaceArgs, PlaceArgs, ServiceArgs, UploadArgs, ViaArg, WayArgs};
use super::environment::{Environment, Found, read_small};
use super::exit::Failure;
use super::say;
use mavi_upload::api::{Address, HttpSettings};
use mavi_upload::decision::{DIRECT_SIZE, MAX_SIZE, Rules};
use mavi_upload::model::{ApiKey, Rates, others_may_read};
use mavi_upload::pipeline::{ConfirmPolicy, Via};
use mavi_upload::report::is_same;
use mavi_upload::retry::RetryPolicy;
use mavi_upload::run::{BASE_URL, Paths, Settings};
use mavi_upload::source::{
    Filter, Manifest, ManifestInput, ManifestOptions, Source, Walk, WalkOptions,
};

/// Where a key is looked for, in this order.
const KEY_VARIABLES: [&str; 4] = [
    "MEMORIES_API_KEY",
    "MEMORIES_AI_API_KEY",
    "MEMORIES_AI_KEY",
    "MAVI_API_KEY",
];

/// A key longer than this, in KiB, is some other file.
const LONGEST_KEY: u64 = 4;

fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::Usage(error.to_string())
}

/// Which service, and the key to it.
pub(super) struct Access {
    pub(super) base_url: String,
    pub(super) api_key: String,
    /// Where the key was found, in words.
    pub(super) found: String,
}

/// The settings of a run against this service. `default_rate` holds where no rate was given.
pub(super) fn settings(
    args: &UploadArgs,
    access: &Access,
    default_rate: f64,
) -> Result<Settings, Failure> {
    check_report(args)?;
    let Paths { report, ledger } = places(&args.place);
    let mut settings = Settings::new(&access.api_key, &access.base_url, report).map_err(usage)?;
    settings.address =
        Address::parse(&access.base_url, &args.service.storage_host).map_err(usage)?;
    settings.ledger = ledger;
    let (pace, patience) = (&args.pace, &args.patience);
    settings.concurrency = pace.concurrency;
    settings.rates = rates(pace, default_rate);
    settings.bandwidth = pace.bandwidth.clone();
    settings.max_outage = Some(patience.max_outage).filter(|longest| !longest.is_zero());
    settings.retry = RetryPolicy {
        retries: patience.retries,
        delay: patience.retry_delay,
        max_delay: patience.retry_max_delay.max(patience.retry_delay),
    };
    settings.confirm = ConfirmPolicy {
        poll_interval: poll_interval(pace),
        timeout: (!pace.no_confirm).then_some(patience.confirm_timeout),
    };
    settings.via = via(args.way);
    settings.rules = rules(&args.input, settings.via);
    settings.dedupe = args.input.dedupe;
    settings.overwrite = args.replace.overwrite;
    settings.adopt_ledger = args.replace.adopt_ledger;
    settings.no_proxy = args.service.no_proxy;
    settings.ca_pem = ca_pem(&args.service)?;
    Ok(settings)
}

/// Where the report and the ledger are.
pub(super) fn places(args: &PlaceArgs) -> Paths {
    Paths::new(&args.report, args.ledger.as_deref())
}

/// The report goes to a file, which is not the run's own input.
fn check_report(args: &UploadArgs) -> Result<(), Failure> {
    let report = &args.place.report;
    if report == Path::new("-") {
        return Err(usage(
            "--report -: a report grows with its run and needs a file: give it a name, and have it from \
             mavi report -o - afterwards",
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
pub(super) fn rates(pace: &PaceArgs, default: f64) -> Rates {
    Rates {
        sign: pace.sign_rate.unwrap_or(default),
        upload: pace.upload_rate.unwrap_or(default),
        poll: pace.poll_rate.unwrap_or(default),
    }
}

pub(super) fn poll_interval(pace: &PaceArgs) -> Duration {
    let default = ConfirmPolicy::default().poll_interval;
    pace.poll_interval.unwrap_or(default)
}

pub(super) fn via(way: WayArgs) -> Via {
    match way.via {
        ViaArg::SignedUrl => Via::SignedUrl,
        ViaArg::Direct => Via::Direct,
    }
}

/// Which files are taken, the way they go.
pub(super) fn rules(input: &InputArgs, via: Via) -> Rules {
    let largest = input.max_size.map_or(MAX_SIZE, |size| size.as_u64());
    Rules {
        max_size: match via {
            Via::SignedUrl => largest,
            Via::Direct => largest.min(DIRECT_SIZE - 1),
        },
        all_types: input.all_files,
    }
}

/// The way to the service, for commands that are no run.
pub(super) fn http(args: &ServiceArgs) -> Result<HttpSettings, Failure> {
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
pub(super) fn ca_pem(args: &ServiceArgs) -> Result<Option<Vec<u8>>, Failure> {
    let pem = args.ca_cert.as_deref();
    pem.map(|path| read("--ca-cert", path)).transpose()
}

fn read(option: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| usage(format!("{option} {}: {error}", path.display())))
}

/// The source that the command names; a manifest is checked whole.
pub(super) fn source(
    input: &InputArgs,
    own_files: Vec<PathBuf>,
) -> Result<Box<dyn Source>, Failure> {
    if let Some(manifest) = &input.manifest {
        return manifest_source(manifest, input);
    }
    let InputArgs {
        include,
        exclude,
        all_files,
        follow,
        ..
    } = input;
    let filter = Filter::new(include, exclude, *all_files).map_err(usage)?;
    let options = WalkOptions {
        filter,
        follow: *follow,
        own_files,
    };
    Ok(Box::new(Walk::new(input.paths.clone(), options)))
}

fn manifest_source(manifest: &Path, input: &InputArgs) -> Result<Box<dyn Source>, Failure> {
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
pub(super) fn access(args: &ServiceArgs) -> Result<Access, Failure> {
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
pub(super) fn base_url(args: &ServiceArgs) -> String {
    let given = args.base_url.clone().filter(|url| !url.trim().is_empty());
    given.unwrap_or_else(|| BASE_URL.to_owned())
}

/// A key, not looked at yet.
pub(super) struct KeyFound {
    pub(super) text: String,
    /// Where it was found, in words.
    pub(super) found: String,
    /// The same, where that was a file of its own or of settings.
    pub(super) file: Option<PathBuf>,
}

/// Reads the key. It is never an argument: arguments can be seen by all.
pub(super) fn key(args: &ServiceArgs, environment: &Environment) -> Result<KeyFound, Failure> {
    if let Some(path) = &args.api_key_file {
        return Ok(KeyFound {
            text: key_file(path)?,
            found: format!("file {}", path.display()),
            file: Some(path.clone()),
        });
    }
    let (text, found) = key_variable(environment).ok_or_else(|| {
        usage(
            "no API key: set MEMORIES_API_KEY or give --api-key-file; to try mavi out without a \
             key: mavi upload --sandbox",
        )
    })?;
    let (found, file) = match found {
        Found::Variable(name) => (format!("environment variable {name}"), None),
        Found::File(name, path) => {
            let words = format!("{name} in {}", path.display());
            (words, Some(path.to_owned()))
        }
    };
    Ok(KeyFound { text, found, file })
}

/// The key in the environment, and where.
pub(super) fn key_variable(environment: &Environment) -> Option<(String, Found<'_>)> {
    KEY_VARIABLES.iter().find_map(|name| environment.get(name))
}

fn key_file(path: &Path) -> Result<String, Failure> {
    let key = if path == Path::new("-") {
        read_small(std::io::stdin(), LONGEST_KEY, "a key")
    } else {
        let file = std::fs::File::open(path).map_err(|error| error.to_string());
        file.and_then(|file| read_small(file, LONGEST_KEY, "a key"))
    };
    let not_text = |_| "not UTF-8: save it as plain text".to_owned();
    key.and_then(|key| String::from_utf8(key).map_err(not_text))
        .map_err(|words| usage(format!("--api-key-file {}: {words}", path.display())))
}

/// Warns of a file that holds secrets and can be read by others.
pub(super) fn warn_when_readable_by_others(path: &Path) {
    if others_may_read(path) {
        say(&format!(
            "warning: {} can be read by others: chmod 600 it",
            path.display()
        ));
    }
}
