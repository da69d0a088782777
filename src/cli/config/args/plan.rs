//! `mavi plan`: the options of `mavi upload` that matter before a run, and those of the estimate.

use clap::Args;

use crate::cli::config::args::service::ViaArgs;
use crate::cli::config::args::upload::{InputArgs, PathArgs, SpeedArgs};

const PLAN_HELP: &str = "\
Nothing is sent, asked for or written, and no key is needed. The ledger is read, also while an
upload writes to it. Times are the least that the limits allow: retries, other users of the
account and the processing at the service come on top. docs/plan.md describes --json.

Exit codes:
  0    every row would be worked on, or is done
  1    some rows would fail
  2    usage, configuration or manifest error
  5    local problem (disk, ledger)

Examples:
  mavi plan videos                               what would happen
  mavi plan -m library.csv --line 50M --dedupe   how long at 50 Mbit/s, without duplicates";

#[derive(Debug, Args)]
#[command(after_long_help = PLAN_HELP, args_override_self = true)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) paths: PathArgs,
    #[command(flatten)]
    pub(crate) speed: SpeedArgs,
    #[command(flatten)]
    pub(crate) via: ViaArgs,
    #[command(flatten)]
    pub(crate) estimate: EstimateArgs,
}

#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Estimate")]
pub(crate) struct EstimateArgs {
    /// Your upload speed, such as 200M
    ///
    /// In bits a second, as providers say it: `200M` is 200 Mbit/s; k, M or G.
    #[arg(long, value_name = "RATE", value_parser = line)]
    pub(crate) line: Option<f64>,
    /// Do not look into the files
    ///
    /// Otherwise each is checked for damage the service would reject.
    #[arg(long)]
    pub(crate) no_preflight: bool,
    /// One JSON object instead of words
    #[arg(long)]
    pub(crate) json: bool,
}

/// Bits a second, with the prefix of a provider.
fn line(text: &str) -> Result<f64, String> {
    let (number, factor) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1e3),
        Some((at, 'm' | 'M')) => (&text[..at], 1e6),
        Some((at, 'g' | 'G')) => (&text[..at], 1e9),
        _ => (text, 1.0),
    };
    match number.parse::<f64>() {
        Ok(number) if number.is_finite() && number * factor >= 1000.0 => Ok(number * factor),
        _ => Err("expected bits a second, such as 200M for 200 Mbit/s; k, M or G".to_owned()),
    }
}

#[cfg(test)]
mod tests;
