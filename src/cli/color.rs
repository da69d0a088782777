//! Colour: what `--color`, `NO_COLOR` and `CLICOLOR_FORCE` want.
//!
//! What writes to a terminal asks anstream, and anstream asks what was chosen.

use std::borrow::Cow;
use std::ffi::OsString;

use anstream::ColorChoice;
use clap::ValueEnum;
use clap::builder::styling::AnsiColor;

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// The line with its `error:` or `warning:` coloured; a stream without colour leaves it out.
pub(crate) fn with_prefix(line: &str) -> Cow<'_, str> {
    let prefixes = [("error:", AnsiColor::Red), ("warning:", AnsiColor::Yellow)];
    let found = prefixes.into_iter().find_map(|(prefix, color)| {
        let style = color.on_default().bold();
        Some(format!(
            "{style}{prefix}{style:#}{}",
            line.strip_prefix(prefix)?
        ))
    });
    found.map_or(Cow::Borrowed(line), Cow::Owned)
}

/// Sets the choice for the process.
pub(crate) fn choose(when: Color) {
    let choice = match when {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// As [`choose`], from arguments that are not parsed yet: help and errors are coloured, too.
pub(crate) fn choose_from(arguments: &[OsString]) {
    let words = arguments.iter().map(|word| word.to_string_lossy());
    let words: Vec<_> = words.take_while(|word| word != "--").collect();
    let after = words
        .windows(2)
        .filter(|pair| pair[0] == "--color")
        .map(|pair| &*pair[1]);
    let attached = words
        .iter()
        .filter_map(|word| word.strip_prefix("--color="));
    let last = attached.chain(after).last().map(str::to_owned);
    let last = last.or_else(|| std::env::var("MAVI_COLOR").ok());
    let when = last.and_then(|when| Color::from_str(&when, false).ok());
    choose(when.unwrap_or(Color::Auto));
}
