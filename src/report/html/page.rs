//! What the template is filled with: the survey in words, lists and drawings.

use serde::Serialize;

use super::figures::{count, counted, decimal, rate, real, share, size, time};
use super::lists::{
    CauseRow, Failure, RunRow, SlowRow, assets, causes, failure, minute, run_row, slow_row,
};
use super::timeline::{Bound, Timeline};
use super::{About, charts, gantt, histogram};
use crate::ledger::{Bin, Bucket, JobSurvey, Total};
use crate::text::plain;

/// Slowest files in the table.
const SLOWEST: usize = 50;

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
    failures: Vec<Failure>,
    failures_of: String,
    slow: Vec<SlowRow>,
    assets: Vec<[String; 3]>,
}

#[derive(Debug, Serialize)]
struct StatusPart {
    word: &'static str,
    class: &'static str,
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
    bound_svg: String,
    bounds: Vec<[String; 3]>,
    gantt: Vec<gantt::Row>,
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
        let line = Timeline::of(&survey.timelines);
        let slowest = gantt::slowest(&line);
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
            tiles: tiles(survey, &line),
            causes: causes(&survey.causes, failed),
            timeline: (!line.pieces.is_empty()).then(|| timeline(&line, &slowest)),
            runs: survey
                .timelines
                .iter()
                .map(|run| run_row(run, survey, about))
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
    match (all, rows.success.count) {
        (0, _) => "The input had no rows.".to_owned(),
        (1, 1) => "The one file is up and confirmed.".to_owned(),
        (all, success) if all == success => {
            format!("All {} files are up and confirmed.", count(all))
        }
        (all, success) => {
            let others = [
                (rows.failed, "failed"),
                (rows.pending, "not confirmed yet"),
                (rows.not_started, "not started"),
            ];
            let others = others.iter().filter(|(total, _)| total.count > 0);
            let others: Vec<_> = others
                .map(|(total, word)| format!("{} {word}", count(total.count)))
                .collect();
            let rows = if all == 1 { "row" } else { "rows" };
            format!(
                "{} of {} {rows} confirmed; {}.",
                count(success),
                count(all),
                others.join(", ")
            )
        }
    }
}

/// What must be known to read the figures right.
fn notes(survey: &JobSurvey, about: &About) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(pid) = &about.writer {
        notes.push(format!(
            "An upload goes on (pid {}): this is how it stood.",
            plain(pid)
        ));
    }
    let last = survey.timelines.last();
    if about.writer.is_none() && last.is_some_and(|run| run.times.ended_at.is_none()) {
        let text =
            "The last run broke off: what is not done is kept, and the same command goes on.";
        notes.push(text.to_owned());
    }
    if survey.backwards > 0 {
        notes.push(format!(
            "The clock was set back under way: {} confirmed before they were sent, by their times. \
             The charts over time do not go by that clock.",
            counted(survey.backwards, "file")
        ));
    }
    if survey.runs > 0 && survey.timelines.is_empty() && survey.rows.all().count > 0 {
        let text = "The ledger does not know how its runs went over time: they did nothing, or an \
                    earlier mavi made them.";
        notes.push(text.to_owned());
    }
    notes
}

fn facts(survey: &JobSurvey, about: &About) -> Vec<[String; 2]> {
    let mut facts = Vec::new();
    if let Some(identity) = &survey.identity {
        facts.push(["Service".to_owned(), plain(&identity.base_url)]);
        facts.push(["Account".to_owned(), plain(&identity.account)]);
    }
    facts.push(["Ledger".to_owned(), plain(&about.ledger.to_string_lossy())]);
    facts.push(["Made".to_owned(), minute(&about.now.to_string())]);
    facts
}

fn statuses(survey: &JobSurvey) -> Vec<StatusPart> {
    let (rows, all) = (&survey.rows, survey.rows.all().count);
    let part = |word, class, total: Total| StatusPart {
        word,
        class,
        count: count(total.count),
        bytes: size(total.bytes),
        share: share(total.count, all),
        width: thousandths(total.count, all),
    };
    vec![
        part("success", "success", rows.success),
        part("failed", "failed", rows.failed),
        part("pending", "pending", rows.pending),
        part("not started", "not-started", rows.not_started),
    ]
}

