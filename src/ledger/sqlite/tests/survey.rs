//! What is aggregated agrees with what is read row by row; timelines stay small.

use super::*;
use crate::ledger::types::{Bin, Bucket, RowFilter, RowTotals, SlowFile, TimelineChange};
use crate::model::{ErrorCode, RowFailure};

fn change(from: u64, buckets: Vec<Bucket>) -> TimelineChange {
    TimelineChange {
        took_ms: 900,
        bucket_ms: 250,
        from,
        buckets,
        slowest: None,
    }
}

fn fail(ledger: &mut Ledger, file: FileId, deferred: bool) {
    let (failure, posts) = (RowFailure::new(ErrorCode::Network, "reset"), 1);
    let fact = if deferred {
        Fact::Deferred { failure, posts }
    } else {
        Fact::Failed { failure, posts }
    };
    apply(ledger, file, &fact);
}

/// Rows of every status, for every reason.
fn everything(ledger: &mut Ledger) -> RunId {
    let run = begin(ledger);
    for no in 0..7 {
        admit(ledger, run, listing(no, &format!("/{no}.mp4")));
    }
    admit(ledger, run, listing(7, "/0.mp4"));
    let mut refused = listing(8, "/8.mp4");
    refused.version = Err(RowFailure::new(ErrorCode::NotFound, "no such file"));
    admit(ledger, run, refused);
    let jobs = ledger.jobs(run, Pass::First, None, 9).unwrap();
    let file = |no: usize| jobs[no].1.file;
    confirm(ledger, file(0), "re_0");
    for no in [1, 2, 3, 4] {
        let allotted = Fact::Allotted(asset(&format!("re_{no}")));
        apply(ledger, file(no), &allotted);
    }
    for no in [2, 3] {
        let sent = Fact::Sent {
            asset_id: AssetId::parse(&format!("re_{no}")).unwrap(),
            sha256: Sha256([9; 32]),
            posts: 1,
            at: Timestamp::UNIX_EPOCH,
        };
        apply(ledger, file(no), &sent);
    }
    fail(ledger, file(3), false);
    fail(ledger, file(4), false);
    fail(ledger, file(5), true);
    commit(ledger, Op::EndListing(run));
    run
}

#[test]
fn rows_are_counted_as_the_report_has_them() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let run = everything(&mut ledger);
    let mut rows = RowTotals::default();
    let read = ledger.each_row(run, RowFilter::All, |row| {
        rows.of(row.status).count += 1;
        Ok::<_, LedgerError>(())
    });
    read.unwrap();
    let survey = ledger.survey(2).unwrap();
    let counts = |rows: RowTotals| {
        [rows.success, rows.failed, rows.pending, rows.not_started].map(|total| total.count)
    };
    assert_eq!(counts(survey.rows), counts(rows));
    assert_eq!(counts(rows), [2, 3, 1, 3]);
    let causes: Vec<_> = survey
        .causes
        .iter()
        .map(|c| (c.code.as_str(), c.total.count))
        .collect();
    assert_eq!(causes, [("network", 2), ("not_found", 1)]);
    let first = &survey.causes[0];
    assert_eq!(
        (first.example.as_path(), first.error.as_str()),
        (Path::new("/3.mp4"), "reset")
    );
    let failures: Vec<_> = survey.failures.iter().map(|row| row.no).collect();
    assert_eq!(failures, [3, 4], "no more than were asked for");
    let fives = |bins: &[Bin]| {
        bins.iter()
            .filter(|b| (b.digits, b.lead) == (1, 5))
            .map(|b| b.count)
            .sum::<u64>()
    };
    assert_eq!(fives(&survey.sizes), 8);
    assert_eq!(survey.delays.iter().map(|bin| bin.count).sum::<u64>(), 1);
}

#[test]
fn case_056_a_clock_that_was_set_back_makes_no_delay() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let run = everything(&mut ledger);
    let sql = "UPDATE asset SET confirmed_at = '1969-12-31T23:00:00Z' WHERE state = 'confirmed'";
    ledger.connection.execute(sql, []).unwrap();
    let survey = ledger.survey(9).unwrap();
    assert_eq!((survey.backwards, survey.delays), (1, Vec::new()));
    assert_eq!(survey.rows_of_run, Some(run.0));
}

#[test]
fn a_timeline_is_kept_from_the_bucket_that_changed_on_and_only_that_of_the_latest_runs() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let bucket = |bytes| Bucket {
        bytes,
        throttles: [1, 2, 3],
        ..Bucket::default()
    };
    let clip = SlowFile {
        path: "/a.mp4".into(),
        size: 5,
        begun_ms: 1,
        sending_ms: 2,
        sent_ms: 3,
        ended_ms: 4,
        status: Status::Pending,
    };
    for _ in 0..40 {
        let run = begin(&mut ledger);
        let change0 = change(0, vec![bucket(1), bucket(2)]);
        commit(
            &mut ledger,
            Op::Timeline {
                run,
                change: change0,
            },
        );
        let next = TimelineChange {
            slowest: Some(vec![clip.clone()]),
            ..change(1, vec![bucket(7), bucket(8)])
        };
        commit(&mut ledger, Op::Timeline { run, change: next });
    }
    let timelines = ledger.survey(9).unwrap().timelines;
    assert_eq!((timelines.len(), timelines[0].times.number), (32, 9));
    let last = timelines.last().unwrap();
    assert_eq!(last.buckets, [bucket(1), bucket(7), bucket(8)]);
    assert_eq!(
        (last.took_ms, last.slowest.as_slice()),
        (900, [clip].as_slice())
    );
}
