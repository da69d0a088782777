//! The charts over time: upload speed, files by stage, what limited the run. Pure.

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

/// A layer of a stacked chart: its name, its class, and its value in an interval.
type Layer = (&'static str, &'static str, fn(&Interval) -> f64);

/// Bytes a second over the runs, and below them when the service limited the rate.
pub(super) fn throughput(series: &RunSeries<'_>) -> String {
    let (sum, plot) = (series.sum(), 200.0);
    let lanes = [("sign", 0), ("send", 1), ("status", 2)];
    let lanes = lanes.into_iter().filter(|(_, i)| sum.throttles[*i] > 0);
    let lanes: Vec<_> = lanes.collect();
    let throttles = sum.throttles.iter().sum::<u64>();
    let words = format!(
        "Bytes per second over {}: {} in all, rate-limited {}.",
        time(series.took_ms()),
        figures::size(sum.bytes),
        counted(throttles, "time"),
    );
    let below = LANE * real(lanes.len() as u64);
    let mut drawing = Drawing::new(TOP + plot + TIMES + below, &words);
    let layers: [Layer; 1] = [("bytes", "bytes", Interval::rate)];
    stacked(&mut drawing, series, plot, &layers, rate);
    runs(&mut drawing, series, plot);
    times(&mut drawing, series, plot);
    for (row, (call, index)) in lanes.into_iter().enumerate() {
        let y = TOP + plot + TIMES + LANE * real(row as u64);
        lane(&mut drawing, series, y, call, index);
    }
    hover(&mut drawing, series, plot, |no, interval| {
        format!(
            "{}: {}, {} uploaded, {} confirmed{}",
            when(series, no),
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
    let parts = [(bucket.failed, "failed"), (bucket.retries, "retried")];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    parts.fold(String::new(), |words, (number, what)| {
        words + &format!(", {} {what}", count(*number))
    })
}

/// A row of marks: when calls of this kind were rate-limited.
fn lane(drawing: &mut Drawing, series: &RunSeries<'_>, y: f64, call: &str, index: usize) {
    drawing.across("base", y + LANE - 3.0);
    drawing.level(y + 8.0, call);
    for (no, interval) in series.intervals.iter().enumerate() {
        let throttles = interval.bucket.throttles[index];
        if throttles > 0 {
            let title = format!(
                "{}: {call} rate-limited {}",
                when(series, no),
                counted(throttles, "time")
            );
            let width = series.place(1).max(0.35);
            let at = series.place(no);
            drawing.bar("throttle", [at, width], [y + 4.0, 9.0], &title);
        }
    }
}

/// Files that wait or are uploaded, stacked.
pub(super) fn uploading(series: &RunSeries<'_>) -> String {
    let layers: [Layer; 2] = [
        ("uploading", "sending", |p| p.files(p.bucket.sending_ms)),
        ("waiting", "waiting", |p| p.files(p.bucket.waiting_ms)),
    ];
    stage_chart(
        series,
        130.0,
        "Files that wait or are being uploaded",
        &layers,
    )
}

/// Files that wait for the service's SUCCESS.
pub(super) fn confirming(series: &RunSeries<'_>) -> String {
    let layers: [Layer; 1] = [("processing", "confirming", |p| {
        p.files(p.bucket.confirming_ms)
    })];
    stage_chart(
        series,
        90.0,
        "Files that the service is processing",
        &layers,
    )
}

fn stage_chart(series: &RunSeries<'_>, plot: f64, words: &str, layers: &[Layer]) -> String {
    let words = format!("{words}, over {}.", time(series.took_ms()));
    let mut drawing = Drawing::new(TOP + plot + TIMES, &words);
    stacked(&mut drawing, series, plot, layers, files);
    runs(&mut drawing, series, plot);
    times(&mut drawing, series, plot);
    hover(&mut drawing, series, plot, |no, interval| {
        let part = |(name, _, value): &Layer| format!("{} {name}", decimal(value(interval)));
        let parts: Vec<_> = layers.iter().map(part).collect();
        format!("{}: {}", when(series, no), parts.join(", "))
    });
    drawing.done()
}

/// `1 file`, `20 files`
fn files(number: f64) -> String {
    let plural = if (number - 1.0).abs() < 0.01 { "" } else { "s" };
    format!("{} file{plural}", decimal(number))
}

/// What limited the runs, as a band.
pub(super) fn bottlenecks(series: &RunSeries<'_>) -> String {
    let parts = series.bottlenecks();
    let parts: Vec<_> = parts
        .iter()
        .map(|(bottleneck, ms)| format!("{bottleneck} for {}", time(*ms)))
        .collect();
    let words = format!("What limited the run: {}.", parts.join(", "));
    let mut drawing = Drawing::new(18.0, &words);
    let mut first = 0;
    while let Some(bottleneck) = series.intervals.get(first).map(Interval::bottleneck) {
        let same = series.intervals[first..]
            .iter()
            .take_while(|p| p.bottleneck() == bottleneck);
        let next = first + same.count();
        if bottleneck != Bottleneck::Nothing {
            let (from, to) = (series.place(first), series.place(next));
            let ms = series.begin_ms(next) - series.begin_ms(first);
            let title = format!("{}: {bottleneck}, for {}", when(series, first), time(ms));
            drawing.bar(bottleneck.class(), [from, to - from], [2.0, 14.0], &title);
        }
        first = next;
    }
    drawing.done()
}

fn stacked(
    drawing: &mut Drawing,
    series: &RunSeries<'_>,
    plot: f64,
    layers: &[Layer],
    unit: impl Fn(f64) -> String,
) {
    let intervals = &series.intervals;
    let height = |interval: &Interval| layers.iter().map(|(.., value)| value(interval)).sum();
    let most = intervals.iter().map(height).fold(0.0, f64::max);
    let levels = axis::levels(most);
    let most = levels.last().copied().unwrap_or(1.0);
    let y = |value: f64| TOP + plot * (1.0 - value / most);
    let mut feet = vec![0.0; intervals.len()];
    for (_, class, value) in layers {
        let pairs = intervals.iter().zip(&feet);
        let tops: Vec<f64> = pairs.map(|(p, foot)| foot + value(p)).collect();
        let steps = feet.iter().zip(&tops);
        let steps: Vec<_> = steps.map(|(foot, top)| [y(*foot), y(*top)]).collect();
        drawing.steps(class, TOP + plot, &steps);
        feet = tops;
    }
    drawing.across("base", y(0.0));
    for level in levels.into_iter().skip(1) {
        drawing.across("grid", y(level));
        drawing.level(y(level), &unit(level));
    }
}

/// Where one run ends and the next begins.
fn runs(drawing: &mut Drawing, series: &RunSeries<'_>, plot: f64) {
    let (mut named, mut named_anywhere) = (-NEAR, -NEAR);
    for span in series.spans.iter().skip(1) {
        let x = series.place(span.first);
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

fn times(drawing: &mut Drawing, series: &RunSeries<'_>, plot: f64) {
    let took = series.begin_ms(series.intervals.len());
    drawing.moments([0, took], TOP + plot);
}

fn hover(
    drawing: &mut Drawing,
    series: &RunSeries<'_>,
    plot: f64,
    title: impl Fn(usize, &Interval) -> String,
) {
    for (no, interval) in series.intervals.iter().enumerate() {
        let x = [series.place(no), series.place(1)];
        drawing.bar("hover", x, [TOP, plot], &title(no, interval));
    }
}

/// When an interval was, in words.
fn when(series: &RunSeries<'_>, no: usize) -> String {
    let at = time(series.begin_ms(no));
    match series.run_of(no) {
        Some(run) => format!("after {at}, run {run}"),
        None => format!("after {at}"),
    }
}