/// A part of a bar; what there is can be seen, however little it is.
pub(super) fn thousandths(part: u64, whole: u64) -> f64 {
    if part == 0 {
        return 0.0;
    }
    (1000.0 * real(part) / real(whole.max(1))).max(4.0).round()
}

fn tiles(survey: &JobSurvey, line: &Timeline<'_>) -> Vec<Tile> {
    let all = survey.rows.all();
    let tile = |name, value, more| Tile { name, value, more };
    let mut tiles = vec![tile(
        "Library",
        size(all.bytes),
        format!("{}, of known sizes", counted(all.count, "row")),
    )];
    if line.pieces.is_empty() {
        return tiles;
    }
    let (sum, took) = (line.sum(), line.took_ms());
    let seconds = real(took.max(1)) / 1000.0;
    let runs = counted(line.spans.len() as u64, "run");
    let polls = real(sum.polls) / real(sum.confirmed.max(1));
    tiles.extend([
        tile("Sent", size(sum.bytes), again(survey, &sum)),
        tile("Running time", time(took), format!("in {runs} that worked")),
        tile(
            "Mean rate",
            rate(real(sum.bytes) / seconds),
            format!(
                "{} files a minute",
                decimal(real(sum.confirmed) * 60.0 / seconds)
            ),
        ),
        tile(
            "Looks a file",
            if sum.confirmed > 0 {
                format!("{polls:.2}")
            } else {
                "–".to_owned()
            },
            format!("{} in all", counted(sum.polls, "look")),
        ),
        tile(
            "Told to slow down",
            count(sum.throttles.iter().sum()),
            throttled(&sum),
        ),
        tile("Tried again", count(sum.retries), given_up(survey)),
    ]);
    tiles
}

/// Bytes that were sent for nothing, as far as it can be told.
fn again(survey: &JobSurvey, sum: &Bucket) -> String {
    let held = survey.rows.success.bytes + survey.rows.pending.bytes;
    match sum.bytes.checked_sub(held) {
        Some(again) if again > 0 => format!("{} of it more than is held", size(again)),
        _ => format!("{} up", counted(sum.sent, "file")),
    }
}

fn throttled(sum: &Bucket) -> String {
    let [sign, send, status] = sum.throttles.map(count);
    format!("times: sign {sign}, send {send}, status {status}")
}

fn given_up(survey: &JobSurvey) -> String {
    let abandoned = survey
        .assets
        .iter()
        .filter(|asset| asset.state == "abandoned");
    let abandoned = abandoned.map(|asset| asset.total.count).sum();
    format!("times, {} given up", counted(abandoned, "asset"))
}

fn timeline(line: &Timeline<'_>, slowest: &[gantt::Slow<'_>]) -> TimelinePart {
    let (gantt, gantt_scale_svg) = gantt::rows(slowest);
    let took = line.took_ms();
    let bound = |(bound, ms): (Bound, u64)| {
        let words = format!("{}, {}", time(ms), share(ms, took));
        [bound.class().to_owned(), bound.to_string(), words]
    };
    TimelinePart {
        throughput_svg: charts::throughput(line),
        uploading_svg: charts::uploading(line),
        confirming_svg: (line.sum().confirming_ms > 0).then(|| charts::confirming(line)),
        bound_svg: charts::bound(line),
        bounds: line.bounds().into_iter().map(bound).collect(),
        gantt,
        gantt_scale_svg,
        throttled: line.sum().throttles.iter().any(|times| *times > 0),
    }
}

fn sizes(bins: &[Bin]) -> Option<Distribution> {
    let svg = histogram::histogram(bins, "Files by size", size)?;
    let [half, most] = histogram::quantiles(bins)?;
    let words = format!(
        "Half are under {}, 95 of 100 under {}.",
        size(half),
        size(most)
    );
    Some(Distribution { svg, words })
}

fn delays(survey: &JobSurvey) -> Option<Distribution> {
    let svg = histogram::histogram(&survey.delays, "Files by time to SUCCESS", time)?;
    let [half, most] = histogram::quantiles(&survey.delays)?;
    let words = format!(
        "Half within {}, 95 of 100 within {}.",
        time(half),
        time(most)
    );
    Some(Distribution { svg, words })
}
