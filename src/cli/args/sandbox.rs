//! `mavi sandbox`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::sandbox::RateSchedule;
use crate::sandbox::{LimitStyle, Processing};

#[derive(Debug, Args)]
pub(in crate::cli) struct SandboxArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(in crate::cli) listen: SocketAddr,
    /// Requests per second for each endpoint, 0 for no limit; `1,send=2,30s:0.5`: two for send, half of one for
    /// all after 30 seconds.
    #[arg(long, value_name = "RATES", default_value = "1")]
    pub(in crate::cli) rate: RateSchedule,
    /// How a call that comes too early is refused.
    #[arg(long, value_enum, default_value = "http-429")]
    pub(in crate::cli) limit_style: LimitStyleName,
    /// A script of faults: which calls go wrong, and how (docs/sandbox.md).
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) faults: Option<PathBuf>,
    /// Decides the draws of processing times, and those of the script of faults in place of its own `seed`.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) seed: Option<u64>,
    /// Time between the bytes and SUCCESS: fixed (`2s`) or lognormal (`20s,0.5`: median, sigma).
    #[arg(long, value_name = "TIME", default_value = "2s")]
    pub(in crate::cli) processing: Processing,
    /// Keep the bodies in this folder; else only their size and SHA-256.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) keep: Option<PathBuf>,
}

/// How a call that comes too early is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LimitStyleName {
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
