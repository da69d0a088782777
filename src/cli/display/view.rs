//! A run at one moment, in words and in columns. Pure.

use std::cmp::Reverse;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use console::measure_text_width;

use crate::cli::display::estimate::{Bottleneck, time_left};
use crate::cli::display::progress::{ActiveUpload, RunProgress};
use crate::cli::format::{counted, cut_middle, duration, size, size_of};
use mavi_upload::text::plain;

/// The uploads that are shown one by one: the largest.
const SHOWN: usize = 4;

/// A time shorter than this is not shown.
const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RunView {
    pub(crate) bytes_sent: u64,
    pub(crate) bytes: u64,
    pub(crate) stages: String,
    pub(crate) progress: String,
    uploads: Vec<UploadView>,
}

#[derive(Debug, Clone, PartialEq)]
struct UploadView {
    name: String,
    percent: u64,
    rate: String,
}

impl RunView {
    /// The run at `now`; `None` while there is nothing to see.
    pub(crate) fn of(run: &RunProgress, bytes_a_second: f64, now: Instant) -> Option<Self> {
        if run.rows == 0 {
            return None;
        }
        let mut uploads: Vec<_> = run.uploads().collect();
        uploads.sort_by_key(|(path, upload)| (Reverse(upload.size), *path));
        uploads.truncate(SHOWN);
        // In the order of their beginnings: what is new comes below, and no line moves down.
        uploads.sort_by_key(|(path, upload)| (upload.since, *path));
        Some(Self {
            bytes_sent: run.bytes_sent(),
            bytes: run.bytes(),
            stages: stages(run),
            progress: progress(run, bytes_a_second),
            uploads: uploads
                .into_iter()
                .map(|upload| UploadView::of(upload, now))
                .collect(),
        })
    }

    /// The columns of the widest name.
    pub(crate) fn name_width(&self) -> usize {
        let widths = self.uploads.iter().map(UploadView::name_width);
        widths.max().unwrap_or_default()
    }

    /// The lines below the bar, with `names` columns for the names of uploads. No line is wider than
    /// the terminal: indicatif counts them.
    pub(crate) fn lines(&self, width: usize, names: usize) -> Vec<String> {
        let words = fold(&self.progress, width)
            .into_iter()
            .chain(fold(&self.stages, width));
        let uploads = self.uploads.iter().map(|upload| upload.line(names, width));
        words.chain(uploads).collect()
    }
}

/// `preparing 1 · sending 4 · processing 23 · done 402 of 1000 files · failed 2`; what is zero and
/// may stay so is left out.
fn stages(run: &RunProgress) -> String {
    let stages = run.stages();
    let files = counted(run.files(), "file");
    let mut parts = vec![
        format!("preparing {}", stages.preparing),
        format!("sending {}", stages.sending),
        format!("processing {}", stages.processing),
        format!("done {} of {}{files}", run.done(), at_least(run)),
    ];
    let counts = [
        ("again later", run.deferred()),
        ("pending", run.pending),
        ("failed", run.failed),
    ];
    let some = counts.iter().filter(|(_, count)| *count > 0);
    parts.extend(some.map(|(word, count)| format!("{word} {count}")));
    parts.join(" · ")
}

/// `12.3 MB of at least 40.0 GB · 5.2 MB/s · 2h 3m left, limited by your upload speed`; without the
/// throughput when all bytes are sent, and without a time that is less than a second.
fn progress(run: &RunProgress, bytes_a_second: f64) -> String {
    let (sent, all) = (run.bytes_sent(), run.bytes());
    let mut parts = vec![format!("{} of {}{}", size(sent), at_least(run), size(all))];
    if sent < all || !run.listed {
        parts.push(format!("{}/s", size_of(bytes_a_second)));
    }
    let left = time_left(run, bytes_a_second);
    parts.extend(left.map(|(time, bottleneck)| match bottleneck {
        Bottleneck::Outage => format!("{} cannot be reached: waiting", run.down.join(" and ")),
        _ if time < SECOND => bottleneck.to_string(),
        _ => format!("{} left, {bottleneck}", duration(time)),
    }));
    parts.join(" · ")
}

fn at_least(run: &RunProgress) -> &'static str {
    if run.listed { "" } else { "at least " }
}

/// Breaks a line of parts between them where it is too wide.
fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in text.split(" · ") {
        let part = cut_middle(part, width);
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + part.len() + 3 <= width => {
                line.push_str(" · ");
                line.push_str(&part);
            }
            _ => lines.push(part),
        }
    }
    lines
}

impl UploadView {
    fn of((path, upload): (&PathBuf, &ActiveUpload), now: Instant) -> Self {
        let sent = upload.progress.file_bytes_taken();
        let seconds = now.duration_since(upload.since).as_secs_f64().max(0.001);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = size_of(sent as f64 / seconds);
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self {
            name: plain(&name.to_string_lossy()),
            percent: sent * 100 / upload.size.max(1),
            rate: format!("{rate}/s"),
        }
    }

    fn name_width(&self) -> usize {
        measure_text_width(&self.name)
    }

    /// `  holiday-in-…-2.mp4  34%  1.2 MB/s`, within `width` columns, with `names` of them for the name
    /// where there are so many.
    fn line(&self, names: usize, width: usize) -> String {
        // As long as any rate is, so that the columns stand below each other.
        let rest = format!("  {:>3}%  {:>10}", self.percent, self.rate);
        let names = names.min(width.saturating_sub(rest.len() + 2).max(8));
        let name = cut_middle(&self.name, names);
        let blank = " ".repeat(names.saturating_sub(measure_text_width(&name)));
        format!("  {name}{blank}{rest}")
    }
}

#[cfg(test)]
mod tests;
