//! The log of a run: `-v`, `-vv`, `-vvv`, or what `RUST_LOG` asks for.
//!
//! It goes to stderr, line by line, escaped as all foreign text is. What the libraries below log of
//! their requests is capped at `info`, whatever is asked for: it holds headers and signed URLs.

use std::io;

use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::output::say;
use mavi_upload::text::{plain, without_queries};

/// The libraries that see keys and URLs on their way.
const CAPPED: [&str; 5] = ["hyper", "hyper_util", "reqwest", "rustls", "tower"];

/// Starts the log at the level of `-v`, unless `RUST_LOG` is set.
pub(crate) fn start(verbose: u8) {
    let asked = match std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty()) {
        None => of_verbosity(verbose),
        Some(text) => text.parse().unwrap_or_else(|_| {
            say("warning: RUST_LOG is not understood: write `debug` or `mavi_upload=debug,hyper=warn`");
            of_verbosity(verbose)
        }),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(|| LogLine)
        .with_filter(asked.and(cap()));
    // Fails only where there is a log already, and that one is as good.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

fn of_verbosity(verbose: u8) -> Targets {
    let level = match verbose {
        0 => LevelFilter::OFF,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    Targets::new().with_target("mavi_upload", level)
}

fn cap() -> Targets {
    let capped = CAPPED.map(|target| (target, LevelFilter::INFO));
    Targets::new()
        .with_default(LevelFilter::TRACE)
        .with_targets(capped)
}

/// Writes what comes in one piece as one line.
struct LogLine;

impl io::Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        say(&plain(&without_queries(text.trim_end())));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
