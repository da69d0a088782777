//! Progress for people: a live line on a terminal, a plain line now and then elsewhere.
//!
//! A thread of its own draws. The run only counts and never waits for a terminal.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytesize::ByteSize;
use indicatif::{ProgressBar, ProgressStyle};

use super::args::{DisplayArgs, Progress};
use super::say;
use crate::event::Event;
use crate::text::plain;

/// Failed rows that are named one by one.
const NAMED_FAILURES: u64 = 100;

/// Between two pictures of the live line.
const TICK: Duration = Duration::from_millis(200);

/// What is known of the run, counted from its events.
#[derive(Debug, Default, Clone)]
struct Counted {
    rows: u64,
    listed: bool,
    signing: u64,
    sending: u64,
    confirming: u64,
    done: u64,
    failed: u64,
    bytes: u64,
    bytes_sent: u64,
    lines: Vec<String>,
}

/// The display of one run; dropping it clears the live line.
#[derive(Debug)]
pub(super) struct Display {
    counted: Arc<Mutex<Counted>>,
    over: Arc<AtomicBool>,
    quiet: bool,
    verbose: bool,
    drawing: Option<JoinHandle<()>>,
}

impl Display {
    pub(super) fn start(args: &DisplayArgs) -> Self {
        let counted = Arc::new(Mutex::new(Counted::default()));
        let over = Arc::new(AtomicBool::new(false));
        let live = match args.progress {
            Progress::Auto => std::io::stderr().is_terminal(),
            Progress::Bars => true,
            Progress::Lines | Progress::None => false,
        };
        let silent = args.quiet || args.progress == Progress::None;
        let view = (Arc::clone(&counted), Arc::clone(&over));
        let drawing = std::thread::Builder::new()
            .name("display".to_owned())
            .spawn(move || draw(&view.0, &view.1, live && !silent, silent))
            .ok();
        Self {
            counted,
            over,
            quiet: args.quiet,
            verbose: args.verbose > 0,
            drawing,
        }
    }

    /// The listener of the run.
    pub(super) fn listener(&self) -> impl FnMut(&Event) + Send + 'static {
        let (counted, quiet, verbose) = (Arc::clone(&self.counted), self.quiet, self.verbose);
        move |event| lock(&counted).count(event, quiet, verbose)
    }

    /// Draws what is left and stops.
    pub(super) fn end(mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(drawing) = self.drawing.take() {
            // A terminal that was stopped must not hold the exit for ever, but may well hold it a
            // moment: the thread ends by itself.
            let _ = drawing.join();
        }
        let failed = lock(&self.counted).failed;
        if failed > NAMED_FAILURES && !self.quiet {
            say(&format!(
                "and {} more failed rows: see the report",
                failed - NAMED_FAILURES
            ));
        }
    }
}

fn lock(counted: &Mutex<Counted>) -> MutexGuard<'_, Counted> {
    counted.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Counted {
    fn count(&mut self, event: &Event, quiet: bool, verbose: bool) {
        match event {
            Event::Listed(listed) => {
                self.rows += listed.rows;
                self.bytes += listed.bytes;
                self.done += listed.skipped;
            }
            Event::ListingEnded => self.listed = true,
            Event::Signing { .. } => self.signing += 1,
            Event::Sending { .. } => {
                self.signing = self.signing.saturating_sub(1);
                self.sending += 1;
            }
            Event::Sent { size, .. } => {
                self.sending = self.sending.saturating_sub(1);
                self.confirming += 1;
                self.bytes_sent += size;
            }
            Event::Shared { confirmed, .. } => {
                self.confirming += u64::from(!confirmed);
                self.done += u64::from(*confirmed);
            }
            Event::Confirmed { .. } => {
                self.confirming = self.confirming.saturating_sub(1);
                self.done += 1;
            }
            Event::Pending { .. } => self.confirming = self.confirming.saturating_sub(1),
            Event::Failed { path, refusal } => {
                self.failed += 1;
                if !quiet && self.failed <= NAMED_FAILURES {
                    let path = plain(&path.to_string_lossy());
                    self.lines.push(format!("failed: {path}: {refusal}"));
                }
            }
            Event::Skipped {
                path,
                asset_id,
                confirmed_at,
            } if verbose => {
                let path = plain(&path.to_string_lossy());
                self.lines.push(format!(
                    "skipped: {path}: {asset_id}, confirmed {confirmed_at}"
                ));
            }
            Event::Warning(text) if !quiet => self.lines.push(format!("warning: {}", plain(text))),
            _ => {}
        }
    }

    fn line(&self) -> String {
        let least = if self.listed { "" } else { "at least " };
        format!(
            "signing {} · sending {} · confirming {} · done {} · failed {} of {least}{} files · {} of {}",
            self.signing,
            self.sending,
            self.confirming,
            self.done,
            self.failed,
            self.rows,
            ByteSize(self.bytes_sent),
            ByteSize(self.bytes),
        )
    }
}

/// Draws until the run is over: the lines that scroll by, and the state of things.
fn draw(counted: &Mutex<Counted>, over: &AtomicBool, live: bool, silent: bool) {
    let bar = if live {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} · {elapsed}") {
        bar.set_style(style);
    }
    let start = Instant::now();
    let mut next_line = Duration::from_secs(10);
    loop {
        let last = over.load(Ordering::Relaxed);
        let (lines, state) = {
            let mut counted = lock(counted);
            (std::mem::take(&mut counted.lines), counted.line())
        };
        for line in lines {
            bar.suspend(|| say(&line));
        }
        bar.set_message(state.clone());
        bar.tick();
        if last {
            break;
        }
        if !live && !silent && start.elapsed() >= next_line {
            say(&state);
            // Every 10 s for a minute, then every minute.
            let step = if next_line < Duration::from_secs(60) {
                10
            } else {
                60
            };
            next_line += Duration::from_secs(step);
        }
        std::thread::sleep(TICK);
    }
    bar.finish_and_clear();
}
