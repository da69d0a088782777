//! Numbers in words: counts, sizes, rates, times, as the page shows them. Pure.

use bytesize::ByteSize;

/// `1,234,567`
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 file`, `2 files`
pub(super) fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", count(number))
}

/// Bytes in decimal units, as the service bills them.
pub(super) fn size(bytes: u64) -> String {
    ByteSize(bytes)
        .display()
        .si()
        .to_string()
        .replace(".0 ", " ")
}

pub(super) fn rate(bytes_a_second: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate for people"
    )]
    let bytes = bytes_a_second.round() as u64;
    format!("{}/s", size(bytes))
}

/// Two units at the most: seconds do not matter beside hours.
pub(super) fn time(ms: u64) -> String {
    let seconds = ms / 1000;
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes, seconds) {
        (0, 0, 0, 0) => format!("{ms} ms"),
        (0, 0, 0, 1..10) if ms % 1000 >= 50 => format!("{:.1} s", real(ms) / 1000.0),
        (0, 0, 0, _) => format!("{rest} s"),
        (0, 0, _, _) if rest == 0 => format!("{minutes} min"),
        (0, 0, ..) => format!("{minutes} min {rest} s"),
        (0, _, 0, _) => format!("{hours} h"),
        (0, ..) => format!("{hours} h {minutes} min"),
        (_, 0, ..) => format!("{days} d"),
        _ => format!("{days} d {hours} h"),
    }
}

/// One digit behind the point where it matters.
pub(super) fn decimal(number: f64) -> String {
    let number = (number * 10.0).round() / 10.0;
    if number >= 100.0 || number.fract() < 0.05 {
        format!("{number:.0}")
    } else {
        format!("{number:.1}")
    }
}

/// `12.5 %` of a whole. Only the whole is `100 %`, and only nothing is `0 %`.
pub(super) fn share(part: u64, whole: u64) -> String {
    let percent = 100.0 * real(part) / real(whole.max(1));
    match percent {
        p if part > 0 && p < 0.1 => "under 0.1 %".to_owned(),
        p if part < whole && p > 99.9 => "over 99.9 %".to_owned(),
        p => format!("{} %", decimal(p)),
    }
}

/// A part of a bar in thousandths. A part that is not empty can be seen, however small.
pub(super) fn thousandths(part: u64, whole: u64) -> f64 {
    if part == 0 {
        return 0.0;
    }
    (1000.0 * real(part) / real(whole.max(1))).max(4.0).round()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(super) fn real(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
