//! The thread that draws: takes what there is to show, beat by beat, until the run is over.

use std::time::{Duration, Instant};

use crate::cli::config::args::display::Progress;
use crate::cli::display::estimate::{self, Pace};
use crate::cli::display::json;
use crate::cli::display::renderer::{Bars, Lines, Painter, Words};
use crate::cli::display::state::Shared;
use crate::cli::display::verbosity::Taste;
use crate::cli::display::view::Picture;
use crate::cli::output::{give, say};

/// Between two pictures.
const TICK: Duration = Duration::from_millis(200);

/// Between two `progress` objects.
const JSON_TICK: Duration = Duration::from_secs(1);

/// What there is to show at one beat.
struct News {
    words: Vec<String>,
    objects: Vec<String>,
    picture: Option<Picture>,
}

pub(crate) fn draw(shared: &Shared, taste: Taste) {
    let start = Instant::now();
    let mut painter: Box<dyn Painter> = match taste.shown {
        Progress::Bars if !taste.quiet => Box::new(Bars::new()),
        Progress::Lines if !taste.quiet => Box::new(Lines::new(start)),
        _ => Box::new(Words),
    };
    let (mut pace, mut next_object) = (Pace::default(), start);
    loop {
        let last = shared.beat(TICK);
        let now = Instant::now();
        let is_due = taste.shown == Progress::Json && (now >= next_object || last);
        if is_due {
            next_object = now + JSON_TICK;
        }
        let news = take(shared, &mut pace, now, (is_due, last));
        // The lock is free by now: a terminal that is stopped holds up nobody but this thread.
        for line in &news.words {
            say(line);
        }
        for object in &news.objects {
            give(object);
        }
        if last {
            break painter.end();
        }
        if let Some(picture) = news.picture {
            painter.paint(&picture, now);
        }
    }
}

/// Takes what was not shown yet, with how the run stands: a `progress` object where one is due, and
/// at the last beat the object of the end.
fn take(shared: &Shared, pace: &mut Pace, now: Instant, (is_due, last): (bool, bool)) -> News {
    let mut state = shared.lock();
    let rate = pace.sample(now, state.board.bytes_sent());
    let mut objects = std::mem::take(&mut state.objects);
    if is_due {
        objects.push(json::progress(&state.board, rate));
    }
    if last {
        objects.extend(state.ended.take().map(json::line));
    }
    if let Some((_, binds)) = estimate::left(&state.board, rate) {
        *state.waits.entry(binds).or_default() += 1;
    }
    News {
        words: std::mem::take(&mut state.words),
        objects,
        picture: Picture::of(&state.board, rate, now),
    }
}
