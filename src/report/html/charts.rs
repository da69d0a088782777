//! The charts over time: throughput, files by stage, what bound the run. Pure.

use super::axis;
use super::figures::{self, count, counted, decimal, rate, real, time};
use super::series::{Bottleneck, Interval, RunSeries};
use super::svg::Drawing;

/// Above each drawing: half of its topmost level's words.
const TOP: f64 = 8.0;
const TIMES: f64 = 20.0;
const LANE: f64 = 16.0;

/// Across, in percent: runs nearer to each other are named only where there is room.
const NEAR: f64 = 14.0;
const NEAREST: f64 = 5.0;

/// A series of a stacked chart: its name, its class, and its value in a slot.
type Series = (&'static str, &'static str, fn(&Interval) -> f64);

/// Bytes a second over the run, and below it when the service said to slow down.
pub(super) fn throughput(line: &RunSeries<'_>) -> String {
    let lanes = [("sign", 0), ("send", 1), ("status", 2)];
    let told = |index: usize| line.intervals.iter().any(|p| p.bucket.throttles[index] > 0);
    let lanes: Vec<_> = lanes.into_iter().filter(|(_, i)| told(*i)).collect();
    let (sum, plot) = (line.sum(), 200.0);
    let throttles = sum.throttles.iter().sum::<u64>();
    let words = format!(
        "Bytes a second over {}: {} in all, told to slow down {}.",
        time(line.took_ms()),
        figures::size(sum.bytes),
        counted(throttles, "time"),
    );
    let below = LANE * real(lanes.len() as u64);
    let mut drawing = Drawing::new(TOP + plot + TIMES + below, &words);
    let series: [Series; 1] = [("bytes", "bytes", Interval::rate)];
    stacked(&mut drawing, line, plot, &series, rate);
    runs(&mut drawing, line, plot);
    times(&mut drawing, line, plot);
    for (row, (call, index)) in lanes.into_iter().enumerate() {
        let y = TOP + plot + TIMES + LANE * real(row as u64);
        lane(&mut drawing, line, y, call, index);
    }
    hover(&mut drawing, line, plot, |no, interval| {
        format!(
            "{}: {}, {} sent, {} confirmed{}",
            when(line, no),
            rate(interval.rate()),
            count(interval.bucket.sent),
            count(interval.bucket.confirmed),
            retried(interval),
        )
    });
    drawing.done()
}

fn retried(interval: &Interval) -> String {
    let bucket = &interval.bucket;
    let parts = [(bucket.failed, "failed"), (bucket.retries, "tried again")];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    parts.fold(String::new(), |told, (number, what)| {
        told + &format!(", {} {what}", count(*number))
    })
}

/// A row of marks: when calls of this kind were told to slow down.
fn lane(drawing: &mut Drawing, line: &RunSeries<'_>, y: f64, call: &str, index: usize) {
    drawing.across("base", y + LANE - 3.0);
    drawing.level(y + 8.0, call);
    for (no, interval) in line.intervals.iter().enumerate() {
        let told = interval.bucket.throttles[index];
        if told > 0 {
            let title = format!(
                "{}: {call} told to slow down {}",
                when(line, no),
                counted(told, "time")
            );
            let width = line.place(1).max(0.35);
            let at = line.place(no);
            drawing.bar("throttle", [at, width], [y + 4.0, 9.0], &title);
        }
    }
}

/// Files that wait or send, stacked.
pub(super) fn uploading(line: &RunSeries<'_>) -> String {
    let series: [Series; 2] = [
        ("sending", "sending", |p| p.files(p.bucket.sending_ms)),
        ("waiting", "waiting", |p| p.files(p.bucket.waiting_ms)),
    ];
    stage_chart(
        line,
        130.0,
        "Files that are signed, wait or are sent",
        &series,
    )
}

/// Files that wait for SUCCESS.
pub(super) fn confirming(line: &RunSeries<'_>) -> String {
    let series: [Series; 1] = [("confirming", "confirming", |p| {
        p.files(p.bucket.confirming_ms)
    })];
    stage_chart(line, 90.0, "Files that are being confirmed", &series)
}

