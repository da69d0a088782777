//! Reads the `Content-Disposition` line of a multipart part, as bytes.
//!
//! Written by hand because header types refuse what a file name may hold (an ESC, say) and common readers treat a
//! backslash as an escape. Here the rules are those of the WHATWG form encoding: a quoted value ends at the next
//! `"`, and only `%22`, `%0D` and `%0A` stand for other characters. A file whose real name holds `%22` cannot be
//! distinguished from one with a `"`; that is a property of the encoding. `filename*=` (RFC 5987) is not read.

/// The two parameters that a file part needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Disposition {
    pub(crate) name: Option<String>,
    /// Decoded.
    pub(crate) filename: Option<String>,
}

impl Disposition {
    /// Reads the header's value; `None` when it is no well-formed `form-data` in UTF-8.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?;
        let (kind, mut rest) = text.split_once(';').unwrap_or((text, ""));
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return None;
        }
        let mut found = Self::default();
        while !rest.trim().is_empty() {
            let (key, value, left) = parameter(rest)?;
            found.note(key, value)?;
            rest = left;
        }
        Some(found)
    }

    /// Stores a parameter; `None` when it comes a second time, since readers disagree on which one counts.
    fn note(&mut self, key: &str, value: &str) -> Option<()> {
        let slot = match key.to_ascii_lowercase().as_str() {
            "name" => &mut self.name,
            "filename" => &mut self.filename,
            _ => return Some(()),
        };
        slot.replace(decoded(value)).is_none().then_some(())
    }
}

/// Splits the first `key=value` or `key="value"` off; the third is what follows its semicolon.
fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (key, rest) = text.split_once('=')?;
    let Some(quoted) = rest.strip_prefix('"') else {
        let (value, left) = rest.split_once(';').unwrap_or((rest, ""));
        return Some((key.trim(), value.trim(), left));
    };
    let (value, after) = quoted.split_once('"')?;
    let after = after.trim_start();
    let left = match after.strip_prefix(';') {
        Some(left) => left,
        None if after.is_empty() => "",
        None => return None,
    };
    Some((key.trim(), value, left))
}

fn decoded(value: &str) -> String {
    value
        .replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

#[cfg(test)]
mod tests;
