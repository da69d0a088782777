//! Whole runs of the real pipeline against a sandbox where a fifth of all calls goes wrong, on a
//! paused clock: one line of figures a seed. `cargo bench --bench hostile`, with
//! `-- 500 7 8` for 500 files and those seeds.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop")]
#![expect(clippy::print_stdout, reason = "it is for people")]

#[path = "../tests/it/hostile.rs"]
mod hostile;

use std::process::ExitCode;
use std::time::Instant;

const FILES: u32 = 2_000;
const SEEDS: [u64; 3] = [1, 2, 3];

fn main() -> ExitCode {
    let mut asked = std::env::args().filter_map(|word| word.parse().ok());
    let files = asked
        .next()
        .map_or(FILES, |files| u32::try_from(files).unwrap());
    let seeds: Vec<u64> = asked.collect();
    let seeds = if seeds.is_empty() { &SEEDS } else { &seeds[..] };
    println!("seed  confirmed  wrong  twice  calls  faults  retries  on its clock  took");
    // No short cut: every seed is shown.
    let right = seeds.iter().filter(|seed| row(files, **seed)).count();
    ExitCode::from(u8::from(right < seeds.len()))
}

/// Prints one line; gives whether all is right.
fn row(files: u32, seed: u64) -> bool {
    let start = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let figures = runtime.block_on(hostile::rehearse(files, seed));
    println!(
        "{seed:>4}  {:>9}  {:>5}  {:>5}  {:>5}  {:>6}  {:>5.1} %  {:>10} s  {:.0?}",
        figures.confirmed,
        figures.wrong,
        figures.twice,
        figures.calls,
        figures.faults,
        figures.retries,
        figures.time.as_secs(),
        start.elapsed(),
    );
    figures.are_right(files.into())
}
