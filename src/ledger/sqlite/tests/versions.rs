//! Ledgers of earlier versions go on.

use super::*;
use crate::ledger::types::{Bucket, SlowFile};

/// A ledger as the version with these scripts left it.
fn made_by(scripts: &[&str], rows: &str) -> Folder {
    let folder = Folder::new();
    let connection = rusqlite::Connection::open(folder.ledger()).unwrap();
    for script in scripts {
        connection.execute_batch(script).unwrap();
    }
    connection
        .execute_batch("PRAGMA foreign_keys = OFF")
        .unwrap();
    connection.execute_batch(rows).unwrap();
    let version = i64::try_from(scripts.len()).unwrap();
    let pragmas = [("user_version", version), ("application_id", 0x4d41_5649)];
    for (name, value) in pragmas {
        connection.pragma_update(None, name, value).unwrap();
    }
    folder
}

#[test]
fn a_ledger_of_the_first_version_is_brought_up_by_whoever_opens_it() {
    for reads in [false, true] {
        let rows = "INSERT INTO run VALUES (1, '2026-01-01T00:00:00Z', NULL, '/r.csv', 'path', 1);
             INSERT INTO file VALUES (1, '/a.mp4', 5, 7, 1, 1, NULL, NULL, 0, 1, 0);
             INSERT INTO asset VALUES (1, 're_1', 1, 'confirmed', NULL, 5, 7, 'aa', NULL, NULL,
               '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z');
             INSERT INTO row VALUES (1, 0, 1, '/a.mp4', NULL, NULL, 1, NULL, NULL, NULL);";
        let folder = made_by(&[include_str!("../schema_1.sql")], rows);
        if reads {
            let reader = Reader::open(&folder.ledger()).unwrap();
            let run = reader.latest_run().unwrap().unwrap().id;
            let row = reader.report_rows(run, &[0]).unwrap().remove(0);
            assert_eq!(
                (row.status, row.asset_id.as_deref(), row.error_code),
                (Status::Success, Some("re_1"), None)
            );
            let survey = reader.survey(9).unwrap();
            assert_eq!(
                (survey.rows.success.count, survey.timelines),
                (1, Vec::new())
            );
        }
        let mut ledger = Ledger::open(&folder.ledger()).unwrap();
        let run = begin(&mut ledger);
        let admitted = admit(&mut ledger, run, listing(0, "/a.mp4"));
        assert!(matches!(admitted, Admission::Skipped { .. }));
    }
}

#[test]
fn the_timelines_of_the_fourth_version_keep_their_numbers() {
    let scripts = [
        include_str!("../schema_1.sql"),
        include_str!("../schema_2.sql"),
        include_str!("../schema_3.sql"),
        include_str!("../schema_4.sql"),
    ];
    let rows = "INSERT INTO run (id, started_at, report, columns, listed, slot_ms, took_ms)
         VALUES (1, '2026-01-01T00:00:00Z', '/r.csv', 'path', 1, 250, 900);
         INSERT INTO slot VALUES (1, 0, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
         INSERT INTO slow VALUES (1, '/a.mp4', 5, 1, 2, 3, 9, 'confirmed'),
           (1, '/b.mp4', 5, 1, 2, 3, 8, 'failed'), (1, '/c.mp4', 5, 1, 2, 3, 7, 'pending');";
    let folder = made_by(&scripts, rows);
    let untouched = Reader::open_untouched(&folder.ledger());
    assert!(matches!(untouched, Err(LedgerError::Older { .. })));
    let survey = Reader::open(&folder.ledger()).unwrap().survey(9).unwrap();
    let timeline = &survey.timelines[0];
    assert_eq!((timeline.bucket_ms, timeline.took_ms), (250, 900));
    let bucket = Bucket {
        bytes: 11,
        waiting_ms: 12,
        sending_ms: 13,
        confirming_ms: 14,
        down_ms: 15,
        sent: 16,
        confirmed: 17,
        failed: 18,
        polls: 19,
        retries: 20,
        throttles: [21, 22, 23],
    };
    assert_eq!(timeline.buckets, [bucket]);
    let status = |file: &SlowFile| file.status;
    let statuses: Vec<_> = timeline.slowest.iter().map(status).collect();
    assert_eq!(statuses, [Status::Success, Status::Failed, Status::Pending]);
}
