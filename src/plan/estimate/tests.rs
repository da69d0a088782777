use super::*;
use crate::decision::Rules;
use crate::ledger::Total;
use crate::model::Rates;
use crate::pipeline::{Concurrency, Via};
use crate::plan::Speeds;
use crate::plan::calls::CallCounts;

fn options() -> PlanOptions {
    PlanOptions {
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

fn files(count: u64, bytes: u64) -> Workload {
    Workload {
        rows: count,
        new: Total { count, bytes },
        calls: CallCounts {
            sign: count,
            send: count,
            status: count,
        },
        ..Workload::default()
    }
}

fn binds(workload: &Workload, options: &PlanOptions) -> Option<(u64, Resource)> {
    let binding = estimate(workload, options, Time::midnight()).binding();
    binding.map(|limit| (limit.time.as_secs(), limit.resource))
}

#[test]
fn the_longest_of_calls_line_bandwidth_and_disk_binds() {
    let (workload, mut options) = (files(101, 101_000_000), options());
    assert_eq!(binds(&workload, &options), Some((102, Resource::Sign)));
    options.rates.poll = 0.5;
    assert_eq!(binds(&workload, &options), Some((202, Resource::Status)));
    options.line = Some(101_000.0);
    assert_eq!(binds(&workload, &options), Some((1_002, Resource::Line)));
    options.bandwidth = "50500B".parse().unwrap();
    assert_eq!(
        binds(&workload, &options),
        Some((2_002, Resource::Bandwidth))
    );
    let speeds = Some(Speeds {
        read: 1_000.0,
        hash: 1e9,
        sample: 1 << 20,
    });
    let slow = Workload { speeds, ..workload };
    assert_eq!(binds(&slow, &options), Some((101_000, Resource::Disk)));
}

#[test]
fn the_last_file_still_has_to_go_and_to_be_looked_at() {
    let mut options = options();
    options.line = Some(1_000_000.0);
    // One file of 10 MB: its call is free, its bytes and its poll are not.
    assert_eq!(
        binds(&files(1, 10_000_000), &options),
        Some((12, Resource::Line))
    );
    assert_eq!(
        binds(&files(100, 1_000_000_000), &options),
        Some((1_002, Resource::Line))
    );
    assert_eq!(binds(&files(10, 10), &options), Some((11, Resource::Sign)));
    options.poll_interval = None;
    assert_eq!(
        binds(&files(1, 10_000_000), &options),
        Some((10, Resource::Line))
    );
    assert_eq!(binds(&files(0, 0), &options), None);
}

#[test]
fn without_limits_and_without_a_line_nothing_is_known() {
    let mut options = options();
    options.rates = Rates {
        sign: 0.0,
        upload: 0.0,
        poll: 0.0,
    };
    assert_eq!(binds(&files(10, 1_000), &options), None);
}
