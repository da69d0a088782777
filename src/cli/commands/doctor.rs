//! `mavi doctor`: runs the checks from top to bottom and shows what they found. Each check is the
//! library's.

use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::json;

use crate::cli::config::args::doctor::DoctorArgs;
use crate::cli::config::args::service::ServiceArgs;
use crate::cli::config::environment::Environment;
use crate::cli::config::key::{self, KeyFound};
use crate::cli::config::settings;
use crate::cli::exit::{self, CommandError};
use crate::cli::format::counted;
use crate::cli::output::{print, say};
use mavi_upload::api::{Address, HttpService, HttpSettings, Probe};
use mavi_upload::doctor::{self, Blame, Finding, Grade};
use mavi_upload::ledger::Identity;
use mavi_upload::model::{ApiKey, AssetId, Rates, others_may_read};
use mavi_upload::run::Paths;
use mavi_upload::text::harmless;

/// Raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

/// An asset id that no account has.
const NO_ASSET: &str = "re_0";

/// Checks that need an answer of the service.
const OF_AN_ANSWER: [&str; 3] = ["tls", "clock", "account"];

pub(crate) async fn run(args: DoctorArgs) -> Result<ExitCode, CommandError> {
    let mut findings = Findings::new(args.json);
    let environment = Environment::read(args.service.env_file.as_deref())?;
    let key = key(&args.service, &environment, &mut findings);
    let address = address(&args.service, &mut findings);
    if let Some(address) = &address {
        network(&args.service, address, key.as_ref(), &mut findings).await;
    } else {
        for check in ["proxy", "dns", "connection"]
            .into_iter()
            .chain(OF_AN_ANSWER)
        {
            findings.add(Finding::skip(check, "a base URL"));
        }
    }
    findings.add(doctor::limits(&Rates {
        sign: args.sign_rate,
        upload: args.upload_rate,
        poll: args.poll_rate,
    }));
    let identity = address.zip(key).map(|(address, key)| Identity {
        base_url: address.as_str().to_owned(),
        account: key.fingerprint(),
    });
    disk(&args, identity.as_ref(), &mut findings);
    findings.add(doctor::open_files(args.concurrency));
    Ok(ExitCode::from(findings.end()))
}

/// Where the key comes from, and whether it can be one.
fn key(args: &ServiceArgs, environment: &Environment, findings: &mut Findings) -> Option<ApiKey> {
    let KeyFound { text, found, file } = match key::key(args, environment) {
        Ok(found) => found,
        Err(error) => {
            findings.add(Finding::fail("key", Blame::Setup, error_text(error)));
            return None;
        }
    };
    let key = match ApiKey::parse(&text) {
        Ok(key) => key,
        Err(error) => {
            let says = format!("from {found}: {error}");
            findings.add(Finding::fail("key", Blame::Setup, says));
            return None;
        }
    };
    findings.add(doctor::key_shape(&key, &found));
    if let Some(file) = file.filter(|file| others_may_read(file)) {
        let says = format!("{} can be read by others", file.display());
        findings.add(Finding::warn("key file", says, "chmod 600 it"));
    }
    Some(key)
}

fn address(args: &ServiceArgs, findings: &mut Findings) -> Option<Address> {
    let text = settings::base_url(args);
    match Address::parse(&text, &args.storage_host) {
        Ok(address) => {
            findings.add(Finding::ok("base URL", address.as_str()));
            Some(address)
        }
        Err(error) => {
            findings.add(Finding::fail("base URL", Blame::Setup, error.to_string()));
            None
        }
    }
}

async fn network(
    args: &ServiceArgs,
    address: &Address,
    key: Option<&ApiKey>,
    findings: &mut Findings,
) {
    let skip = |findings: &mut Findings, checks: &[&'static str], ground| {
        for check in checks {
            findings.add(Finding::skip(check, ground));
        }
    };
    let (proxy, peer) = doctor::proxy(address, args.no_proxy);
    findings.add(proxy);
    let (names, found) = doctor::names(&peer).await;
    findings.add(names);
    if found.is_empty() {
        skip(findings, &["connection"], "an address");
        return skip(findings, &OF_AN_ANSWER, "a connection");
    }
    let connection = doctor::connection(&peer, &found).await;
    let is_dead = connection.is_failure();
    findings.add(connection);
    match key {
        _ if is_dead => skip(findings, &OF_AN_ANSWER, "a connection"),
        None => skip(findings, &OF_AN_ANSWER, "a key"),
        Some(key) => answer(args, address, key, findings).await,
    }
}

