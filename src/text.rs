//! Foreign words made fit to be shown: file names, server texts, codes.
//!
//! What comes out holds no byte that a terminal or a log reader could obey. Knows neither who said
//! the words nor every secret that may stand in them.

use std::fmt::Write as _;

/// The longest text of others' words that is shown, in characters.
const LONGEST: usize = 300;

/// Shows `text` with every control and bidirectional character as its escape (`\x1b`,
/// `\u{202e}`), cut to 300 characters.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(2 * LONGEST));
    // Where the text is cut if it proves too long: one place is left for the mark.
    let mut cut = 0;
    let mut width = 0;
    for character in text.chars() {
        let before = shown.len();
        push_escaped(&mut shown, character);
        width += shown[before..].chars().count();
        if width < LONGEST {
            cut = shown.len();
        } else if width > LONGEST {
            shown.truncate(cut);
            shown.push('…');
            break;
        }
    }
    shown
}

/// Whether a character may be shown as it is: nothing obeys it, and it hides nothing.
#[must_use]
pub fn is_harmless(character: char) -> bool {
    !character.is_control() && !is_invisible(character)
}

/// Shows `text` as [`plain`] does, but whole, and keeps its line ends.
#[must_use]
pub fn harmless(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut shown, character| {
            match character {
                '\n' => shown.push('\n'),
                other => push_escaped(&mut shown, other),
            }
            shown
        })
}

/// Cuts the query off every URL in `text`: signatures live there.
#[must_use]
pub fn without_queries(text: &str) -> String {
    let ends_word = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>');
    let words = text.split_inclusive(ends_word);
    words.fold(String::with_capacity(text.len()), |mut shown, word| {
        let query = word
            .find("://")
            .and_then(|url| Some(url + word[url..].find('?')?));
        match query {
            Some(at) => {
                shown.push_str(&word[..at]);
                shown.push('…');
                shown.extend(word.chars().last().filter(|c| ends_word(*c)));
            }
            None => shown.push_str(word),
        }
        shown
    })
}

fn push_escaped(shown: &mut String, character: char) {
    // Writing to a string cannot fail.
    let _ = match u32::from(character) {
        code if character.is_control() && code < 0x100 => write!(shown, "\\x{code:02x}"),
        code if is_invisible(character) => write!(shown, "\\u{{{code:x}}}"),
        _ => shown.write_char(character),
    };
}

/// Characters that change how their neighbours look (bidirectional marks, separators that some
/// programs take for line ends, the byte-order mark) and show nothing themselves.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
