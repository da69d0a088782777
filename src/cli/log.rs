//! The log, for whoever looks into a run: `-v`, `-vv`, `-vvv`, or what `RUST_LOG` asks for.
//!
//! It goes to stderr, line by line, as fit to be shown as all foreign words. What the libraries
//! below say of their requests is never let through beyond `info`, whatever is asked for: headers
//! and signed URLs stand there.

use std::io;

use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::output::say;
use mavi_upload::text::{plain, without_queries};

/// The libraries that see keys and URLs on their way.
const CAPPED: [&str; 5] = ["hyper", "hyper_util", "reqwest", "rustls", "tower"];

/// Starts the log: as loud as `-v` was typed often, unless `RUST_LOG` says otherwise.
pub(crate) fn start(verbose: u8) {
    let asked = match std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty()) {
        None => of_verbosity(verbose),
        Some(text) => text.parse().unwrap_or_else(|_| {
            say("warning: RUST_LOG is not understood: write it as `debug`, or as `mavi_upload=debug,hyper=warn`");
            of_verbosity(verbose)
        }),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(|| Lines)
        .with_filter(asked.and(cap()));
    // Fails only where a log is there already, and then that one is as good.
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
struct Lines;

impl io::Write for Lines {
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
