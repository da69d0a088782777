//! The end of a run in words: what became of the rows, and failures by cause with an example and what
//! to do. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::display::estimate::Bottleneck;
use crate::cli::format::{cause, counted, duration, shown, size, size_of};
use mavi_upload::event::Event;
use mavi_upload::run::Summary;

/// How a run ended, in lines. Its counts add up to the rows.
pub(crate) fn summary(
    summary: &Summary,
    report: &Path,
    time: Duration,
    bottleneck: Option<Bottleneck>,
) -> Vec<String> {
    let tally = summary.tally;
    let mut lines = vec![rows(summary), throughput(summary, time, bottleneck)];
    lines.extend(calls(summary));
    if tally.shared > 0 {
        let files = counted(tally.shared, "file");
        lines.push(format!(
            "{files} needed no upload: another has the same bytes"
        ));
    }
    if tally.possible_orphans > 0 {
        let orphans = counted(tally.possible_orphans, "possible orphan");
        lines.push(format!(
            "{orphans}: answers that were lost may have held an asset id (without bytes)"
        ));
    }
    lines.push(format!("report {}", shown(report)));
    lines
}

fn rows(summary: &Summary) -> String {
    let (counts, tally) = (summary.counts, summary.tally);
    let earlier = match tally.skipped {
        0 => String::new(),
        skipped => format!(" ({skipped} of them confirmed earlier)"),
    };
    format!(
        "{}: {} success, {} failed, {} pending, {} not started{earlier}",
        counted(counts.rows(), "row"),
        counts.success,
        counts.failed,
        counts.pending,
        counts.not_started,
    )
}

/// What was sent, in what time, and what took most of it.
fn throughput(summary: &Summary, time: Duration, bottleneck: Option<Bottleneck>) -> String {
    let mostly = bottleneck.map_or_else(String::new, |bottleneck| format!(", mostly {bottleneck}"));
    let bytes = summary.tally.bytes_sent;
    let took = match time {
        short if short < Duration::from_secs(1) => format!("{:.1}s", short.as_secs_f64()),
        time => duration(time),
    };
    if bytes == 0 {
        return format!("nothing sent in {took}{mostly}");
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = bytes as f64 / time.as_secs_f64().max(0.001);
    let (sent, rate) = (size(bytes), size_of(rate));
    format!("{sent} in {took} ({rate}/s){mostly}")
}

/// Status checks, and answers that asked for a slower pace; `None` when there were neither.
fn calls(summary: &Summary) -> Option<String> {
    let tally = summary.tally;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let polls = match (tally.polls, tally.sent) {
        (0, _) => None,
        (polls, 0) => Some(counted(polls, "status check")),
        (polls, sent) => {
            let per_file = polls as f64 / sent as f64;
            Some(format!("{per_file:.1} status checks per file"))
        }
    };
    let throttles = (tally.throttles > 0).then(|| {
        let times = counted(tally.throttles, "time");
        format!("rate-limited by the service {times}")
    });
    let parts: Vec<_> = polls.into_iter().chain(throttles).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[derive(Debug, Default)]
pub(crate) struct FailuresByCause(BTreeMap<String, Cause>);

#[derive(Debug)]
struct Cause {
    rows: u64,
    example: PathBuf,
    text: String,
}

impl FailuresByCause {
    pub(crate) fn observe(&mut self, event: &Event) {
        if let Event::Failed { path, failure } = event {
            let cause = self.0.entry(failure.code.word().into_owned());
            let cause = cause.or_insert_with(|| Cause {
                rows: 0,
                example: path.clone(),
                text: failure.text.clone(),
            });
            cause.rows += 1;
        }
    }

    /// One line a cause, the most frequent first, below a title; nothing where nothing failed.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut causes: Vec<_> = self.0.iter().collect();
        causes.sort_by_key(|(_, cause)| Reverse(cause.rows));
        let title = (!causes.is_empty()).then(|| "failed rows by cause:".to_owned());
        let line = |(code, of): (&String, &Cause)| cause(of.rows, code, &of.text, &of.example);
        title
            .into_iter()
            .chain(causes.into_iter().map(line))
            .collect()
    }
}

#[cfg(test)]
mod tests;