fn stage_chart(line: &RunSeries<'_>, plot: f64, words: &str, series: &[Series]) -> String {
    let words = format!("{words}, over {}.", time(line.took_ms()));
    let mut drawing = Drawing::new(TOP + plot + TIMES, &words);
    stacked(&mut drawing, line, plot, series, files);
    runs(&mut drawing, line, plot);
    times(&mut drawing, line, plot);
    hover(&mut drawing, line, plot, |no, interval| {
        let part = |(name, _, value): &Series| format!("{} {name}", decimal(value(interval)));
        let parts: Vec<_> = series.iter().map(part).collect();
        format!("{}: {}", when(line, no), parts.join(", "))
    });
    drawing.done()
}

/// `1 file`, `20 files`
fn files(number: f64) -> String {
    let plural = if (number - 1.0).abs() < 0.01 { "" } else { "s" };
    format!("{} file{plural}", decimal(number))
}

/// What bound the run, as a band.
pub(super) fn bound(line: &RunSeries<'_>) -> String {
    let parts = line.bottlenecks();
    let parts: Vec<_> = parts
        .iter()
        .map(|(bound, ms)| format!("{bound} for {}", time(*ms)))
        .collect();
    let words = format!("What bound the run: {}.", parts.join(", "));
    let mut drawing = Drawing::new(18.0, &words);
    let mut first = 0;
    while let Some(bound) = line.intervals.get(first).map(Interval::bound) {
        let same = line.intervals[first..]
            .iter()
            .take_while(|p| p.bound() == bound);
        let next = first + same.count();
        if bound != Bottleneck::Nothing {
            let (from, to) = (line.place(first), line.place(next));
            let ms = line.begin_ms(next) - line.begin_ms(first);
            let title = format!("{}: {bound}, for {}", when(line, first), time(ms));
            drawing.bar(bound.class(), [from, to - from], [2.0, 14.0], &title);
        }
        first = next;
    }
    drawing.done()
}

fn stacked(
    drawing: &mut Drawing,
    line: &RunSeries<'_>,
    plot: f64,
    series: &[Series],
    unit: impl Fn(f64) -> String,
) {
    let height = |interval: &Interval| {
        series
            .iter()
            .map(|(_, _, value)| value(interval))
            .sum::<f64>()
    };
    let most = line.intervals.iter().map(height).fold(0.0, f64::max);
    let levels = axis::levels(most);
    let most = levels.last().copied().unwrap_or(1.0);
    let mut feet = vec![0.0; line.intervals.len()];
    let y = |value: f64| TOP + plot * (1.0 - value / most);
    for (_, class, value) in series {
        let tops = line
            .intervals
            .iter()
            .zip(&feet)
            .map(|(p, foot)| foot + value(p));
        let tops: Vec<f64> = tops.collect();
        let steps = feet
            .iter()
            .zip(&tops)
            .map(|(foot, top)| [y(*foot), y(*top)]);
        drawing.steps(class, TOP + plot, &steps.collect::<Vec<_>>());
        feet = tops;
    }
    drawing.across("base", y(0.0));
    for level in levels.into_iter().skip(1) {
        drawing.across("grid", y(level));
        drawing.level(y(level), &unit(level));
    }
}

/// Where one run ends and the next begins.
fn runs(drawing: &mut Drawing, line: &RunSeries<'_>, plot: f64) {
    let (mut named, mut named_anywhere) = (-NEAR, -NEAR);
    for span in line.spans.iter().skip(1) {
        let x = line.place(span.first);
        drawing.down("run", x, [TOP, TOP + plot]);
        if x - named_anywhere < NEAREST || x > 92.0 {
            continue;
        }
        let class = if x - named < NEAR { "near" } else { "" };
        let words = format!(" run {}", span.timeline.times.number);
        drawing.note(class, x + 0.5, TOP + 10.0, &words);
        named_anywhere = x;
        if class.is_empty() {
            named = x;
        }
    }
}

fn times(drawing: &mut Drawing, line: &RunSeries<'_>, plot: f64) {
    let took = line.begin_ms(line.intervals.len());
    drawing.moments([0, took], TOP + plot);
}

fn hover(
    drawing: &mut Drawing,
    line: &RunSeries<'_>,
    plot: f64,
    title: impl Fn(usize, &Interval) -> String,
) {
    for (no, interval) in line.intervals.iter().enumerate() {
        let x = [line.place(no), line.place(1)];
        drawing.bar("hover", x, [TOP, plot], &title(no, interval));
    }
}

/// When a slot was, in words.
fn when(line: &RunSeries<'_>, no: usize) -> String {
    let at = time(line.begin_ms(no));
    match line.run_of(no) {
        Some(run) => format!("after {at}, run {run}"),
        None => format!("after {at}"),
    }
}
