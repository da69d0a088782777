//! What the template is filled with: the survey in words, lists and drawings. Reads no ledger.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use super::figures::{count, counted, decimal, rate, real, share, size, thousandths, time};
use super::gantt::{self, GanttRow};
use super::lists::{
    CauseRow, FailureRow, RunRow, SlowRow, assets, causes, failure, minute, run_row, slow_row,
};
use super::series::{Bottleneck, RunSeries};
use super::{charts, histogram};
use crate::ledger::{Bin, Bucket, JobSurvey, Status, Total};
use crate::text::plain;

/// The slowest files that the table lists.
const SLOWEST: usize = 50;

/// What the page says about itself.
#[derive(Debug)]
pub struct About {
    /// The ledger.
    pub ledger: PathBuf,
    /// The pid of the process that writes to it now, if there is one.
    pub writer: Option<String>,
    /// When the page is made.
    pub now: Timestamp,
}

/// Everything that the template names. Texts are escaped there; drawings end in `svg` and are not.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    style: &'static str,
    verdict: String,
    notes: Vec<String>,
    facts: Vec<[String; 2]>,
    statuses: Vec<StatusPart>,
    tiles: Vec<Tile>,
    causes: Vec<CauseRow>,
    timeline: Option<TimelinePart>,
    runs: Vec<RunRow>,
    sizes: Option<Distribution>,
    delays: Option<Distribution>,
    failures: Vec<FailureRow>,
    failures_of: String,
    slow: Vec<SlowRow>,
    assets: Vec<[String; 3]>,
}

#[derive(Debug, Serialize)]
struct StatusPart {
    word: String,
    class: String,
    count: String,
    bytes: String,
    share: String,
    /// In thousandths of the bar.
    width: f64,
}

#[derive(Debug, Serialize)]
struct Tile {
    name: &'static str,
    value: String,
    more: String,
}

/// The charts over time.
#[derive(Debug, Serialize)]
struct TimelinePart {
    throughput_svg: String,
    uploading_svg: String,
    confirming_svg: Option<String>,
    bottlenecks_svg: String,
    bottlenecks: Vec<[String; 3]>,
    gantt: Vec<GanttRow>,
    gantt_scale_svg: String,
    throttled: bool,
}

#[derive(Debug, Serialize)]
struct Distribution {
    svg: String,
    words: String,
}

impl Page {
    pub(super) fn of(survey: &JobSurvey, about: &About) -> Self {
        let series = RunSeries::of(&survey.timelines);
        let slowest = gantt::slowest(&series);
        let failed = survey.rows.failed.count;
        let shown = survey.failures.len() as u64;
        let failures_of = if shown < failed {
            format!(
                "The first {} of {}, in input order; the CSV report has all.",
                count(shown),
                count(failed)
            )
        } else {
            "All of them, in input order.".to_owned()
        };
        Self {
            style: include_str!("page.css"),
            verdict: verdict(survey),
            notes: notes(survey, about),
            facts: facts(survey, about),
            statuses: statuses(survey),
            tiles: tiles(survey, &series),
            causes: causes(&survey.causes, failed),
            timeline: (!series.intervals.is_empty()).then(|| timeline(&series, &slowest)),
            runs: survey
                .timelines
                .iter()
                .map(|run| run_row(run, survey, about.writer.is_some()))
                .collect(),
            sizes: sizes(&survey.sizes),
            delays: delays(survey),
            failures: survey.failures.iter().map(failure).collect(),
            failures_of,
            slow: slowest.iter().take(SLOWEST).map(slow_row).collect(),
            assets: assets(survey),
        }
    }
}

/// The page in one sentence.
fn verdict(survey: &JobSurvey) -> String {
    let (rows, all) = (&survey.rows, survey.rows.all().count);
    let success = rows.success.count;
    match all {
        0 => return "The input had no files.".to_owned(),
        1 if success == 1 => return "The file is uploaded and confirmed.".to_owned(),
        all if all == success => {
            return format!("All {} files are uploaded and confirmed.", count(all));
        }
        _ => {}
    }
    let others = [
        (rows.failed, "failed"),
        (rows.pending, "still processing at the service"),
        (rows.not_started, "not started"),
    ];
    let others = others.iter().filter(|(total, _)| total.count > 0);
    let others: Vec<_> = others
        .map(|(total, words)| format!("{} {words}", count(total.count)))
        .collect();
    format!(
        "{} of {} uploaded and confirmed; {}.",
        count(success),
        counted(all, "file"),
        others.join(", ")
    )
}

/// What must be known to read the figures right.
fn notes(survey: &JobSurvey, about: &About) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(pid) = &about.writer {
        notes.push(format!(
            "An upload is still running (pid {}). This is how it stood when the page was made.",
            plain(pid)
        ));
    }
    let last = survey.timelines.last();
    if about.writer.is_none() && last.is_some_and(|run| run.times.ended_at.is_none()) {
        let text = "The last run was cut short. All that was done is kept: run the same command again to \
             continue.";
        notes.push(text.to_owned());
    }
    if survey.backwards > 0 {
        notes.push(format!(
            "The clock of the computer was set back during the upload: {} confirmed before they were sent, \
             by their times. The charts over time use another clock.",
            counted(survey.backwards, "file")
        ));
    }
    if survey.runs > 0 && survey.timelines.is_empty() && survey.rows.all().count > 0 {
        let text = "There are no charts over time: the runs had nothing to do, or an earlier version \
                    of mavi made them.";
        notes.push(text.to_owned());
    }
    notes
}

