//! A ledger killed in the middle of its commits opens again, whole, with all that was acknowledged.
//!
//! The process that dies writes groups as fast as it can and prints which are committed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::again;
use crate::ledger::{Durability, Ledger, Listing, Op};
use crate::model::FileVersion;
use crate::recorder::admissions;
use crate::source::Cells;

/// Rows in a group.
const GROUP: u64 = 16;

const LEDGER: &str = "MAVI_CRASH_LEDGER";

/// Printed once a group is on disk; nothing else on stdout begins so.
const COMMITTED: &str = "committed ";

#[test]
#[ignore = "the test below runs it, as a process of its own"]
fn child() {
    let mut ledger = Ledger::open(Path::new(&std::env::var(LEDGER).unwrap())).unwrap();
    let columns = Cells::encode([b"path".as_slice()]);
    let run = ledger.begin_run(Path::new("/report.csv"), columns).unwrap();
    println!();
    for group in 0.. {
        let rows = group * GROUP..(group + 1) * GROUP;
        let rows = admissions(&ledger, run.id, rows.map(listing).collect()).unwrap();
        let op = Op::Admit { run: run.id, rows };
        ledger.commit(Durability::Synced, &[op]).unwrap();
        println!("{COMMITTED}{group}");
    }
}

fn listing(no: u64) -> Listing {
    let (size, mtime_ns) = (no + 1, 0);
    let path = format!("/library/{no}.mp4");
    Listing::of(no, &path, FileVersion { size, mtime_ns })
}

#[test]
fn case_107_killed_while_it_commits_a_ledger_keeps_what_it_acknowledged() {
    let kills = std::env::var("MAVI_COMMIT_KILLS").map_or(15, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut random = fastrand::Rng::with_seed(107);
    let (mut acknowledged, mut unreported) = (0, 0);
    for run in 1..=kills {
        let reported = groups_until_killed(&path, Duration::from_micros(random.u64(0..100_000)));
        let kept = whole_groups(&path, run);
        // The last group may have been committed without being reported, and no more than that.
        assert!(
            kept == reported || kept == reported + 1,
            "{kept} groups kept, {reported} reported"
        );
        acknowledged += reported;
        unreported += kept - reported;
    }
    println!(
        "{kills} kills among {acknowledged} commits: all kept, {unreported} more kept unreported, integrity ok {kills} times"
    );
}

/// Starts the child, kills it `delay` after its first commit, and returns the groups it reported.
fn groups_until_killed(ledger: &Path, delay: Duration) -> u64 {
    let mut child = again(concat!(module_path!(), "::child"))
        .env(LEDGER, ledger)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with(COMMITTED) {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "it commits");
    }
    // Read while it writes: a full pipe would stop it.
    let rest = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        text
    });
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    let text = line + &rest.join().unwrap();
    let lines = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    lines.filter(|line| line.starts_with(COMMITTED)).count() as u64
}

/// The groups of a run: each is there as a whole, and none is missing before another.
fn whole_groups(ledger: &Path, run: i64) -> u64 {
    // As the next run does it: this recovers the write-ahead log.
    drop(Ledger::open(ledger).unwrap());
    let ledger = rusqlite::Connection::open(ledger).unwrap();
    let check = ledger.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    assert_eq!(check, Ok("ok".to_owned()));
    let sql = "SELECT count(*), coalesce(max(no) + 1, 0) FROM row WHERE run = ?1";
    let (rows, end): (i64, i64) = ledger
        .query_row(sql, [run], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(rows, end);
    let rows = u64::try_from(rows).unwrap();
    assert_eq!(rows % GROUP, 0);
    rows / GROUP
}
