//! The end of a run in words: failures by cause, with an example and what to do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::display::estimate::Bottleneck;
use crate::cli::format::{cause, counted, duration, size, size_of};
use mavi_upload::event::Event;
use mavi_upload::run::Summary;
use mavi_upload::text::plain;

/// How a run ended, in lines: the counts add up to the rows.
pub(crate) fn summary(
    summary: &Summary,
    report: &Path,
    time: Duration,
    bound: Option<Bottleneck>,
) -> Vec<String> {
    let (counts, tally) = (summary.counts, summary.tally);
    let mut parts = vec![format!("{} success", counts.success)];
    let others = [
        ("failed", counts.failed),
        ("pending", counts.pending),
        ("not started", counts.not_started),
    ];
    parts.extend(others.map(|(word, count)| format!("{count} {word}")));
    let earlier = match tally.skipped {
        0 => String::new(),
        skipped => format!(" ({skipped} of them confirmed earlier)"),
    };
    let mut lines = vec![format!(
        "{}: {}{earlier}",
        counted(counts.rows(), "row"),
        parts.join(", ")
    )];
    lines.push(moved(summary, time, bound));
    lines.extend(asked(summary));
    if tally.shared > 0 {
        lines.push(format!(
            "{} needed no upload: another has the same bytes",
            counted(tally.shared, "file")
        ));
    }
    if tally.possible_orphans > 0 {
        lines.push(format!(
            "{}: answers that were lost may have held an asset id (without bytes)",
            counted(tally.possible_orphans, "possible orphan")
        ));
    }
    lines.push(format!("report {}", plain(&report.to_string_lossy())));
    lines
}

/// What went over the line, in what time.
fn moved(summary: &Summary, time: Duration, bound: Option<Bottleneck>) -> String {
    let bound = bound.map_or_else(String::new, |bottleneck| format!(", bound by {bottleneck}"));
    let bytes = summary.tally.bytes_sent;
    let took = match time {
        short if short < Duration::from_secs(1) => format!("{:.1}s", short.as_secs_f64()),
        time => duration(time),
    };
    if bytes == 0 {
        return format!("nothing sent in {took}{bound}");
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = bytes as f64 / time.as_secs_f64().max(0.001);
    let (sent, rate) = (size(bytes), size_of(rate));
    format!("{sent} in {took} ({rate}/s){bound}")
}

/// What the service was asked, and what it said of the throughput; `None` when there is nothing to say.
fn asked(summary: &Summary) -> Option<String> {
    let tally = summary.tally;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let looks = match (tally.polls, tally.sent) {
        (0, _) => None,
        (looks, 0) => Some(counted(looks, "look")),
        (looks, sent) => Some(format!("{:.1} looks a file", looks as f64 / sent as f64)),
    };
    let throttles = (tally.throttles > 0)
        .then(|| format!("told to slow down {}", counted(tally.throttles, "time")));
    let parts: Vec<_> = looks.into_iter().chain(throttles).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Failed rows by cause.
#[derive(Debug, Default)]
pub(crate) struct FailuresByCause(BTreeMap<String, Cause>);

#[derive(Debug)]
struct Cause {
    count: u64,
    example: PathBuf,
    text: String,
}

impl FailuresByCause {
    pub(crate) fn hear(&mut self, event: &Event) {
        if let Event::Failed { path, refusal } = event {
            let cause = self.0.entry(refusal.code.word().into_owned());
            cause
                .and_modify(|cause| cause.count += 1)
                .or_insert_with(|| Cause {
                    count: 1,
                    example: path.clone(),
                    text: refusal.text.clone(),
                });
        }
    }

    /// One line a cause, the most frequent first, below a title; nothing where nothing failed.
    pub(crate) fn lines(&self) -> Vec<String> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let mut causes: Vec<_> = self.0.iter().collect();
        causes.sort_by_key(|(_, cause)| std::cmp::Reverse(cause.count));
        let line = |(code, of): (&String, &Cause)| cause(of.count, code, &of.text, &of.example);
        let title = "failed rows by cause:".to_owned();
        std::iter::once(title)
            .chain(causes.into_iter().map(line))
            .collect()
    }
}

#[cfg(test)]
mod tests;
