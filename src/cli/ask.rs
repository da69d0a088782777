//! Asking a person for a yes.

use std::io::IsTerminal as _;

use crate::cli::exit::CommandError;
use crate::cli::output::say;
use mavi_upload::shutdown::Shutdown;

/// Fails where there is no terminal to ask on; `option` is what needs a yes.
pub(crate) fn must_be_possible(option: &str) -> Result<(), CommandError> {
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        return Ok(());
    }
    Err(CommandError::Usage(format!(
        "{option} asks first, and there is no terminal to ask on: add --yes"
    )))
}

/// Asks on the terminal. Anything but a yes is a no, and so is a signal.
pub(crate) async fn agreed(question: &str, shutdown: &Shutdown) -> bool {
    say(&format!("{question} [y/N]"));
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    let line = tokio::select! {
        () = shutdown.draining().cancelled() => return false,
        answer = answer => answer,
    };
    let line = line.ok().and_then(Result::ok).unwrap_or_default();
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
}
