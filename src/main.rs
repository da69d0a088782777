//! `mavi`, the command line of `mavi_upload`.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
