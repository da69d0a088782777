//! Colour: what `--color`, `NO_COLOR` and `CLICOLOR_FORCE` want.
//!
//! Whoever writes to a terminal here asks anstream, and that asks what was chosen.

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

/// The line with `error:` or `warning:` coloured, where it starts so; a stream that shows no colour leaves it out.
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

/// Colours from now on as this says.
pub(crate) fn choose(when: Color) {
    let choice = match when {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// Colours as the arguments say, before they are understood: help and errors are coloured, too.
pub(crate) fn typed(arguments: &[OsString]) {
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
