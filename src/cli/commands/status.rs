//! `mavi status`: shows what the ledger knows of a job. The service is not asked.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::cli::commands::orphan_total::{total_json, total_words};
use crate::cli::config::args::ledger::StatusArgs;
use crate::cli::exit::{self, CommandError};
use crate::cli::format::{shown, size};
use crate::cli::output::print;
use mavi_upload::ledger::{AssetTotal, Overview, Reader, RunTimes, Total};
use mavi_upload::run::{RunError, absolute_path};
use mavi_upload::text::plain;

pub(crate) fn run(args: &StatusArgs) -> Result<ExitCode, CommandError> {
    let path = absolute_path(&args.ledger);
    let ledger = Reader::open(&path).map_err(RunError::from)?;
    let writer = Reader::writer(&path).map_err(RunError::from)?;
    let overview = ledger.overview().map_err(RunError::from)?;
    let path = path.to_string_lossy();
    if args.json {
        print(&object(&path, writer.as_deref(), &overview).to_string());
    } else {
        for line in lines(&path, writer.as_deref(), &overview) {
            print(&line);
        }
    }
    Ok(ExitCode::from(exit::DONE))
}

/// The object of `--json`. Its fields are described in docs/ledger.md, and stay.
fn object(path: &str, writer: Option<&str>, overview: &Overview) -> Value {
    let identity = overview.identity.as_ref();
    let last_run = overview.last_run.as_ref().map(|run| {
        json!({
            "number": run.number,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "input_read": run.listed,
            "report": run.report.to_string_lossy(),
        })
    });
    json!({
        "ledger": path,
        "base_url": identity.map(|identity| &identity.base_url),
        "account": identity.map(|identity| &identity.account),
        "writer_pid": writer,
        "runs": overview.runs,
        "last_run": last_run,
        "rows_of_run": overview.rows_of_run,
        "rows": overview.rows,
        "files": { "count": overview.files, "of_earlier_runs": overview.earlier_files },
        "assets": overview.assets,
        "last_confirmed_at": overview.last_confirmed_at,
        "orphans": total_json(overview.orphans),
    })
}

fn lines(path: &str, writer: Option<&str>, overview: &Overview) -> Vec<String> {
    let mut lines = vec![fact("ledger", &plain(path))];
    if let Some(identity) = &overview.identity {
        let whose = format!(
            "{}, key fingerprint {}",
            identity.base_url, identity.account
        );
        lines.push(fact("service", &plain(&whose)));
    }
    let writer = writer.map_or("no one".to_owned(), |pid| format!("pid {}", plain(pid)));
    lines.push(fact("writing now", &writer));
    let Some(run) = &overview.last_run else {
        lines.push(fact("last run", "none yet"));
        return lines;
    };
    let is_running = writer != "no one";
    lines.push(fact("last run", &run_words(run, is_running)));
    lines.push(fact("report", &shown(&run.report)));
    lines.push(String::new());
    lines.extend(tables(run, overview));
    lines
}

fn run_words(run: &RunTimes, is_running: bool) -> String {
    let end = match &run.ended_at {
        Some(at) => format!("ended {at}"),
        None if is_running => "not ended yet".to_owned(),
        None => format!("interrupted: {}", exit::GO_ON),
    };
    format!("{}, began {}, {end}", run.number, run.started_at)
}

fn tables(run: &RunTimes, overview: &Overview) -> Vec<String> {
    let title = match overview.rows_of_run {
        Some(number) if number != run.number => format!("rows of run {number}"),
        _ => "rows".to_owned(),
    };
    let rows = &overview.rows;
    let mut lines = vec![
        row(&title, "count", "bytes"),
        counted("  success", rows.success),
        counted("  failed", rows.failed),
        counted("  pending", rows.pending),
        counted("  not started", rows.not_started),
        String::new(),
        row("assets", "count", "bytes"),
    ];
    let asset = |asset: &AssetTotal| {
        let reason = asset.reason.as_deref();
        let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
        counted(&format!("  {}{reason}", asset.state), asset.total)
    };
    lines.extend(overview.assets.iter().map(asset));
    lines.push(String::new());
    let files = match overview.earlier_files {
        0 => overview.files.to_string(),
        earlier => format!("{}, {earlier} of earlier runs only", overview.files),
    };
    lines.push(fact("files", &files));
    if let Some(at) = &overview.last_confirmed_at {
        lines.push(fact("confirmed", &format!("last at {at}")));
    }
    lines.push(fact("orphans", &orphan_words(overview)));
    lines
}

fn orphan_words(overview: &Overview) -> String {
    if overview.orphans.assets == 0 {
        return "none".to_owned();
    }
    let total = total_words(overview.orphans);
    format!("{total}; see mavi orphans")
}

fn fact(name: &str, text: &str) -> String {
    format!("{name:<11}  {text}")
}

fn counted(name: &str, total: Total) -> String {
    row(name, &total.count.to_string(), &size(total.bytes))
}

fn row(name: &str, count: &str, bytes: &str) -> String {
    format!("{name:<28}  {count:>9}  {bytes:>10}")
}
