//! Where an axis is marked: at a few round numbers. Pure.

use super::figures::real;

/// The most marks beyond the first: more would overlap on a phone.
const MOST: u64 = 4;

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Steps between two marks, from a second to a day; shorter and longer steps go by tens.
const TIMES: [u64; 18] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    20 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
];

/// Whole numbers from 0 on; the last is `most` or a little more.
pub(super) fn levels(most: f64) -> Vec<f64> {
    let step = by_tens().find(|step| most <= real(step * MOST));
    let step = real(step.unwrap_or(u64::MAX));
    let above = (1..=MOST).find(|number| most <= step * real(*number));
    let levels = 0..=above.unwrap_or(MOST);
    levels.map(|number| step * real(number)).collect()
}

/// The round moments, in ms, of the time between these two.
pub(super) fn moments(from: u64, to: u64) -> Vec<u64> {
    let long = to.saturating_sub(from);
    let short = by_tens().take_while(|step| *step < SECOND);
    let days = by_tens().skip(1).filter_map(|days| days.checked_mul(DAY));
    let mut steps = short.chain(TIMES).chain(days);
    let fits = |step: &u64| step.checked_mul(MOST).is_none_or(|most| long <= most);
    let step = steps.find(fits).unwrap_or(DAY);
    let first = from.div_ceil(step).checked_mul(step);
    let moments = std::iter::successors(first, |at| at.checked_add(step));
    moments.take_while(|at| *at <= to).collect()
}

/// 1, 2, 5, 10, 20 and so on, beyond any number of bytes, files or days.
fn by_tens() -> impl Iterator<Item = u64> {
    let tens = (0..17).map(|power| 10_u64.pow(power));
    tens.flat_map(|ten| [ten, 2 * ten, 5 * ten])
}

#[cfg(test)]
mod tests;
