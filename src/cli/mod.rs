//! The command line: the only part that knows clap, indicatif and the terminal.
//!
//! Arguments go from `args` (as typed) through `settings` (as meant) to the library, and come back as
//! messages on stderr, data on stdout, and one exit code.
//!
//! Each file imports only from levels below its own, or from its own room.
//!
//! | level | rooms | duty |
//! |---|---|---|
//! | 8 | `commands`, `config::show` | what each command does |
//! | 7 | `config::resolve` | the command line, read with settings from elsewhere |
//! | | `config::settings` | settings as the library's types, checked |
//! | | `display` | what is shown of a run |
//! | 6 | `config::layers` | where settings stand, in order |
//! | 5 | `config::file`, `config::key` | configuration files; the key to the account |
//! | 4 | `config::environment` | the environment, and a `.env` file |
//! | | `config::zone` | the time zone of times of day |
//! | | `ask`, `signals` | questions; requests from outside to end |
//! | 3 | `exit` | errors of commands, and exit codes |
//! | | `log`, `panics` | the log, and defects |
//! | 2 | `output` | stdout and stderr |
//! | | `config::args`, `config::setting` | the command line as typed; which options are settings |
//! | 1 | `color`, `format`, `live` | colour; numbers and names; lines that are redrawn |

mod ask;
mod color;
mod commands;
mod config;
mod display;
mod exit;
mod format;
mod live;
mod log;
mod output;
mod panics;
mod signals;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::cli::commands::{
    describe, doctor, orphans, plan, report, sandbox, status, upload, verify,
};
use crate::cli::config::args::Command;
use crate::cli::config::{resolve, show};
use crate::cli::exit::CommandError;
use mavi_upload::run::fd_limit;

/// Runs the command that was typed.
pub(crate) fn main() -> ExitCode {
    panics::report_in_one_line();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let (cli, matches) = match resolve::command_line(&arguments) {
        Ok(read) => read,
        Err(code) => return code,
    };
    log::start(cli.command.verbosity());
    if let Some(words) = fd_limit::too_few() {
        return exit::report_error(&CommandError::Usage(words));
    }
    let runtime = match runtime_for(&cli.command).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return exit::report_error(&CommandError::Local(format!("no runtime: {error}")));
        }
    };
    let code = runtime.block_on(async {
        let done = match cli.command {
            Command::Upload(args) => upload::run(*args).await,
            Command::Plan(args) => plan::run(*args).await,
            Command::Status(args) => status::run(&args),
            Command::Orphans(args) => orphans::run(*args).await,
            Command::Report(args) => report::run(&args),
            Command::Verify(args) => verify::run(*args).await,
            Command::Doctor(args) => doctor::run(*args).await,
            Command::Sandbox(args) => sandbox::run(args).await,
            Command::Config(args) => show::run(&args, &matches),
            Command::Completions(args) => Ok(describe::completions(&args)),
            Command::Man(args) => describe::man(&args),
        };
        done.unwrap_or_else(|error| exit::report_error(&error))
    });
    // A read that hangs in the system must not hold the exit.
    runtime.shutdown_background();
    code
}

/// One thread for everything that only waits: files are read and hashed, and the ledger written, on
/// threads of their own. Passing work between threads of the runtime costs a wake-up each time (an
/// eighth of the CPU for small files). The sandbox hashes what it is sent, and takes every core.
fn runtime_for(command: &Command) -> tokio::runtime::Builder {
    let serves = match command {
        Command::Upload(args) => args.sandbox,
        Command::Sandbox(_) => true,
        _ => false,
    };
    if serves {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    }
}
