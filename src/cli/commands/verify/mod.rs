//! `mavi verify`: shows what a check will take, and what it found. The check itself is the library's.

mod findings;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cli::commands::verify::findings::{Findings, price};
use crate::cli::config::args::verify::VerifyArgs;
use crate::cli::config::settings;
use crate::cli::exit::{self, CommandError};
use crate::cli::format::{counted, dollars, size};
use crate::cli::output::say;
use crate::cli::{ask, signals};
use mavi_upload::api::HttpService;
use mavi_upload::run::{RetryPolicy, RunError};
use mavi_upload::shutdown::Shutdown;
use mavi_upload::text::plain;
use mavi_upload::verify::{
    DOLLARS_PER_GB, ReadError, Report, ReportedAsset, Verdict, VerdictCounts, Verification,
    Verified, VerifyOptions, VerifyScope,
};

/// Rows that differ are named up to here, and counted from then on.
const NAMED: u64 = 100;

/// How often a long check shows how far it is.
const INTERVAL: Duration = Duration::from_secs(60);

impl From<ReadError> for CommandError {
    fn from(error: ReadError) -> Self {
        Self::Usage(error.to_string())
    }
}

pub(crate) async fn run(args: VerifyArgs) -> Result<ExitCode, CommandError> {
    let asks = args.download && !args.yes;
    if asks {
        ask::must_be_possible("--download")?;
    }
    let report = Report::open(&args.report)?;
    let survey = VerifyScope::of(&report, args.sample)?;
    let http = settings::http(&args.service)?;
    let host = http.address.host();
    let service = HttpService::new(http).map_err(RunError::Http)?;
    let shutdown = Shutdown::new();
    let stopping = "the call under way finishes, a download is cancelled";
    let signal = signals::watch(&shutdown, stopping)?;
    announce(&args, &report, &survey);
    if asks && !ask::agreed("Download them?", &shutdown).await {
        say("nothing was checked");
        return Ok(signal.exit_code());
    }
    let mut findings = Findings::open(&args)?;
    let mut messages = Messages::new(survey.sampled_rows);
    let options = options(&args);
    let verification = Verification::new(report, survey.clone(), service, host, options, shutdown);
    let checking = verification.run(|claim, verdict| {
        findings.row(claim, verdict);
        messages.row(claim, verdict);
    });
    let verified = checking.await?;
    let code = exit::verify_code(&verified, signal.get());
    findings.end(&args, &survey, &verified, code)?;
    messages.sum_up(&args, &survey, &verified, code);
    Ok(ExitCode::from(code))
}

fn options(args: &VerifyArgs) -> VerifyOptions {
    VerifyOptions {
        sample: args.sample,
        rate: args.rate,
        retry: RetryPolicy {
            retries: args.retries,
            delay: args.retry_delay,
            max_delay: RetryPolicy::default().max_delay.max(args.retry_delay),
        },
        max_outage: Some(args.max_outage).filter(|longest| !longest.is_zero()),
        download: args.download,
    }
}

/// How many assets, how long it takes, and what a download costs.
fn announce(args: &VerifyArgs, report: &Report, survey: &VerifyScope) {
    let (assets, sampled) = (survey.assets, survey.sampled_assets);
    let of = if args.sample.is_whole() {
        counted(assets, "asset")
    } else {
        let sample = args.sample;
        format!(
            "{sampled} of {} in a sample of {sample}",
            counted(assets, "asset")
        )
    };
    let rows = counted(survey.rows, "row");
    let time = time_words(sampled, args.rate);
    say(&format!(
        "report {}: {rows} of success or pending: {of} to ask about, {time}",
        report.shown()
    ));
    if args.download {
        let (bytes, size) = (survey.bytes, size(survey.bytes));
        let price = match dollars(price(survey.bytes)) {
            tiny if tiny.starts_with("less") => tiny,
            price => format!("up to {price}"),
        };
        say(&format!(
            "download: up to {size} ({bytes} bytes), ${DOLLARS_PER_GB}/GB: {price}, and the \
             time to send it"
        ));
    }
    if sampled == 0 {
        say("warning: there is no asset to ask about");
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn time_words(assets: u64, rate: f64) -> String {
    if rate == 0.0 {
        return "without a limit".to_owned();
    }
    let seconds = Duration::try_from_secs_f64((assets as f64 / rate).ceil());
    let seconds = seconds.unwrap_or(Duration::MAX);
    format!(
        "at {rate} a second: about {}",
        humantime::format_duration(seconds)
    )
}

/// What is shown on stderr.
struct Messages {
    rows: u64,
    checked: u64,
    differ: u64,
    last: Instant,
}

impl Messages {
    fn new(rows: u64) -> Self {
        Self {
            rows,
            checked: 0,
            differ: 0,
            last: Instant::now(),
        }
    }

    fn row(&mut self, claim: &ReportedAsset, verdict: &Verdict) {
        self.checked += 1;
        if !verdict.is_well() {
            self.differ += 1;
            if self.differ <= NAMED {
                let (line, id, name) = (claim.line, &claim.asset_id, plain(&claim.name));
                say(&format!("line {line}: {name} ({id}): {verdict}"));
            }
        }
        if self.last.elapsed() >= INTERVAL {
            self.last = Instant::now();
            say(&format!("{} of {} rows checked", self.checked, self.rows));
        }
    }

    fn sum_up(&self, args: &VerifyArgs, survey: &VerifyScope, verified: &Verified, code: u8) {
        if self.differ > NAMED {
            say(&format!("and {} more", self.differ - NAMED));
        }
        let tally = &verified.counts;
        say(&tally_words(survey.sampled_rows, tally));
        let (failed, not_started) = (survey.failed_rows, survey.not_started_rows);
        if failed + not_started > 0 {
            say(&format!(
                "no asset to ask about: {failed} failed, {not_started} not started"
            ));
        }
        if verified.without_size > 0 {
            say(&format!(
                "{} well, without a size to compare",
                counted(verified.without_size, "row")
            ));
        }
        if args.download {
            say(&format!(
                "downloaded {} bytes: {}",
                verified.downloaded,
                dollars(price(verified.downloaded))
            ));
        }
        if tally.missing > 0 && tally.missing == tally.checked() {
            say(
                "hint: the service knows none of them: is the key of the account that uploaded them?",
            );
        }
        exit::report_stop(verified.cause.as_ref(), code);
    }
}

/// All rows by what was found, without zeros but for what is well.
fn tally_words(rows: u64, tally: &VerdictCounts) -> String {
    let found = [
        (tally.confirmed, "pending and now confirmed"),
        (tally.missing, "missing"),
        (tally.failed, "FAILED"),
        (tally.wrong_size, "wrong size"),
        (tally.wrong_bytes, "wrong bytes"),
        (tally.processing, "still processing"),
        (tally.not_asked, "could not be asked"),
        (tally.not_reached, "not reached"),
    ];
    let found = found.into_iter().filter(|(count, _)| *count > 0);
    let words = found.map(|(count, what)| format!(", {count} {what}"));
    let all = format!("{}: {} ok", counted(rows, "row"), tally.ok);
    words.fold(all, |all, words| all + &words)
}
