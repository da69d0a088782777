//! The page's content, without a browser: whatever the ledger holds, it is whole, and it is quiet.

use std::path::PathBuf;

use super::About;
use super::document::render;
use crate::ledger::{
    Bin, Bucket, FailedRow, FailureCause, JobSurvey, RowTotals, RunTimeline, RunTimes, SlowFile,
    Status, Total,
};

const HOSTILE: &str = "<script>alert(\"x\")</script> '&\u{1b}]52;\u{7}\u{202e}gpj.mp4";

fn about() -> About {
    About {
        ledger: PathBuf::from("/job/<u>.db"),
        writer: None,
        now: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn page(survey: &JobSurvey) -> String {
    let page = render(survey, &about()).unwrap();
    for bad in [
        "NaN",
        "inf%",
        "width=\"-",
        "<script",
        "<u>",
        "src=",
        "href=",
    ] {
        assert!(!page.contains(bad), "{bad} in {page}");
    }
    let is_shown = |c: char| c == '\n' || crate::text::is_harmless(c);
    assert!(page.chars().all(is_shown));
    assert_eq!(opened(&page), Vec::<&str>::new(), "left open");
    page
}

/// The elements that a page opens and does not close, in order.
fn opened(page: &str) -> Vec<&str> {
    let mut open = Vec::new();
    for tag in page.split('<').skip(1) {
        let name = tag
            .split([' ', '>', '/', '\n'])
            .find(|part| !part.is_empty());
        let name = name.unwrap();
        let stands_alone = ["meta", "line", "!doctype", "!--"].contains(&name);
        if stands_alone || tag.split('>').next().unwrap().ends_with('/') {
            continue;
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "closed in the wrong order: <{tag}");
        } else {
            open.push(name);
        }
    }
    open
}

fn total(count: u64, bytes: u64) -> Total {
    Total { count, bytes }
}

fn timeline(number: i64, ended: bool, buckets: Vec<Bucket>) -> RunTimeline {
    let at = "2026-01-02T03:04:05.678Z".to_owned();
    RunTimeline {
        times: RunTimes {
            number,
            started_at: at.clone(),
            ended_at: ended.then_some(at),
            listed: true,
            report: "/r.csv".into(),
        },
        took_ms: 250 * buckets.len() as u64,
        bucket_ms: 250,
        buckets,
        slowest: vec![SlowFile {
            path: HOSTILE.into(),
            size: 7_000_000,
            begun_ms: 0,
            sending_ms: 100,
            sent_ms: 200,
            ended_ms: 400,
            status: Status::Failed,
        }],
    }
}

fn busy() -> Bucket {
    Bucket {
        bytes: 1_000_000,
        sending_ms: 300,
        waiting_ms: 100,
        throttles: [0, 2, 0],
        polls: 3,
        confirmed: 2,
        ..Bucket::default()
    }
}

#[test]
fn case_137_names_and_words_of_others_are_text_and_nothing_else() {
    let survey = JobSurvey {
        rows: RowTotals {
            success: total(2, 9),
            failed: total(500, 7_000_000),
            ..RowTotals::default()
        },
        causes: vec![FailureCause {
            code: "api_<u>".to_owned(),
            total: total(500, 7_000_000),
            example: HOSTILE.into(),
            error: HOSTILE.to_owned(),
        }],
        failures: vec![FailedRow {
            no: 1_233,
            path: HOSTILE.into(),
            bytes: None,
            attempts: 3,
            code: "api_<u>".to_owned(),
            error: HOSTILE.to_owned(),
        }],
        timelines: vec![timeline(1, true, vec![busy(); 3])],
        ..JobSurvey::default()
    };
    let page = page(&survey);
    let shown = "&lt;script&gt;alert(&quot;x&quot;)&lt;";
    // In the cause twice, in the table twice; the bars and the slowest have the end of the path.
    assert!(page.matches(shown).count() >= 4, "{page}");
    assert!(page.contains(r"\x1b]52;\x07\u{202e}gpj.mp4"));
    assert!(page.contains("2 of 502 files uploaded and confirmed; 500 failed."));
    assert!(page.contains("The first 1 of 500, in input order"));
    assert!(page.contains("after 250 ms: send rate-limited 2 times"));
    assert!(page.contains(">1,234<"));
}

#[test]
fn an_empty_library_and_one_file_look_right() {
    assert!(page(&JobSurvey::default()).contains("<h1>The input had no files.</h1>"));
    let one = JobSurvey {
        rows: RowTotals {
            success: total(1, 0),
            ..RowTotals::default()
        },
        sizes: vec![Bin {
            digits: 1,
            lead: 0,
            count: 1,
        }],
        delays: vec![Bin {
            digits: 4,
            lead: 2,
            count: 1,
        }],
        timelines: vec![timeline(1, true, vec![Bucket::default()])],
        ..JobSurvey::default()
    };
    let page = page(&one);
    assert!(page.contains("The file is uploaded and confirmed."));
    assert!(page.contains("2 s to 5 s: 1 file, 100 %"));
}

#[test]
fn case_056_runs_that_were_killed_and_clocks_that_jump_are_told() {
    let mut killed = timeline(2, false, vec![busy(); 1_000]);
    // A killed run writes no time down.
    killed.took_ms = 0;
    let survey = JobSurvey {
        runs: 3,
        rows: RowTotals {
            not_started: total(12, 80),
            ..RowTotals::default()
        },
        backwards: 2,
        timelines: vec![timeline(1, true, vec![busy(); 9]), killed],
        ..JobSurvey::default()
    };
    let page = page(&survey);
    assert!(page.contains("The last run was cut short"));
    assert!(page.contains("The clock of the computer was set back during the upload: 2 files"));
    assert!(page.contains("0 of 12 files uploaded and confirmed; 12 not started."));
    assert!(page.matches("class=\"hover\"").count() <= 2 * 400);
    assert!(page.contains(", run 2: "));
}
