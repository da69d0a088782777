use super::*;
use crate::decision::Rules;
use crate::ledger::Total;
use crate::model::Rates;
use crate::pipeline::{Concurrency, Via};
use crate::plan::{Calls, Speeds};

fn terms() -> Terms {
    Terms {
        rules: Rules::default(),
        via: Via::SignedUrl,
        rates: Rates::default(),
        concurrency: Concurrency::default(),
        bandwidth: "off".parse().unwrap(),
        line: None,
        poll_interval: Some(Duration::from_secs(2)),
        dedupe: false,
        preflight: false,
    }
}

fn files(count: u64, bytes: u64) -> Survey {
    Survey {
        rows: count,
        new: Total { count, bytes },
        calls: Calls {
            sign: count,
            send: count,
            status: count,
        },
        ..Survey::default()
    }
}

fn binds(survey: &Survey, terms: &Terms) -> Option<(u64, Resource)> {
    let binding = outlook(survey, terms, Time::midnight()).binding();
    binding.map(|limit| (limit.time.as_secs(), limit.resource))
}

#[test]
fn the_longest_of_calls_line_bandwidth_and_disk_binds() {
    let (survey, mut terms) = (files(101, 101_000_000), terms());
    assert_eq!(binds(&survey, &terms), Some((102, Resource::Sign)));
    terms.rates.poll = 0.5;
    assert_eq!(binds(&survey, &terms), Some((202, Resource::Status)));
    terms.line = Some(101_000.0);
    assert_eq!(binds(&survey, &terms), Some((1_002, Resource::Line)));
    terms.bandwidth = "50500B".parse().unwrap();
    assert_eq!(binds(&survey, &terms), Some((2_002, Resource::Bandwidth)));
    let speeds = Some(Speeds {
        read: 1_000.0,
        hash: 1e9,
        sample: 1 << 20,
    });
    let slow = Survey { speeds, ..survey };
    assert_eq!(binds(&slow, &terms), Some((101_000, Resource::Disk)));
}

#[test]
fn the_last_file_still_has_to_go_and_to_be_looked_at() {
    let mut terms = terms();
    terms.line = Some(1_000_000.0);
    // One file of 10 MB: its call is free, its bytes and its look are not.
    assert_eq!(
        binds(&files(1, 10_000_000), &terms),
        Some((12, Resource::Line))
    );
    assert_eq!(
        binds(&files(100, 1_000_000_000), &terms),
        Some((1_002, Resource::Line))
    );
    assert_eq!(binds(&files(10, 10), &terms), Some((11, Resource::Sign)));
    terms.poll_interval = None;
    assert_eq!(
        binds(&files(1, 10_000_000), &terms),
        Some((10, Resource::Line))
    );
    assert_eq!(binds(&files(0, 0), &terms), None);
}

#[test]
fn without_limits_and_without_a_line_nothing_is_known() {
    let mut terms = terms();
    terms.rates = Rates {
        sign: 0.0,
        upload: 0.0,
        poll: 0.0,
    };
    assert_eq!(binds(&files(10, 1_000), &terms), None);
}