/// What the answer to one call shows.
async fn answer(args: &ServiceArgs, address: &Address, key: &ApiKey, findings: &mut Findings) {
    let probe = match probe(args, address, key).await {
        Ok(probe) => probe,
        Err(words) => {
            findings.add(Finding::fail("tls", Blame::Setup, words));
            for check in ["clock", "account"] {
                findings.add(Finding::skip(check, "a TLS client"));
            }
            return;
        }
    };
    findings.add(doctor::trust(address, &probe));
    if probe.status.is_none() {
        for check in ["clock", "account"] {
            findings.add(Finding::skip(check, "an answer"));
        }
        return;
    }
    findings.add(doctor::clock(&probe, Timestamp::now()));
    findings.add(doctor::account(&address.host(), &probe));
}

async fn probe(args: &ServiceArgs, address: &Address, key: &ApiKey) -> Result<Probe, String> {
    let settings = HttpSettings {
        ca_pem: settings::ca_pem(args).map_err(error_text)?,
        no_proxy: args.no_proxy,
        ..HttpSettings::new(address.clone(), key.clone())
    };
    let service = HttpService::new(settings).map_err(|error| error.to_string())?;
    let no_asset = AssetId::parse(NO_ASSET).ok_or("a defect of mavi")?;
    Ok(service.probe(&no_asset).await)
}

fn disk(args: &DoctorArgs, identity: Option<&Identity>, findings: &mut Findings) {
    let Paths { report, ledger } = settings::paths(&args.paths);
    findings.add(doctor::report(&report, &ledger));
    findings.add(doctor::ledger(&ledger, identity));
    findings.add(doctor::space("space", &ledger));
    if report.parent() != ledger.parent() {
        findings.add(doctor::space("report space", &report));
    }
}

fn error_text(error: CommandError) -> String {
    match error {
        CommandError::Usage(text) | CommandError::Local(text) => text,
        CommandError::Run(error) => error.to_string(),
    }
}

/// The findings, shown as they come or, as JSON, at the end.
struct Findings {
    json: bool,
    findings: Vec<Finding>,
}

impl Findings {
    fn new(json: bool) -> Self {
        Self {
            json,
            findings: Vec::new(),
        }
    }

    fn add(&mut self, finding: Finding) {
        if !self.json {
            print(&line(&finding));
        }
        self.findings.push(finding);
    }

    /// Sums up, and returns the code of the first failure.
    fn end(self) -> u8 {
        let blame = self
            .findings
            .iter()
            .find_map(|finding| match finding.grade {
                Grade::Fail(blame) => Some(blame),
                _ => None,
            });
        let code = blame.map_or(exit::DONE, code);
        let failures = self.findings.iter().filter(|finding| finding.is_failure());
        if self.json {
            print(&object(&self.findings, code).to_string());
        } else {
            say(&match failures.count() {
                0 => "all checks passed".to_owned(),
                count => format!("{} failed", counted(count as u64, "check")),
            });
        }
        code
    }
}

fn line(finding: &Finding) -> String {
    let Finding {
        check, says, hint, ..
    } = finding;
    let word = word(finding.grade);
    let hint = hint
        .as_ref()
        .map_or(String::new(), |hint| format!(": {hint}"));
    let line = format!("{word:<4}  {check:<12}  {says}{hint}");
    harmless(&line).replace('\n', " ")
}

fn object(findings: &[Finding], code: u8) -> serde_json::Value {
    let findings = findings.iter().map(|finding| {
        json!({
            "check": finding.check,
            "result": word(finding.grade).to_lowercase(),
            "says": finding.says,
            "hint": finding.hint,
        })
    });
    let findings: Vec<_> = findings.collect();
    json!({ "version": VERSION, "checks": findings, "exit_code": code })
}

fn word(grade: Grade) -> &'static str {
    match grade {
        Grade::Ok => "ok",
        Grade::Warn => "warn",
        Grade::Fail(_) => "FAIL",
        Grade::Skip => "skip",
    }
}

fn code(blame: Blame) -> u8 {
    match blame {
        Blame::Setup => exit::USAGE,
        Blame::Account => exit::ACCOUNT,
        Blame::Outage => exit::OUTAGE,
        Blame::Local => exit::LOCAL,
    }
}
