//! How many polls a file takes: whole runs of the real pipeline against a model of the service, on a
//! paused clock, compared with a clairvoyant who knows when each file is done and obeys the same
//! limits.
//!
//! `cargo bench --bench polls`, with `-- 100000` also that many files in one run. Every commit is
//! synced: `TMPDIR` on a memory file system makes it quick.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop")]
#![expect(clippy::print_stdout, reason = "it is for people")]

#[path = "../tests/it/model.rs"]
mod model;

use std::time::{Duration, Instant};

use mavi_sandbox::Processing;

/// Draws for each row of the table.
const SEEDS: u64 = 5;

fn main() {
    println!("processing lognormal, median 20 s; one sign, send and poll a second");
    println!(
        "files   sigma  a file each  seed  polls/file  time/clairvoyant  lag s  violations  took"
    );
    for (files, sigma, period) in [(600, 0.5, 1), (600, 1.0, 1), (600, 0.5, 10), (600, 1.0, 10)] {
        (1..=SEEDS).for_each(|seed| row(files, sigma, period, seed));
    }
    let asked = std::env::args().filter_map(|word| word.parse().ok());
    asked.for_each(|files| row(files, 0.5, 1, 1));
}

fn row(files: u32, sigma: f64, period: u32, seed: u64) {
    let processing = Processing {
        median: Duration::from_secs(20),
        sigma,
    };
    let start = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let figures = runtime.block_on(model::rehearse(files, processing, seed, period));
    println!(
        "{files:<7} {sigma:<6} {period:>8} s  {seed:>6}  {:>10.3}  {:>16.4}  {:>5.1}  {:>10}  {:.1?}",
        figures.polls,
        figures.stretch,
        figures.lag,
        figures.violations,
        start.elapsed(),
    );
}
