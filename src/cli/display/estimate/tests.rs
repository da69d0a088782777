use super::*;
use mavi_upload::event::{Event, Listed};
use mavi_upload::model::Rates;

fn listed(files: u64, bytes: u64) -> RunProgress {
    let mut run = RunProgress::default();
    let listed = Listed {
        rows: files,
        todo: files,
        bytes,
        ..Listed::default()
    };
    run.observe(&Event::Listed(listed), Instant::now());
    run
}

#[test]
fn the_longest_of_bytes_files_and_status_checks_is_the_bottleneck() {
    let seconds = |run: &RunProgress, throughput| {
        time_left(run, throughput).map(|(left, bottleneck)| (left.as_secs(), bottleneck))
    };
    assert_eq!(
        seconds(&listed(10, 1_000), 1.0),
        Some((1_000, Bottleneck::UploadSpeed))
    );
    assert_eq!(
        seconds(&listed(10, 1_000), 1_000.0),
        Some((10, Bottleneck::Confirmation))
    );
    assert_eq!(
        seconds(&listed(10, 1_000), 0.0),
        None,
        "the connection is not known yet"
    );
    let mut slow = listed(10, 1_000);
    slow.rates.sign = 0.5;
    assert_eq!(
        seconds(&slow, 1_000.0),
        Some((20, Bottleneck::AccountLimit))
    );
    let mut unlimited = listed(10, 1_000);
    unlimited.rates = Rates {
        sign: 0.0,
        upload: 0.0,
        poll: 0.0,
    };
    assert_eq!(
        seconds(&unlimited, 10.0),
        Some((100, Bottleneck::UploadSpeed))
    );
    slow.down.push("storage".to_owned());
    assert_eq!(
        time_left(&slow, 1.0).map(|(_, bottleneck)| bottleneck),
        Some(Bottleneck::Outage)
    );
}

#[test]
fn the_throughput_is_that_of_the_last_half_minute() {
    let (mut throughput, start) = (Throughput::default(), Instant::now());
    let second = Duration::from_secs(1);
    for i in 0..100 {
        throughput.sample(start + second * i, 0);
    }
    let mut last = 0.0;
    for i in 100..140_u32 {
        last = throughput.sample(start + second * i, u64::from(i - 99) * 100);
    }
    assert!((95.0..=105.0).contains(&last), "{last}");
    assert!(throughput.0.len() <= 33);
}
