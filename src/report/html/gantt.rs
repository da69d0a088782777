//! The slowest files, each as a row of bars in the upload time of all runs. Pure.

use super::figures::{real, size, time};
use super::series::{RunSeries, RunSpan};
use super::svg::Drawing;
use crate::ledger::{SlowFile, Status};
use crate::text::plain;

/// The most files that are shown.
const SHOWN: usize = 200;

#[derive(Debug, Clone, Copy)]
pub(super) struct SlowestFile<'a> {
    pub(super) file: &'a SlowFile,
    /// When its run began, in the upload time of all runs.
    offset: u64,
}

impl SlowestFile<'_> {
    pub(super) fn took_ms(&self) -> u64 {
        self.file.ended_ms.saturating_sub(self.file.begun_ms)
    }

    fn begun(&self) -> u64 {
        self.offset + self.file.begun_ms
    }
}

/// The slowest files of all runs, the slowest first.
pub(super) fn slowest<'a>(series: &RunSeries<'a>) -> Vec<SlowestFile<'a>> {
    let of_run = |span: &RunSpan<'a>| {
        let (timeline, offset) = (span.timeline, series.begin_ms(span.first));
        let files = timeline.slowest.iter();
        files.map(move |file| SlowestFile { file, offset })
    };
    let mut files: Vec<_> = series.spans.iter().flat_map(of_run).collect();
    files.sort_by_key(|slow| std::cmp::Reverse(slow.took_ms()));
    files.truncate(SHOWN);
    files
}

/// A row: the file's name, its time, and its bars.
#[derive(Debug, serde::Serialize)]
pub(super) struct GanttRow {
    pub(super) name: String,
    pub(super) took: String,
    pub(super) bars: String,
}

/// The rows, by when they began, and their scale.
pub(super) fn rows(files: &[SlowestFile<'_>]) -> (Vec<GanttRow>, String) {
    let mut files = files.to_vec();
    files.sort_by_key(|slow| (slow.begun(), slow.file.ended_ms));
    let from = files.first().map_or(0, SlowestFile::begun);
    let ends = files.iter().map(|slow| slow.offset + slow.file.ended_ms);
    let to = ends.max().unwrap_or_default().max(from + 1);
    let rows = files.iter().map(|slow| GanttRow {
        name: name(slow.file),
        took: time(slow.took_ms()),
        bars: bars(slow, from, to),
    });
    (rows.collect(), scale(from, to))
}

fn scale(from: u64, to: u64) -> String {
    let words = format!("From {} to {} of the upload time", time(from), time(to));
    let mut drawing = Drawing::new(18.0, &words);
    drawing.moments([from, to], 0.0);
    drawing.done()
}

/// The last part of a path, which tells files apart.
fn name(file: &SlowFile) -> String {
    let name = file.path.file_name().unwrap_or(file.path.as_os_str());
    plain(&name.to_string_lossy())
}

pub(super) fn result(status: Status) -> &'static str {
    match status {
        Status::Success => "confirmed",
        Status::Failed => "failed",
        Status::Pending | Status::NotStarted => "not confirmed in time",
    }
}

fn bars(slow: &SlowestFile<'_>, from: u64, to: u64) -> String {
    let file = slow.file;
    let across = |ms: u64| {
        let at = (slow.offset + ms).saturating_sub(from);
        100.0 * real(at) / real(to - from)
    };
    let words = format!(
        "{}, {}: {} after {}",
        name(file),
        size(file.size),
        result(file.status),
        time(slow.took_ms())
    );
    let mut drawing = Drawing::new(12.0, &words);
    let parts = [
        ("waiting", "waiting", file.begun_ms, file.sending_ms),
        ("sending", "uploading", file.sending_ms, file.sent_ms),
        ("confirming", "processing", file.sent_ms, file.ended_ms),
    ];
    for (class, what, begin, end) in parts {
        if end > begin {
            let title = format!("{words}; {what} {}", time(end - begin));
            let x = [across(begin), across(end) - across(begin)];
            drawing.bar(class, x, [2.0, 8.0], &title);
        }
    }
    if file.status == Status::Failed {
        let x = [across(file.ended_ms).min(99.4), 0.6];
        let title = format!("{words}: failed here");
        drawing.bar("fault", x, [0.0, 12.0], &title);
    }
    drawing.done()
}
