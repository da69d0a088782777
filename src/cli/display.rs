//! What a person, or a program, sees of a run while it goes on.
//!
//! The listener counts and never waits; a thread of its own draws, so that a terminal that is
//! stopped, or a slow line, stops no upload.

mod board;
pub(super) mod closing;
mod estimate;
mod json;
mod painter;
pub(super) mod words;

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use board::Board;
use closing::Failures;
use estimate::{Binds, Pace};
use painter::{Bars, Lines, Painter, Picture, SHOWN, UploadPicture, Words};
use words::{counted, duration, size_of};

use super::args::{DisplayArgs, Progress};
use super::{give, say};
use crate::event::Event;
use crate::pipeline::{Choice, Why};
use crate::text::plain;
use crate::upload::Summary;

/// Failed rows that are named one by one.
const NAMED_FAILURES: u64 = 100;

/// Between two pictures.
const TICK: Duration = Duration::from_millis(200);

/// Between two `progress` objects.
const JSON_TICK: Duration = Duration::from_secs(1);

/// How long the last picture may take: a terminal that is stopped does not hold the exit.
const LAST: Duration = Duration::from_secs(1);

/// What the listener and the drawing thread share.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    over: Condvar,
}

#[derive(Debug)]
struct State {
    board: Board,
    failures: Failures,
    /// Words for people, and objects for programs, that were not written yet.
    words: Vec<String>,
    /// How many beats each thing was waited for.
    bound: HashMap<Binds, u32>,
    objects: Vec<String>,
    /// What became of `-j auto`, in words.
    slots: Option<String>,
    over: bool,
}

/// What is to be told.
#[derive(Debug, Clone, Copy)]
struct Taste {
    quiet: bool,
    verbose: bool,
    /// Never `Auto`.
    shown: Progress,
}

/// The display of one run.
#[derive(Debug)]
pub(super) struct Display {
    shared: Arc<Shared>,
    taste: Taste,
    start: Instant,
    drawing: Option<JoinHandle<()>>,
}

impl Taste {
    fn of(args: DisplayArgs) -> Self {
        let terminal = std::io::stderr().is_terminal() && !is_dumb();
        let shown = match args.progress {
            Progress::Auto | Progress::Bars if terminal => Progress::Bars,
            Progress::Auto | Progress::Bars => Progress::Lines,
            chosen => chosen,
        };
        Self {
            quiet: args.quiet,
            verbose: args.verbose > 0,
            shown,
        }
    }
}

/// A terminal that cannot move its cursor.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

