//! What a check found, for programs: JSON on stdout, CSV to a place of choice.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write};
use std::path::Path;

use serde_json::json;

use crate::cli::config::args::verify::VerifyArgs;
use crate::cli::exit::CommandError;
use mavi_upload::source::push_fields;
use mavi_upload::verify::{DOLLARS_PER_GB, ReportedAsset, Verdict, Verified, VerifyScope};

/// Raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

/// The header of the CSV, by which an earlier one is known and may be replaced.
const HEADER: &str = "line,path,asset_id,finding,detail\n";

/// Every row that is not as the report says, written as it is found: memory does not grow with them.
pub(crate) struct Findings {
    json: Option<Output>,
    csv: Option<Output>,
}

struct Output {
    out: Box<dyn Write>,
    shown: String,
    is_empty: bool,
    /// The first error; nothing is written after it.
    error: Option<io::Error>,
}

impl Findings {
    pub(crate) fn open(args: &VerifyArgs) -> Result<Self, CommandError> {
        let csv = args.output.as_deref();
        if args.json && csv.is_some_and(is_stdout) {
            let text = "--json and --output - cannot both have stdout: give --output a file";
            return Err(CommandError::Usage(text.to_owned()));
        }
        let mut findings = Self {
            json: args.json.then(Output::stdout),
            csv: csv.map(Output::open).transpose()?,
        };
        if let Some(csv) = &mut findings.csv {
            csv.write(HEADER.as_bytes());
        }
        if let Some(json) = &mut findings.json {
            json.write(format!("{{\"version\":{VERSION},\"findings\":[").as_bytes());
        }
        Ok(findings)
    }

    pub(crate) fn row(&mut self, claim: &ReportedAsset, verdict: &Verdict) {
        if *verdict == Verdict::Ok {
            return;
        }
        if let Some(json) = &mut self.json {
            let object = json!({
                "line": claim.line,
                "path": claim.name,
                "asset_id": claim.asset_id,
                "finding": verdict.word(),
                "detail": verdict.to_string(),
            });
            let comma = if json.is_empty { "" } else { "," };
            json.write(format!("{comma}\n{object}").as_bytes());
            json.is_empty = false;
        }
        if let Some(csv) = &mut self.csv {
            let mut line = Vec::new();
            let (number, detail) = (claim.line.to_string(), verdict.to_string());
            let (name, id) = (claim.name.as_str(), claim.asset_id.as_str());
            let fields = [&number, name, id, verdict.word(), &detail];
            push_fields(&mut line, fields.map(str::as_bytes));
            line.push(b'\n');
            csv.write(&line);
        }
    }

    pub(crate) fn end(
        self,
        args: &VerifyArgs,
        survey: &VerifyScope,
        verified: &Verified,
        code: u8,
    ) -> Result<(), CommandError> {
        if let Some(mut json) = self.json {
            let tail = if json.is_empty { "]," } else { "\n]," };
            let summary = summary(args, survey, verified, code);
            json.write(format!("{tail}\"summary\":{summary}}}\n").as_bytes());
            json.end()?;
        }
        self.csv.map_or(Ok(()), Output::end)
    }
}

fn summary(
    args: &VerifyArgs,
    survey: &VerifyScope,
    verified: &Verified,
    code: u8,
) -> serde_json::Value {
    json!({
        "report": args.report.to_string_lossy(),
        "sample_percent": args.sample.percent(),
        "assets": survey.assets,
        "assets_in_sample": survey.sampled_assets,
        "rows_in_sample": survey.sampled_rows,
        "rows": verified.counts,
        "rows_without_size": verified.without_size,
        "rows_without_asset": {
            "failed": survey.failed_rows,
            "not_started": survey.not_started_rows,
        },
        "downloaded": {
            "bytes": verified.downloaded,
            "dollars": price(verified.downloaded),
        },
        "stopped": verified.cause.as_ref().map(ToString::to_string),
        "interrupted": verified.interrupted,
        "exit_code": code,
    })
}

impl Output {
    fn stdout() -> Self {
        Self::new(Box::new(io::stdout()), "stdout".to_owned())
    }

    fn new(out: Box<dyn Write>, shown: String) -> Self {
        Self {
            out: Box::new(BufWriter::new(out)),
            shown,
            is_empty: true,
            error: None,
        }
    }

    fn open(path: &Path) -> Result<Self, CommandError> {
        if is_stdout(path) {
            return Ok(Self::stdout());
        }
        let shown = path.display().to_string();
        let failed = |error| CommandError::Usage(format!("--output {shown}: {error}"));
        if fs::exists(path).map_err(failed)? && !is_ours(path).map_err(failed)? {
            return Err(CommandError::Usage(format!(
                "--output {shown}: exists and was not written by mavi verify: give another name"
            )));
        }
        let file = File::create(path).map_err(failed)?;
        Ok(Self::new(Box::new(file), shown))
    }

    fn write(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.error = self.out.write_all(bytes).err();
        }
    }

    /// A full disk shows here at the latest. A closed pipe is no error.
    fn end(mut self) -> Result<(), CommandError> {
        let error = self.error.or_else(|| self.out.flush().err());
        match error {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(CommandError::Local(format!("{}: {error}", self.shown)))
            }
            _ => Ok(()),
        }
    }
}

/// Whether an earlier check wrote this file. What is not a file is never replaced.
fn is_ours(path: &Path) -> io::Result<bool> {
    if !fs::metadata(path)?.is_file() {
        return Ok(false);
    }
    let mut line = String::new();
    let start = File::open(path)?.take(HEADER.len() as u64);
    // What is not UTF-8 is no header of ours.
    let read = BufReader::new(start).read_line(&mut line);
    Ok(read.is_ok() && line == HEADER)
}

#[expect(clippy::cast_precision_loss, reason = "a price")]
pub(crate) fn price(bytes: u64) -> f64 {
    bytes as f64 / 1e9 * DOLLARS_PER_GB
}

/// Whether a path stands for standard output.
fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}
