//! Pictures of a run for people: bars on a terminal, a plain line now and then elsewhere.

use std::time::{Duration, Instant};

use console::measure_text_width;
use indicatif::ProgressBar;

use super::words::cut_middle;
use crate::cli::{live, say};

/// The uploads that are shown one by one: the largest.
pub(super) const SHOWN: usize = 4;

/// How a run looks at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Picture {
    pub(super) bytes_sent: u64,
    pub(super) bytes: u64,
    pub(super) stages: String,
    pub(super) progress: String,
    pub(super) uploads: Vec<UploadPicture>,
}

/// One upload at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UploadPicture {
    pub(super) name: String,
    pub(super) percent: u64,
    pub(super) rate: String,
}

/// Draws pictures.
pub(super) trait Painter {
    /// The run looks like this now.
    fn paint(&mut self, picture: &Picture, now: Instant);
    /// The run is over.
    fn end(&mut self) {}
}

/// A bar, and lines of words below it.
pub(super) struct Bars {
    bytes: ProgressBar,
    words: ProgressBar,
}

impl Bars {
    pub(super) fn new() -> Self {
        Self {
            bytes: live::line("{wide_bar} {percent:>3}%"),
            words: live::line("{msg}"),
        }
    }
}

impl Painter for Bars {
    fn paint(&mut self, picture: &Picture, _: Instant) {
        // An input without bytes (all done before) is shown as done.
        let nothing = u64::from(picture.bytes == 0);
        self.bytes.set_length(picture.bytes.max(1));
        self.bytes.set_position(picture.bytes_sent.max(nothing));
        let width = usize::from(console::Term::stderr().size().1);
        self.words.set_message(picture.words(width).join("\n"));
    }

    fn end(&mut self) {
        // What scrolled by stays; the bar has said what it had to say.
        live::remove(&self.bytes);
        live::remove(&self.words);
    }
}

impl Picture {
    /// The words below the bar, none wider than the terminal: indicatif counts its lines.
    fn words(&self, width: usize) -> Vec<String> {
        let words = fold(&self.progress, width)
            .into_iter()
            .chain(fold(&self.stages, width));
        let names = self.uploads.iter().map(UploadPicture::name_width).max();
        let uploads = self.uploads.iter();
        let uploads = uploads.map(|upload| upload.line(names.unwrap_or_default(), width));
        words.chain(uploads).collect()
    }
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

impl UploadPicture {
    fn name_width(&self) -> usize {
        measure_text_width(&self.name)
    }

    /// `  holiday-in-…-2.mp4  34%  1.2 MB/s`, within `width` columns, with `names` of them for the name
    /// where there are so many.
    fn line(&self, names: usize, width: usize) -> String {
        // As long as any rate is, so that what stands below each other is level.
        let rest = format!("  {:>3}%  {:>10}", self.percent, self.rate);
        let names = names.min(width.saturating_sub(rest.len() + 2).max(8));
        let name = cut_middle(&self.name, names);
        let blank = " ".repeat(names.saturating_sub(measure_text_width(&name)));
        format!("  {name}{blank}{rest}")
    }
}

/// Plain lines: when there is something to say, every 10 s for a minute, every minute after that.
pub(super) struct Lines {
    start: Instant,
    next: Duration,
}

impl Lines {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            start: now,
            next: Duration::from_secs(1),
        }
    }

    /// Whether a line is due; sets when the next one is.
    fn is_due(&mut self, now: Instant) -> bool {
        let age = now.duration_since(self.start);
        if age < self.next {
            return false;
        }
        let step = if age < Duration::from_secs(60) {
            10
        } else {
            60
        };
        self.next = Duration::from_secs((age.as_secs() / step + 1) * step);
        true
    }
}

impl Painter for Lines {
    fn paint(&mut self, picture: &Picture, now: Instant) {
        if self.is_due(now) {
            say(&format!("{} | {}", picture.stages, picture.progress));
        }
    }
}

/// No pictures, words alone: with `--progress none` and `--progress json`.
pub(super) struct Words;

impl Painter for Words {
    fn paint(&mut self, _: &Picture, _: Instant) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_every_ten_seconds_for_a_minute_and_then_every_minute() {
        let start = Instant::now();
        let mut lines = Lines::new(start);
        let due = (0..300).filter(|second| lines.is_due(start + Duration::from_secs(*second)));
        let due: Vec<u64> = due.collect();
        assert_eq!(due, [1, 10, 20, 30, 40, 50, 60, 120, 180, 240]);
    }

    #[test]
    fn words_are_folded_between_their_parts() {
        let words = "signing 1 · sending 4 · confirming 23 · done 402 of 1000 files";
        assert_eq!(fold(words, 80), [words]);
        let narrow = [
            "signing 1 · sending 4 · confirming 23",
            "done 402 of 1000 files",
        ];
        assert_eq!(fold(words, 40), narrow);
    }

    #[test]
    fn an_upload_fits_into_forty_columns() {
        let upload = UploadPicture {
            name: "holiday in the mountains, the third day, evening.mp4".to_owned(),
            percent: 34,
            rate: "1.2 MB/s".to_owned(),
        };
        let line = upload.line(upload.name_width(), 40);
        assert_eq!(measure_text_width(&line), 40, "{line}");
        assert!(line.ends_with(".mp4   34%    1.2 MB/s"), "{line}");
        let short = UploadPicture {
            name: "海.mp4".to_owned(),
            ..upload
        };
        assert_eq!(short.line(8, 40), "  海.mp4     34%    1.2 MB/s");
    }
}
