//! `mavi sandbox`, as it is typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::config::args::rate::RateSchedule;
use mavi_sandbox::{LimitStyle, Processing};

const SANDBOX_HELP: &str = "\
Examples:
  mavi sandbox --listen 127.0.0.1:8080
  mavi sandbox --rate 1,send=2 --faults examples/faults/hostile.toml

Exit codes: 0; 2 a script of faults is wrong; 5 local problem.";

#[derive(Debug, Args)]
#[command(after_long_help = SANDBOX_HELP)]
pub(crate) struct SandboxArgs {
    /// Where to listen
    ///
    /// Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Calls a second for each endpoint
    ///
    /// 0 is no limit. `1,send=2,30s:0.5`: two for send, half of one for all after 30 seconds.
    #[arg(long, value_name = "RATES", default_value = "1")]
    pub(crate) rate: RateSchedule,
    /// How early calls are refused
    ///
    /// `http-429`, `retry-after` (the same with that header), `code-429` and `code-0429` (HTTP 200 with that code),
    /// `http-400` (with the limit's text), `slow-down` (HTTP 503 from storage): docs/sandbox.md.
    #[arg(
        long,
        value_name = "STYLE",
        value_enum,
        default_value = "http-429",
        hide_possible_values = true
    )]
    pub(crate) limit_style: LimitStyleName,
    /// A script of faults
    ///
    /// Which calls go wrong, and how: docs/sandbox.md.
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Seed of all random choices
    ///
    /// Of processing times, and of the script of faults in place of its own `seed`.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Time between the bytes and SUCCESS
    ///
    /// Fixed (`2s`) or lognormal (`20s,0.5`: median, sigma).
    #[arg(long, value_name = "TIME", default_value = "2s")]
    pub(crate) processing: Processing,
    /// Keep the bodies in this folder
    ///
    /// Otherwise only their sizes and SHA-256 are kept.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

/// How a call that comes too early is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LimitStyleName {
    /// HTTP 429.
    #[value(name = "http-429")]
    Http429,
    /// HTTP 429 with Retry-After.
    RetryAfter,
    /// HTTP 200 with code 429.
    #[value(name = "code-429")]
    Code429,
    /// HTTP 200 with code "0429".
    #[value(name = "code-0429")]
    Code0429,
    /// HTTP 400 with the limit's text.
    #[value(name = "http-400")]
    Http400,
    /// HTTP 503 with `SlowDown` from storage.
    SlowDown,
}

impl From<LimitStyleName> for LimitStyle {
    fn from(name: LimitStyleName) -> Self {
        match name {
            LimitStyleName::Http429 => Self::Http429,
            LimitStyleName::RetryAfter => Self::RetryAfter,
            LimitStyleName::Code429 => Self::Code429,
            LimitStyleName::Code0429 => Self::Code0429,
            LimitStyleName::Http400 => Self::Http400,
            LimitStyleName::SlowDown => Self::SlowDown,
        }
    }
}
