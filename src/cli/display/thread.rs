//! The thread that shows a run, tick by tick, until the run is over.

use std::time::{Duration, Instant};

use crate::cli::config::args::display::ProgressMode;
use crate::cli::display::estimate::{Throughput, time_left};
use crate::cli::display::json;
use crate::cli::display::renderer::{BarRenderer, LineRenderer, NoRenderer, Renderer};
use crate::cli::display::state::SharedState;
use crate::cli::display::verbosity::Verbosity;
use crate::cli::display::view::RunView;
use crate::cli::output::{print, say};

/// Between two views.
const TICK: Duration = Duration::from_millis(200);

/// Between two `progress` objects.
const JSON_TICK: Duration = Duration::from_secs(1);

/// What is to be shown at one tick.
struct News {
    messages: Vec<String>,
    objects: Vec<String>,
    view: Option<RunView>,
}

pub(crate) fn show(shared: &SharedState, verbosity: Verbosity) {
    let start = Instant::now();
    let mut renderer: Box<dyn Renderer> = match verbosity.mode {
        ProgressMode::Bars if !verbosity.quiet => Box::new(BarRenderer::new()),
        ProgressMode::Lines if !verbosity.quiet => Box::new(LineRenderer::new(start)),
        _ => Box::new(NoRenderer),
    };
    let (mut throughput, mut next_object) = (Throughput::default(), start);
    loop {
        let last = shared.wait_for_end(TICK);
        let now = Instant::now();
        let is_due = verbosity.mode == ProgressMode::Json && (now >= next_object || last);
        if is_due {
            next_object = now + JSON_TICK;
        }
        let news = take(shared, &mut throughput, now, (is_due, last));
        // The lock is free by now: a terminal that is stopped holds up this thread alone.
        for line in &news.messages {
            say(line);
        }
        for object in &news.objects {
            print(object);
        }
        if last {
            break renderer.end();
        }
        if let Some(view) = news.view {
            renderer.render(&view, now);
        }
    }
}

/// Takes what was not shown yet: a `progress` object where one is due, and at the last tick the
/// object of the end.
fn take(
    shared: &SharedState,
    throughput: &mut Throughput,
    now: Instant,
    (is_due, last): (bool, bool),
) -> News {
    let mut state = shared.lock();
    let rate = throughput.sample(now, state.run.bytes_sent());
    let mut objects = std::mem::take(&mut state.objects);
    if is_due {
        objects.push(json::progress(&state.run, rate));
    }
    if last {
        objects.extend(state.ended.take().map(json::line));
    }
    if let Some((_, bottleneck)) = time_left(&state.run, rate) {
        *state.waits.entry(bottleneck).or_default() += 1;
    }
    News {
        messages: std::mem::take(&mut state.messages),
        objects,
        view: RunView::of(&state.run, rate, now),
    }
}
