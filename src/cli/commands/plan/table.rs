//! A plan in words and tables, for people.

use std::path::Path;

use crate::cli::commands::plan::forecast::Plan;
use crate::cli::format::{cause, dollars, duration, left_out, shown, size, size_of};
use mavi_upload::ledger::Total;
use mavi_upload::model::dollars_a_day;
use mavi_upload::plan::{Causes, Duplicates, Limit, Resource, Speeds};

pub(crate) fn of(plan: &Plan) -> Vec<String> {
    let workload = &plan.workload;
    let mut lines = vec![ledger(&plan.ledger, plan.ledger_exists), String::new()];
    lines.extend(rows(plan));
    lines.extend((workload.left_out > 0).then(|| left_out(workload.left_out)));
    lines.extend(duplicates(workload.duplicates));
    lines.extend(causes("rows that would fail, by cause:", &workload.refused));
    let title = "warnings only, these rows are uploaded:";
    lines.extend(causes(title, &workload.warnings));
    lines.push(String::new());
    lines.extend(times(plan));
    lines.push(String::new());
    lines.push(storage(workload.up().bytes));
    lines
}

fn ledger(path: &Path, exists: bool) -> String {
    let new = if exists {
        ""
    } else {
        " (new: nothing is known of earlier uploads)"
    };
    format!("ledger {}{new}", shown(path))
}

fn rows(plan: &Plan) -> Vec<String> {
    let workload = &plan.workload;
    let shared = workload.duplicates.map(|duplicates| duplicates.shared);
    let up = [
        ("    new", some(workload.new)),
        ("    reserved earlier: filled now", some(workload.allotted)),
        ("    changed since their upload", some(workload.outdated)),
        ("    less duplicates: not sent", shared.and_then(some)),
    ];
    let others = [
        ("  touched: sent if they changed", some(workload.touched)),
        ("  uploaded already: only checked", some(workload.sent)),
        ("  confirmed already: no call", some(workload.confirmed)),
    ];
    let line = |(name, total): (&str, Option<Total>)| Some(counted(name, total?));
    let mut lines = vec![
        row("rows", "count", "bytes"),
        counted("  to upload", workload.up()),
    ];
    lines.extend(up.into_iter().filter_map(line));
    lines.extend(others.into_iter().filter_map(line));
    let counts = [
        ("  the path of an earlier row", workload.duplicate_rows),
        (
            "    of these, failing with it",
            workload.refused_duplicate_rows,
        ),
        ("  would fail", workload.refused.rows()),
    ];
    let some_rows = counts.iter().filter(|(_, count)| *count > 0);
    lines.extend(some_rows.map(|(name, count)| row(name, &count.to_string(), "")));
    lines.push(row("  in all", &workload.rows.to_string(), ""));
    lines
}

fn some(total: Total) -> Option<Total> {
    (total.count > 0).then_some(total)
}

fn duplicates(duplicates: Option<Duplicates>) -> Option<String> {
    let Duplicates { shared, read } = duplicates?;
    let saved = dollars(dollars_a_day(shared.bytes));
    Some(format!(
        "--dedupe: {} files ({}) share the asset of another, {saved} a day saved; {} ({}) are read to compare",
        shared.count,
        size(shared.bytes),
        read.count,
        size(read.bytes),
    ))
}

fn causes(title: &str, causes: &Causes) -> Vec<String> {
    let causes = causes.by_frequency();
    if causes.is_empty() {
        return Vec::new();
    }
    let lines = causes
        .into_iter()
        .map(|(code, of)| cause(of.rows, code, &of.text, &of.example));
    let title = [String::new(), title.to_owned()];
    title.into_iter().chain(lines).collect()
}

fn times(plan: &Plan) -> Vec<String> {
    let title = (!plan.estimate.limits.is_empty()).then(|| "time, at the least".to_owned());
    let mut lines = Vec::from_iter(title);
    lines.extend(plan.estimate.limits.iter().map(|limit| time(plan, *limit)));
    if plan.options.line.is_none() && plan.workload.up().bytes > 0 {
        let note = "not known: give your upload speed, such as --line 50M (Mbit/s)";
        lines.push(format!("  {:<11}  {note}", "connection"));
    }
    if let Some(zone) = &plan.zone {
        lines.push(format!(
            "  times of day for --bandwidth are those of {zone}"
        ));
    }
    lines.push(match plan.estimate.binding() {
        Some(Limit { resource, time }) => {
            format!("estimate  {}, limited by {resource}", duration(time))
        }
        None => "estimate  nothing to wait for".to_owned(),
    });
    lines
}

/// A resource, how long it takes, and by what.
fn time(plan: &Plan, limit: Limit) -> String {
    let (workload, rates) = (&plan.workload, plan.options.rates);
    let calls = |count: u64, rate: f64| format!("{count} calls, {rate} a second");
    let (name, by) = match limit.resource {
        Resource::Sign => ("sign", calls(workload.calls.sign, rates.sign)),
        Resource::Send => ("send", calls(workload.calls.send, rates.upload)),
        Resource::Status => ("status", calls(workload.calls.status, rates.poll)),
        Resource::Line => ("connection", line(plan.options.line)),
        Resource::Bandwidth => ("bandwidth", plan.options.bandwidth.to_string()),
        Resource::Disk => ("disk", workload.speeds.map_or_else(String::new, disk)),
        Resource::Hashing => ("hashing", workload.speeds.map_or_else(String::new, hashing)),
    };
    format!("  {name:<11}  {:>10}  {by}", duration(limit.time))
}

fn line(bytes_a_second: Option<f64>) -> String {
    let rate = bytes_a_second.unwrap_or_default();
    let bits = rate * 8.0;
    let said = if bits < 1e6 {
        format!("{} kbit/s", bits / 1e3)
    } else {
        format!("{} Mbit/s", bits / 1e6)
    };
    format!("{said} ({}/s)", size_of(rate))
}

fn disk(speeds: Speeds) -> String {
    let (read, sample) = (size_of(speeds.read), size(speeds.sample));
    format!("{read}/s on {sample}; some of it perhaps from the system's memory")
}

fn hashing(speeds: Speeds) -> String {
    format!("{}/s a thread", size_of(speeds.hash))
}

fn storage(bytes: u64) -> String {
    let a_day = dollars_a_day(bytes);
    format!(
        "storage   {} a day, {} for 30 days, for what is uploaded",
        dollars(a_day),
        dollars(a_day * 30.0)
    )
}

fn counted(name: &str, total: Total) -> String {
    row(name, &total.count.to_string(), &size(total.bytes))
}

fn row(name: &str, count: &str, bytes: &str) -> String {
    let line = format!("{name:<34}  {count:>9}  {bytes:>10}");
    line.trim_end().to_owned()
}
