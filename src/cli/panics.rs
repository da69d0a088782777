//! What is shown of a panic: that mavi has a defect, and where.
//!
//! Neither the panic's own text, which may quote anything, nor a backtrace is shown.

use std::panic::Location;

use crate::cli::output::say;

/// From now on a panic is reported in one line. What it ends is decided where its task is awaited.
pub(crate) fn report_in_one_line() {
    std::panic::set_hook(Box::new(|panic| say(&words(panic.location()))));
}

fn words(location: Option<&Location<'_>>) -> String {
    let at = location.map_or_else(
        || "an unknown place".to_owned(),
        |at| format!("{}:{}", end_of_path(at.file()), at.line()),
    );
    format!(
        "mavi {} has a defect at {at}: please report this line; what is on disk is safe",
        env!("CARGO_PKG_VERSION")
    )
}

/// A path of this package whole, and the last three parts of any other: the rest is of the machine
/// that built it.
fn end_of_path(path: &str) -> &str {
    if path.starts_with("src/") || path.starts_with(r"src\") {
        return path;
    }
    let third = path.rmatch_indices(['/', '\\']).nth(2);
    third.map_or(path, |(at, _)| &path[at + 1..])
}

#[cfg(test)]
mod tests;