impl Display {
    /// Begins to draw, once there is something to show.
    pub(super) fn start(args: DisplayArgs) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                board: Board::default(),
                failures: Failures::default(),
                words: Vec::new(),
                bound: HashMap::new(),
                objects: Vec::new(),
                slots: None,
                over: false,
            }),
            over: Condvar::new(),
        });
        let (taste, view) = (Taste::of(args), Arc::clone(&shared));
        let drawing = std::thread::Builder::new()
            .name("display".to_owned())
            .spawn(move || draw(&view, taste))
            .ok();
        Self {
            shared,
            taste,
            start: Instant::now(),
            drawing,
        }
    }

    /// The listener of the run.
    pub(super) fn listener(&self) -> impl FnMut(&Event) + Send + 'static {
        let (shared, taste) = (Arc::clone(&self.shared), self.taste);
        move |event| shared.lock().hear(event, taste)
    }

    /// Says a line among what is drawn.
    pub(super) fn voice(&self) -> impl FnOnce(String) + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move |line| shared.lock().words.push(line)
    }

    /// Draws what is left and stops; says how the run ended. `ended` is its summary, its exit code
    /// and its report, where it came to an end.
    pub(super) fn end(mut self, ended: Option<(&Summary, u8, &Path)>) {
        {
            let mut state = self.shared.lock();
            state.over = true;
            if let Some((summary, code, _)) = ended.filter(|_| self.taste.shown == Progress::Json) {
                state.objects.push(json::ended(summary, code));
            }
        }
        self.shared.over.notify_all();
        let deadline = Instant::now() + LAST;
        while self
            .drawing
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
            && Instant::now() < deadline
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(self.drawing.take());
        if self.taste.quiet {
            return;
        }
        let state = self.shared.lock();
        state.tell_failures();
        if let Some(slots) = &state.slots {
            say(slots);
        }
        if let Some((summary, _, report)) = ended {
            let bound = state.bound.iter().max_by_key(|(_, beats)| **beats);
            let bound = bound.map(|(binds, _)| *binds);
            for line in closing::summary(summary, report, self.start.elapsed(), bound) {
                say(&line);
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next beat, or for the end. Gives whether it is the end.
    fn beat(&self, pause: Duration) -> bool {
        let waited = self
            .over
            .wait_timeout_while(self.lock(), pause, |state| !state.over);
        waited.map_or_else(|error| error.into_inner().0.over, |(state, _)| state.over)
    }
}

impl State {
    fn hear(&mut self, event: &Event, taste: Taste) {
        self.board.hear(event, Instant::now());
        self.failures.hear(event);
        if let Event::Slots(choice) = event
            && choice.why != Why::Trial
        {
            self.slots = Some(slots(choice));
        }
        if taste.shown == Progress::Json {
            self.objects.extend(json::event(event));
        }
        let words = self.words_for(event, taste.verbose);
        self.words.extend(words.filter(|_| !taste.quiet));
    }

    /// What is said of an event, if anything.
    fn words_for(&self, event: &Event, verbose: bool) -> Option<String> {
        let shown = |path: &Path| plain(&path.to_string_lossy());
        Some(match event {
            Event::Failed { path, refusal } if self.board.failed <= NAMED_FAILURES => {
                format!("failed: {}: {refusal}", shown(path))
            }
            // The last place left for it.
            Event::Unwritten { path, asset_id } => {
                format!(
                    "allotted and not written down: {asset_id} for {}",
                    shown(path)
                )
            }
            Event::Skipped {
                path,
                asset_id,
                confirmed_at,
            } if verbose => {
                format!(
                    "skipped: {}: {asset_id}, confirmed {confirmed_at}",
                    shown(path)
                )
            }
            Event::Deferred { path, refusal } if verbose => {
                format!("again later: {}: {refusal}", shown(path))
            }
            Event::Abandoned {
                path,
                asset_id,
                reason,
            } if verbose => format!("given up: {}: {asset_id}: {reason}", shown(path)),
            Event::Throttled { pause, rate, .. } if verbose => {
                let (pause, rate) = (duration(*pause), (rate * 100.0).round() / 100.0);
                format!("told to slow down: waiting {pause}, then {rate} calls a second")
            }
            Event::Away { host } => {
                format!("{} does not answer: asking once a minute", plain(host))
            }
            Event::Back { host } => format!("{} answers again: going on", plain(host)),
            Event::Slots(choice) if verbose => slots(choice),
            Event::Warning(text) => format!("warning: {}", plain(text)),
            _ => return None,
        })
    }

    /// How the run looks; `None` while there is nothing to see.
    fn picture(&self, bytes_a_second: f64, now: Instant) -> Option<Picture> {
        let board = &self.board;
        if board.rows == 0 {
            return None;
        }
        let mut uploads: Vec<_> = board.uploads().collect();
        uploads.sort_by_key(|(path, upload)| (std::cmp::Reverse(upload.size), *path));
        let upload = |(path, upload): (&std::path::PathBuf, &board::Upload)| {
            let sent = upload.transit.file_bytes_taken();
            let seconds = now.duration_since(upload.since).as_secs_f64().max(0.001);
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            let rate = size_of(sent as f64 / seconds);
            let name = path.file_name().unwrap_or(path.as_os_str());
            UploadPicture {
                name: plain(&name.to_string_lossy()),
                percent: sent * 100 / upload.size.max(1),
                rate: format!("{rate}/s"),
            }
        };
        Some(Picture {
            bytes_sent: board.bytes_sent(),
            bytes: board.bytes,
            stages: words::stages(board),
            progress: words::progress(board, bytes_a_second),
            uploads: uploads.into_iter().take(SHOWN).map(upload).collect(),
        })
    }

    fn tell_failures(&self) {
        let more = self.board.failed.saturating_sub(NAMED_FAILURES);
        if more > 0 {
            let more = counted(more, "more failed row");
            say(&format!("and {more}: see the report"));
        }
        let lines = self.failures.lines();
        if !lines.is_empty() {
            say("failed rows by cause:");
            for line in &lines {
                say(line);
            }
        }
    }
}

/// What became of the number of uploads, and what it moves.
fn slots(choice: &Choice) -> String {
    format!("{choice} ({}/s)", size_of(choice.bytes_per_second))
}

/// Draws until the run is over.
fn draw(shared: &Shared, taste: Taste) {
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
        let (words, objects, picture) = {
            let mut state = shared.lock();
            let rate = pace.sample(now, state.board.bytes_sent());
            let mut objects = std::mem::take(&mut state.objects);
            if taste.shown == Progress::Json && (now >= next_object || last) {
                let at = objects.len() - usize::from(last && !objects.is_empty());
                objects.insert(at, json::progress(&state.board, rate));
                next_object = now + JSON_TICK;
            }
            if let Some((_, binds)) = estimate::left(&state.board, rate) {
                *state.bound.entry(binds).or_default() += 1;
            }
            (
                std::mem::take(&mut state.words),
                objects,
                state.picture(rate, now),
            )
        };
        for line in &words {
            say(line);
        }
        for object in &objects {
            give(object);
        }
        if last {
            break painter.end();
        }
        if let Some(picture) = picture {
            painter.paint(&picture, now);
        }
    }
}
