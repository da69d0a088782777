//! Numbers, times, names and causes as people are shown them. Pure.

use std::path::Path;
use std::time::Duration;

use bytesize::ByteSize;

use mavi_upload::model::advice;
use mavi_upload::text::plain;

/// A file's name, made fit for a terminal.
pub(crate) fn shown(path: &Path) -> String {
    plain(&path.to_string_lossy())
}

/// A cause, how many rows have it, and one of them.
pub(crate) fn cause(rows: u64, code: &str, text: &str, example: &Path) -> String {
    let (text, path) = (plain(text), plain(&example.to_string_lossy()));
    let advice = advice(code).map_or_else(String::new, |advice| format!("; {advice}"));
    format!("  {rows} x {code}: {text} (such as {path}){advice}")
}

/// `1 row`, `2 rows`
pub(crate) fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// Bytes in decimal units, as the service bills them.
pub(crate) fn size(bytes: u64) -> String {
    ByteSize(bytes).display().si().to_string()
}

pub(crate) fn size_of(bytes: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate for people"
    )]
    let bytes = bytes as u64;
    size(bytes)
}

/// Hundredths of a cent below a dollar, cents above.
pub(crate) fn dollars(amount: f64) -> String {
    match amount {
        0.0 => "$0".to_owned(),
        _ if amount < 0.0001 => "less than $0.0001".to_owned(),
        _ if amount < 1.0 => format!("${amount:.4}"),
        _ => format!("${amount:.2}"),
    }
}

/// Two units at the most: seconds do not matter beside hours.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {seconds}s"),
        (0, ..) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

/// How many files and folders of the system were left out of a walk, and the way to have them.
pub(crate) fn left_out(count: u64) -> String {
    let what = if count == 1 {
        "system file or folder"
    } else {
        "system files and folders"
    };
    format!("left out: {count} {what}; --system-files takes them")
}

/// Cuts the middle out of `text`, so that it is at most `width` columns: a file's name is known by
/// its beginning and its end.
pub(crate) fn cut_middle(text: &str, width: usize) -> String {
    if console::measure_text_width(text) <= width {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let (mut head, mut tail) = (characters.len() / 2, characters.len() / 2);
    loop {
        let cut: String = characters[..head]
            .iter()
            .chain(&['…'])
            .chain(&characters[tail..])
            .collect();
        if console::measure_text_width(&cut) <= width || (head == 0 && tail == characters.len()) {
            return cut;
        }
        // Three of the beginning go for each two of the end, where the extension is.
        if head * 2 > (characters.len() - tail) {
            head -= 1;
        } else {
            tail += 1;
        }
    }
}

#[cfg(test)]
mod tests;
