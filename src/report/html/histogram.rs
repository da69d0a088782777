//! How many files are how large, or took how long: bins of 1, 2 and 5 in every decade. Pure.

use super::figures::{self, count, real, share};
use super::svg::{Anchor, Drawing};
use crate::ledger::Bin;

/// A bin begins at one of these digits.
const LEADS: [u32; 3] = [1, 2, 5];

const TOP: f64 = 16.0;
const PLOT: f64 = 130.0;
const LABELS: f64 = 20.0;

/// Draws the numbers of `bins`. `unit` puts one into words, `what` says what is counted.
pub(super) fn histogram(bins: &[Bin], what: &str, unit: fn(u64) -> String) -> Option<String> {
    let columns = columns(bins);
    let most = columns.iter().map(|column| column.count).max()?;
    let all = columns.iter().map(|column| column.count).sum::<u64>();
    let mut drawing = Drawing::new(TOP + PLOT + LABELS, &format!("{what}: {}", count(all)));
    let width = 100.0 / real(columns.len() as u64);
    drawing.across("grid", TOP);
    drawing.words(
        0.0,
        TOP - 4.0,
        Anchor::Start,
        &figures::counted(most, "file"),
    );
    for (i, column) in columns.iter().enumerate() {
        let x = width * real(i as u64);
        if column.count > 0 {
            // However few they are, they can be seen.
            let height = (PLOT * real(column.count) / real(most)).max(2.0);
            let title = format!(
                "{}: {}, {}",
                column.range(unit),
                figures::counted(column.count, "file"),
                share(column.count, all)
            );
            let (x, y) = (
                [x + width * 0.06, width * 0.88],
                [TOP + PLOT - height, height],
            );
            drawing.bar("column", x, y, &title);
        }
    }
    drawing.across("base", TOP + PLOT);
    edges(&mut drawing, &columns, width, unit);
    Some(drawing.done())
}

/// Labels of the edges, where there is room.
fn edges(drawing: &mut Drawing, columns: &[Column], width: f64, unit: fn(u64) -> String) {
    let mut free_from = 0.0;
    for (i, column) in columns.iter().enumerate() {
        let x = width * real(i as u64);
        let is_round = columns.len() <= 5 || column.lead == 1 || column.from == 0;
        if is_round && x >= free_from && x <= 88.0 {
            drawing.down("tick", x, [TOP + PLOT, TOP + PLOT + 4.0]);
            let y = TOP + PLOT + 15.0;
            drawing.words(x, y, Anchor::Start, &unit(column.from));
            free_from = x + 17.0;
        }
    }
}

/// Upper bounds of half of the numbers, and of 95 %, as exact as first digits are.
pub(super) fn quantiles(bins: &[Bin]) -> Option<[u64; 2]> {
    let all = bins.iter().map(|bin| bin.count).sum::<u64>();
    if all == 0 {
        return None;
    }
    let mut bins = bins.to_vec();
    bins.sort_by_key(|bin| (bin.digits, bin.lead));
    let reach = |percent: u64| {
        let mut seen = 0;
        let found = bins.iter().find(|bin| {
            seen += bin.count;
            seen * 100 >= all * percent
        });
        found.map_or(0, |bin| u64::from(bin.lead + 1) * power(bin.digits))
    };
    Some([reach(50), reach(95)])
}

#[derive(Debug)]
struct Column {
    lead: u32,
    from: u64,
    to: u64,
    count: u64,
}

impl Column {
    fn range(&self, unit: fn(u64) -> String) -> String {
        format!("{} to {}", unit(self.from), unit(self.to))
    }
}

fn power(digits: u32) -> u64 {
    10_u64.saturating_pow(digits.saturating_sub(1))
}

/// From the first bin that holds something to the last.
fn columns(bins: &[Bin]) -> Vec<Column> {
    let digits = bins.iter().map(|bin| bin.digits).max().unwrap_or_default();
    let zero = Column {
        lead: 0,
        from: 0,
        to: 1,
        count: counted(bins, 1, 0..1),
    };
    let mut columns = vec![zero];
    for digits in 1..=digits {
        for (lead, next) in LEADS.into_iter().zip([2, 5, 10]) {
            columns.push(Column {
                lead,
                from: u64::from(lead) * power(digits),
                to: u64::from(next).saturating_mul(power(digits)),
                count: counted(bins, digits, lead..next),
            });
        }
    }
    let holds = |column: &Column| column.count > 0;
    let Some(first) = columns.iter().position(holds) else {
        return Vec::new();
    };
    let last = columns.iter().rposition(holds).unwrap_or(first);
    columns.drain(first..=last).collect()
}

fn counted(bins: &[Bin], digits: u32, leads: std::ops::Range<u32>) -> u64 {
    let bins = bins
        .iter()
        .filter(|bin| bin.digits == digits && leads.contains(&bin.lead));
    bins.map(|bin| bin.count).sum()
}