fn facts(survey: &JobSurvey, about: &About) -> Vec<[String; 2]> {
    let mut facts = Vec::new();
    if let Some(identity) = &survey.identity {
        facts.push(["Service".to_owned(), plain(&identity.base_url)]);
        facts.push(["Key fingerprint".to_owned(), plain(&identity.account)]);
    }
    facts.push(["Ledger".to_owned(), plain(&about.ledger.to_string_lossy())]);
    facts.push(["Page made".to_owned(), minute(&about.now.to_string())]);
    facts
}

fn statuses(survey: &JobSurvey) -> Vec<StatusPart> {
    let (rows, all) = (&survey.rows, survey.rows.all().count);
    let part = |status: Status, total: Total| StatusPart {
        word: status.word().replace('_', " "),
        class: status.word().replace('_', "-"),
        count: count(total.count),
        bytes: size(total.bytes),
        share: share(total.count, all),
        width: thousandths(total.count, all),
    };
    vec![
        part(Status::Success, rows.success),
        part(Status::Failed, rows.failed),
        part(Status::Pending, rows.pending),
        part(Status::NotStarted, rows.not_started),
    ]
}

fn tiles(survey: &JobSurvey, series: &RunSeries<'_>) -> Vec<Tile> {
    let all = survey.rows.all();
    let tile = |name, value, more| Tile { name, value, more };
    let mut tiles = vec![tile("Library", size(all.bytes), counted(all.count, "file"))];
    if series.intervals.is_empty() {
        return tiles;
    }
    let (sum, took) = (series.sum(), series.took_ms());
    let seconds = real(took.max(1)) / 1000.0;
    let runs = counted(series.spans.len() as u64, "run");
    let per_minute = decimal(real(sum.confirmed) * 60.0 / seconds);
    tiles.extend([
        tile("Sent", size(sum.bytes), sent_again(survey, &sum)),
        tile("Upload time", time(took), format!("in {runs}")),
        tile(
            "Average speed",
            rate(real(sum.bytes) / seconds),
            format!("{per_minute} files per minute"),
        ),
        tile(
            "Status checks",
            polls_per_file(&sum),
            format!("{} in all", count(sum.polls)),
        ),
        tile(
            "Rate-limited",
            counted(sum.throttles.iter().sum(), "time"),
            throttled(&sum),
        ),
        tile("Retries", count(sum.retries), abandoned(survey)),
    ]);
    tiles
}

fn polls_per_file(sum: &Bucket) -> String {
    match sum.confirmed {
        0 => "–".to_owned(),
        confirmed => format!("{:.2} per file", real(sum.polls) / real(confirmed)),
    }
}

/// Bytes that were sent more than once, as far as that can be known.
fn sent_again(survey: &JobSurvey, sum: &Bucket) -> String {
    let held = survey.rows.success.bytes + survey.rows.pending.bytes;
    match sum.bytes.checked_sub(held) {
        Some(again) if again > 0 => format!("{} of it re-sent", size(again)),
        _ => format!("{} uploaded", counted(sum.sent, "file")),
    }
}

fn throttled(sum: &Bucket) -> String {
    let [sign, send, status] = sum.throttles.map(count);
    format!("sign {sign}, send {send}, status {status}")
}

fn abandoned(survey: &JobSurvey) -> String {
    let assets = survey.assets.iter();
    let abandoned = assets.filter(|asset| asset.state == "abandoned");
    let abandoned = abandoned.map(|asset| asset.total.count).sum();
    format!("{} abandoned", counted(abandoned, "asset"))
}

fn timeline(series: &RunSeries<'_>, slowest: &[gantt::SlowestFile<'_>]) -> TimelinePart {
    let (gantt, gantt_scale_svg) = gantt::rows(slowest);
    let took = series.took_ms();
    let bottleneck = |(bottleneck, ms): (Bottleneck, u64)| {
        let words = format!("{}, {}", time(ms), share(ms, took));
        [bottleneck.class().to_owned(), bottleneck.to_string(), words]
    };
    TimelinePart {
        throughput_svg: charts::throughput(series),
        uploading_svg: charts::uploading(series),
        confirming_svg: (series.sum().confirming_ms > 0).then(|| charts::confirming(series)),
        bottlenecks_svg: charts::bottlenecks(series),
        bottlenecks: series.bottlenecks().into_iter().map(bottleneck).collect(),
        gantt,
        gantt_scale_svg,
        throttled: series.sum().throttles.iter().any(|times| *times > 0),
    }
}

fn sizes(bins: &[Bin]) -> Option<Distribution> {
    let svg = histogram::histogram(bins, "Files by size", size)?;
    let [half, most] = histogram::quantiles(bins)?;
    let words = format!("Half are under {}, 95 % under {}.", size(half), size(most));
    Some(Distribution { svg, words })
}

fn delays(survey: &JobSurvey) -> Option<Distribution> {
    let svg = histogram::histogram(&survey.delays, "Files by processing time", time)?;
    let [half, most] = histogram::quantiles(&survey.delays)?;
    let words = format!("Half within {}, 95 % within {}.", time(half), time(most));
    Some(Distribution { svg, words })
}
